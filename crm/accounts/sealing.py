"""Secrets that we must read again (of authenticator apps, of recovery codes) are kept encrypted in the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """What was sealed cannot be opened: by another SECRET_KEY, or it was changed."""


def sealed(text):
    """Return the text encrypted with a key made of SECRET_KEY."""
    return _box().encrypt(text.encode()).decode()


def opened(text):
    """Return what `sealed` was given, also under a former SECRET_KEY. Raises Unreadable."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken:
        raise Unreadable("A kept secret cannot be opened with SECRET_KEY or its fallbacks.") from None


def _box():
    return _box_of(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=4)
def _box_of(*keys):
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key):
    return HKDF(SHA256(), length=32, salt=b"cornerstone", info=b"second step").derive(key.encode())
