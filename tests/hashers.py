"""A hasher for tests that do not measure hashing: the same scheme with the least work."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FastArgon2(Argon2PasswordHasher):
    memory_cost = 8
    time_cost = 1
    parallelism = 1
