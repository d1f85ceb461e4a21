"""The keys that sign ID and logout tokens: made, published before they sign, replaced by command. Parsed once a
process."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from identity.models import Account
from identity.policy import lifecycle
from identity.record import journal
from identity.record.machine import ReasonMissing
from portals import events
from portals.models import SigningKey
from portals.models.oidc import Algorithm

type PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_RELOAD_SECONDS = 30.0  # transport: how soon a process sees a key that another one made


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A key, ready to sign and to be published."""

    kid: str
    algorithm: str
    private: PrivateKey
    public: dict[str, Any]  # as a JWK
    signs_from: datetime
    published_until: datetime | None


_loaded: tuple[float, tuple[LoadedKey, ...]] = (0.0, ())
_parsed: dict[str, LoadedKey] = {}


def forget() -> None:
    """Read the keys anew: after a change in this process."""
    global _loaded
    _loaded = (0.0, ())
    _parsed.clear()


def published(*, now: datetime) -> list[LoadedKey]:
    """Every key that an application may need: the next one, the one that signs, and former ones for a while."""
    return [key for key in _keys() if key.published_until is None or now < key.published_until]


def signing(algorithm: str, *, now: datetime) -> LoadedKey:
    """The key that signs now. The first one of an algorithm is made when it is first needed."""
    ready = [key for key in published(now=now) if key.algorithm == algorithm and key.signs_from <= now]
    if not ready:
        rotate(algorithm, by=None, now=now, at_once=True)
        ready = [key for key in published(now=now) if key.algorithm == algorithm and key.signs_from <= now]
    return max(ready, key=lambda key: key.signs_from)


def sign(claims: dict[str, Any], *, algorithm: str, kind: str = "JWT", now: datetime) -> str:
    """A signed token (JWS) with these claims; `kind` is its `typ`."""
    key = signing(algorithm, now=now)
    return jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"kid": key.kid, "typ": kind})


def claims_of(token: str, *, issuer: str, now: datetime) -> dict[str, Any] | None:
    """The claims of an ID token that we signed, whenever it ended (it is a hint); None for anything else."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in published(now=now) if key.kid == kid), None)
        if key is None:
            return None
        checks = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "require": ["sub", "aud", "iss"]}
        return jwt.decode(
            token,
            key.private.public_key(),
            algorithms=[key.algorithm],
            issuer=issuer,
            options=checks,  # type: ignore[arg-type]
        )
    except jwt.PyJWTError:
        return None


def rotate(algorithm: str, *, by: Account | None, now: datetime, at_once: bool = False, reason: str = "") -> None:
    """Make the successor of the key that signs. It is published now and signs after the notice; `at_once`, for a key
    that got into wrong hands: it signs now, and the former ones are no longer believed.

    Two processes that find no key make one between them. Raises ReasonMissing when staff replace one at once.
    """
    if at_once and by is not None and not reason.strip():
        raise ReasonMissing
    signs_from = now if at_once else now + lifecycle.after("signing_key_notice")
    last_day = now if at_once else signs_from + lifecycle.after("signing_key_afterlife")
    former = SigningKey.objects.filter(algorithm=algorithm)
    number = (former.aggregate(last=Max("number"))["last"] or 0) + 1
    key = _generate(algorithm)
    try:
        with transaction.atomic():
            former.filter(Q(published_until=None) | Q(published_until__gt=last_day)).update(published_until=last_day)
            made = SigningKey.objects.create(
                kid=_thumbprint(_jwk(key)),
                algorithm=algorithm,
                number=number,
                private_pem=_pem(key),
                made_at=now,
                signs_from=signs_from,
            )
            told = events.SigningKeyMade(
                account=None, by=by, about=made, algorithm=algorithm, at_once=at_once, reason=reason.strip()
            )
            journal.record(told, now=now)
    except IntegrityError:
        pass  # another process has just made it
    forget()


def _keys() -> tuple[LoadedKey, ...]:
    global _loaded
    read_at, keys = _loaded
    if not keys or time.monotonic() - read_at > _RELOAD_SECONDS:
        keys = tuple(_load(row) for row in SigningKey.objects.order_by("signs_from", "pk"))
        _loaded = (time.monotonic(), keys)
    return keys


def _load(row: SigningKey) -> LoadedKey:
    known = _parsed.get(row.kid)
    if known is not None and known.published_until == row.published_until:
        return known
    private = serialization.load_pem_private_key(row.private_pem.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    public = {**_jwk(private), "kid": row.kid, "alg": row.algorithm, "use": "sig"}
    _parsed[row.kid] = LoadedKey(row.kid, row.algorithm, private, public, row.signs_from, row.published_until)
    return _parsed[row.kid]


def _generate(algorithm: str) -> PrivateKey:
    if algorithm == Algorithm.ES256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: PrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def _jwk(key: PrivateKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        made = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        made = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {name: value for name, value in made.items() if name != "key_ops"}


def _thumbprint(public: dict[str, Any]) -> str:
    """RFC 7638."""
    members = ("crv", "kty", "x", "y") if public["kty"] == "EC" else ("e", "kty", "n")
    text = json.dumps({name: public[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()
