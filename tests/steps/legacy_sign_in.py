"""Hashes of old systems and what they were made of."""

import hashlib

import bcrypt
from django.contrib.auth import hashers

OLD = "Old-Password-1"

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
