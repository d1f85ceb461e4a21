"""Argon2id with OWASP's parameters (policy: password hash)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane: about 20 ms a core. Never weaker."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
