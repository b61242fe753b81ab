"""Signed words for addresses and links: one salt for each purpose, compared in constant time, also under former keys.

They are of lower-case letters and digits, so that they outlive whoever writes them in capitals. They say that we made
them and nothing else: what is to end has a row that ends.
"""

from __future__ import annotations

from base64 import b32encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

LENGTH = 20  # letters and digits: 100 bits


def signature(purpose, text):
    """Return the signature of a text for a purpose ("receiving.reply")."""
    return _signature(purpose, text, settings.SECRET_KEY)


def is_signature(purpose, text, given):
    """Whether this is the signature of the text for this purpose, by SECRET_KEY or one of its fallbacks."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(_signature(purpose, text, key), given.lower()) for key in keys)


def _signature(purpose, text, key):
    digest = salted_hmac(f"cornerstone.{purpose}", str(text), secret=key, algorithm="sha256").digest()
    return b32encode(digest).decode().lower()[:LENGTH]
