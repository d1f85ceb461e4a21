"""Imported hashes that cost something: PBKDF2, bcrypt, scrypt and Argon2, as Django writes them and as others do."""

import base64
import binascii
import hashlib

import bcrypt
from argon2.low_level import Type, hash_secret_raw

from portals.legacy.hashes.scheme import Scheme, TooCostly, UnknownHash, Work

NO_SALT = b"." * 22  # for work whose result nobody looks at
MOST_SCRYPT, MOST_ARGON2 = 64 * 1024**2, 128 * 1024  # memory: bytes; KiB
MOST_LANES = 16  # of scrypt and Argon2
PBKDF2 = {"pbkdf2_sha1": 200, "pbkdf2_sha256": 200, "pbkdf2_sha512": 400}  # nanoseconds an iteration


class Pbkdf2(Scheme):
    """`pbkdf2$sha256$iterations$salt$digest`, salt and digest as hex. Parameters: `sha256$iterations$salt$length`."""

    key = "pbkdf2"
    fresh_salts = False
    pattern = r"pbkdf2\$((?:sha1|sha256|sha512)\$[1-9][0-9]{0,7}\$(?:[0-9a-f]{2}){1,100})\$((?:[0-9a-f]{2}){16,64})"

    def parse(self, text: str) -> tuple[str, str] | None:
        found = super().parse(text.lower())
        return (f"{found[0]}${len(found[1]) // 2}", found[1]) if found else None

    def digest(self, parameters: str, password: str) -> str:
        name, iterations, salt, length = parameters.split("$")
        return _pbkdf2(name, password.encode(), bytes.fromhex(salt), int(iterations), int(length)).hex()

    def work(self, parameters: str) -> Work:
        name, iterations, _salt, length = parameters.split("$")
        blocks = -(-int(length) // hashlib.new(name).digest_size)  # each block of output costs all iterations
        return Work(f"pbkdf2_{name}", int(iterations) * blocks)

    def cost(self, work: Work) -> int:
        return work.amount * PBKDF2[work.kind]

    def spend(self, work: Work) -> None:
        _pbkdf2(work.kind.removeprefix("pbkdf2_"), b"", NO_SALT, work.amount, None)


class DjangoPbkdf2(Pbkdf2):
    """`pbkdf2_sha256$iterations$salt$base64`."""

    fresh_salts = True

    def __init_subclass__(cls) -> None:
        cls.pattern = rf"{cls.key}\$([1-9][0-9]{{0,7}}\$[^$]{{1,200}})\$([A-Za-z0-9+/]{{20,86}}={{0,2}})"

    def parse(self, text: str) -> tuple[str, str] | None:
        return Scheme.parse(self, text)

    def digest(self, parameters: str, password: str) -> str:
        iterations, salt = parameters.split("$")
        digest = _pbkdf2(self.key.removeprefix("pbkdf2_"), password.encode(), salt.encode(), int(iterations), None)
        return base64.b64encode(digest).decode()

    def work(self, parameters: str) -> Work:
        return Work(self.key, int(parameters.split("$")[0]))


class DjangoPbkdf2Sha256(DjangoPbkdf2):
    key = "pbkdf2_sha256"


class DjangoPbkdf2Sha1(DjangoPbkdf2):
    key = "pbkdf2_sha1"


class Bcrypt(Scheme):
    """`$2a$`, `$2b$` or `$2y$`, with Django's `bcrypt$` or Spring's `{bcrypt}` before it or without. Only the first 72
    bytes count."""

    key = "bcrypt"
    nanoseconds = 55_000
    pattern = r"(?:bcrypt\$|\{bcrypt\})?(\$2[aby]\$[0-3][0-9]\$[./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{31})"

    def check(self, parameters: str) -> None:
        if self._rounds(parameters) < 4:
            raise UnknownHash

    def digest(self, parameters: str, password: str) -> str:
        return bcrypt.hashpw(self.typed(password)[:72], parameters.encode()).decode()[29:]

    def typed(self, password: str) -> bytes:
        """What is hashed."""
        return password.encode()

    def work(self, parameters: str) -> Work:
        return Work("bcrypt", 2 ** self._rounds(parameters))

    def spend(self, work: Work) -> None:
        for rounds in range(4, work.amount.bit_length()):
            if work.amount >> rounds & 1:
                bcrypt.hashpw(b"", f"$2b${rounds:02}$".encode() + NO_SALT)

    @staticmethod
    def _rounds(parameters: str) -> int:
        return int(parameters[4:6])


class BcryptSha256(Bcrypt):
    """Django's `bcrypt_sha256$$2b$...`: bcrypt over the hex of a SHA-256, so that long passwords count whole."""

    key = "bcrypt_sha256"
    pattern = r"bcrypt_sha256\$(\$2[aby]\$[0-3][0-9]\$[./A-Za-z0-9]{21}[.Oeu])([./A-Za-z0-9]{31})"

    def typed(self, password: str) -> bytes:
        return hashlib.sha256(password.encode()).hexdigest().encode()


class Scrypt(Scheme):
    """Django's `scrypt$n$salt$r$p$base64`."""

    key = "scrypt"
    nanoseconds = 250
    pattern = r"scrypt\$([1-9][0-9]{0,7}\$[^$]{1,200}\$[1-9][0-9]{0,2}\$[1-9][0-9]{0,2})\$([A-Za-z0-9+/]{20,90}={0,2})"

    def check(self, parameters: str) -> None:
        n, _salt, r, p = self._numbers(parameters)
        if n & (n - 1) or n < 2 or n.bit_length() > 16 * r:  # RFC 7914: less than 2 ** (128 * r / 8)
            raise UnknownHash
        if 128 * n * r > MOST_SCRYPT or p > MOST_LANES:
            raise TooCostly

    def digest(self, parameters: str, password: str) -> str:
        n, salt, r, p = self._numbers(parameters)
        return base64.b64encode(self._run(password.encode(), salt, n, r, p)).decode()

    def work(self, parameters: str) -> Work:
        n, _salt, r, p = self._numbers(parameters)
        return Work(f"scrypt {n} {r} {p}", 1)

    def cost(self, work: Work) -> int:
        n, r, p = map(int, work.kind.split()[1:])
        return work.amount * n * r * p * self.nanoseconds

    def spend(self, work: Work) -> None:
        n, r, p = map(int, work.kind.split()[1:])
        self._run(b"", NO_SALT, n, r, p)

    @staticmethod
    def _numbers(parameters: str) -> tuple[int, bytes, int, int]:
        n, salt, r, p = parameters.split("$")
        return int(n), salt.encode(), int(r), int(p)

    @staticmethod
    def _run(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=2 * MOST_SCRYPT, dklen=64)


class Argon2(Scheme):
    """`$argon2id$v=19$m=...,t=...,p=...$salt$digest` as its inventors write it (argon2i and argon2d too), with Django's
    `argon2` before it or without."""

    key = "argon2"
    nanoseconds = 900
    pattern = (
        r"(?:argon2)?\$(argon2(?:id|i|d)\$v=(?:16|19)\$m=[1-9][0-9]{0,6},t=[1-9][0-9]{0,2},p=[1-9][0-9]?"
        r"\$[A-Za-z0-9+/]{11,100})\$([A-Za-z0-9+/]{11,100})"
    )

    def parse(self, text: str) -> tuple[str, str] | None:
        found = super().parse(text)
        return (f"{found[0]}${len(_bytes(found[1]))}", found[1]) if found else None

    def check(self, parameters: str) -> None:
        memory, _passes, lanes = self._costs(parameters)
        if memory > MOST_ARGON2 or lanes > MOST_LANES:
            raise TooCostly
        if memory < 8 * lanes:
            raise UnknownHash
        _bytes(parameters.split("$")[3])

    def digest(self, parameters: str, password: str) -> str:
        variant, version, _costs, salt, length = parameters.split("$")
        raw = _argon2(variant, int(version[2:]), self._costs(parameters), password.encode(), _bytes(salt), int(length))
        return base64.b64encode(raw).decode().rstrip("=")

    def work(self, parameters: str) -> Work:
        return Work("argon2 {} {} {}".format(*self._costs(parameters)), 1)

    def cost(self, work: Work) -> int:
        memory, passes, _lanes = map(int, work.kind.split()[1:])
        return work.amount * memory * passes * self.nanoseconds

    def spend(self, work: Work) -> None:
        memory, passes, lanes = map(int, work.kind.split()[1:])
        _argon2("argon2id", 19, (memory, passes, lanes), b"", NO_SALT, 32)

    @staticmethod
    def _costs(parameters: str) -> tuple[int, int, int]:
        memory, passes, lanes = (int(part[2:]) for part in parameters.split("$")[2].split(","))
        return memory, passes, lanes


def _pbkdf2(name: str, password: bytes, salt: bytes, iterations: int, length: int | None) -> bytes:
    return hashlib.pbkdf2_hmac(name, password, salt, iterations, length)


def _argon2(
    variant: str, version: int, costs: tuple[int, int, int], password: bytes, salt: bytes, length: int
) -> bytes:
    types = {"argon2d": Type.D, "argon2i": Type.I, "argon2id": Type.ID}
    memory, passes, lanes = costs
    return hash_secret_raw(password, salt, passes, memory, lanes, length, types[variant], version)


def _bytes(text: str) -> bytes:
    """What is written as base64 without its padding. Raises UnknownHash where nothing can be."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise UnknownHash from None
