"""The password hash: argon2id as OWASP advises for servers that also serve pages."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes, one lane: about 20 ms of one core, where Django's 100 MiB takes eight lanes."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
