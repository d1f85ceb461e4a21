"""Proving an old account: every kind of hash, equal work for every name, limits (policy: password hash)."""

import hashlib

import bcrypt
import pytest
from django.contrib.auth import hashers

from portals.domain import legacy_sign_in
from portals.legacy import schemes
from portals.models import LegacyAccount, LegacyWork
from portals.spec import LegacySource
from tests.factories import NOW

pytestmark = pytest.mark.django_db
OLD = "Old-Password-1"
TRUCASE = LegacySource(key="trucase", name="TruCase", adapter="imported")
BCRYPT = bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(5)).decode()
PBKDF2 = hashlib.pbkdf2_hmac("sha512", OLD.encode(), b"\x01\x02salt", 900).hex()


def salted(name: str) -> str:
    return f"{name}$s4lt${hashlib.new(name, b's4lt' + OLD.encode()).hexdigest()}"


HASHES = {
    "Django, PBKDF2 SHA-256": hashers.PBKDF2PasswordHasher().encode(OLD, "somesalt", 1000),
    "Django, PBKDF2 SHA-1": hashers.PBKDF2SHA1PasswordHasher().encode(OLD, "somesalt", 1000),
    "Django, Argon2": hashers.Argon2PasswordHasher().encode(OLD, "somesaltsomesalt"),
    "Django, bcrypt of SHA-256": hashers.BCryptSHA256PasswordHasher().encode(OLD, bcrypt.gensalt(4)),
    "Django, bcrypt": hashers.BCryptPasswordHasher().encode(OLD, bcrypt.gensalt(4)),
    "Django, scrypt": hashers.ScryptPasswordHasher().encode(OLD, "somesalt", n=1024),
    "bcrypt": BCRYPT,
    "bcrypt of PHP": BCRYPT.replace("$2b$", "$2y$"),
    "bcrypt of old": BCRYPT.replace("$2b$", "$2a$"),
    "PBKDF2": f"pbkdf2$sha512$900${b'\x01\x02salt'.hex()}${PBKDF2}",
    "salted MD5": salted("md5"),
    "salted SHA-1": salted("sha1"),
    "salted SHA-256": salted("sha256").upper().replace("SHA256$S4LT", "sha256$s4lt"),
}


def old_account(name: str = "jsmith.old", text: str = HASHES["bcrypt"], **given) -> LegacyAccount:
    """An old account as the import stores it."""
    read = schemes.read(text) if text else None
    row = LegacyAccount.objects.create(
        source="trucase",
        login_name=name,
        scheme=read.scheme if read else "",
        parameters=read.parameters if read else "",
        imported_hash=text,
        imported_at=NOW,
        **given,
    )
    if read and (work := schemes.work_of(scheme=read.scheme, parameters=read.parameters)):
        LegacyWork.objects.get_or_create(source="trucase", kind=work.kind, defaults={"most": work.amount})
    return row


def prove(name: str = "jsmith.old", password: str = OLD, *, address: str = "192.0.2.1", now=NOW) -> LegacyAccount:
    return legacy_sign_in.prove(source=TRUCASE, login_name=name, password=password, address=address, now=now)


@pytest.mark.parametrize("text", HASHES.values(), ids=HASHES)
def test_every_kind_of_hash_proves_its_password_and_no_other_before_and_after_it_is_wrapped(text):
    row = old_account(text=text)
    with pytest.raises(legacy_sign_in.NotProved):
        prove(password="Old-Password-2")
    assert prove() == row
    row.refresh_from_db()
    assert (row.imported_hash, row.secret[:17]) == ("", "argon2$argon2id$v")
    assert schemes.read(text).digest not in row.secret + row.parameters, "the inner digest is kept nowhere"
    assert prove("  JSMITH.old ") == row, "names are compared as C1 asks"
    with pytest.raises(legacy_sign_in.NotProved):
        prove(password="Old-Password-2")
