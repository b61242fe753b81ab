"""How often signing in may fail: per account, per address, in all. Each count is one atomic statement in PostgreSQL.

An address from which an account has signed in before has a count of its own, so that a stranger who types wrong
passwords all day keeps neither its owner nor the whole firm out.
"""

import hashlib
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

KNOWN_FOR = 30 * 24 * 3600  # seconds


@dataclass(frozen=True)
class Attempt:
    """One try to sign in, from its start until it is known to have been right."""

    login: str
    address: str

    def is_allowed(self):
        """Count the try; return whether it is within every limit. To be asked before the password is looked at."""
        return all(cache.count(key, seconds) <= most for key, (most, seconds) in self._counts())

    def succeeded(self):
        """Take the try back and remember the address: only failures count."""
        for key, _limit in self._counts():
            cache.uncount(key)
        cache.set(self._known, True, KNOWN_FOR)

    def forget(self):
        """Drop what is counted against the account: its owner has proved to be the owner in another way."""
        cache.delete_many([self._account, self._pair])

    def _counts(self):
        limits = settings.SIGN_IN_LIMITS
        yield f"signin:address:{self.address}", limits["address"]
        if cache.get(self._known):
            yield self._pair, limits["account"]
        else:
            yield self._account, limits["account"]
            yield "signin:all", limits["all"]

    @property
    def _account(self):
        return f"signin:account:{_digest(self.login)}"

    @property
    def _pair(self):
        return f"signin:pair:{_digest(self.login)}:{self.address}"

    @property
    def _known(self):
        return f"signin:known:{_digest(self.login)}:{self.address}"


def _digest(login):
    """Return the same text for every spelling under which the database would find the same account."""
    folded = unicodedata.normalize("NFKC", login).strip().upper().lower()
    return hashlib.sha256(folded.encode(errors="replace")).hexdigest()[:32]
