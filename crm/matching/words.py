"""Letters and words as matching compares them: lower case, Latin, without accents."""

import re

from anyascii import anyascii

from crm.matching.vocabulary import PLACEHOLDERS

WORD = re.compile(r"[a-z0-9]+")
_SOUNDS = str.maketrans(
    {"c": "k", "q": "k", "g": "k", "z": "s", "v": "f", "w": "f", "d": "t", "b": "p", "j": "y", "x": "k"}
)
_MUTE = frozenset("aeiouyh ")


def folded(text):
    """Return the text in lower-case Latin letters without accents ("Ivánka Ж" -> "ivanka zh")."""
    return text.lower() if text.isascii() else anyascii(text).lower()


def is_placeholder(text):
    """Return whether somebody wrote this because a field had to be filled ("n/a", "unknown")."""
    return text.strip().lower() in PLACEHOLDERS


def plain(text):
    """Return the words of the text; "" for a placeholder."""
    return "" if is_placeholder(text) else " ".join(WORD.findall(folded(text)))


def squashed(text):
    """Return the text without its spaces."""
    return text.replace(" ", "")


def sorted_letters(text):
    """Return the characters in their order, so that transposed digits give one key."""
    return "".join(sorted(text))


def sound(word):
    """Return the first letter and the consonants after it, those that sound alike as one, none twice in a row."""
    if not word:
        return ""
    word = word.replace("sch", "s").replace("ch", "k").replace("ph", "f").replace("ck", "k").replace("sh", "s")
    word = word.translate(_SOUNDS)
    kept = [word[0]]
    for letter in word[1:]:
        if letter not in _MUTE and letter != kept[-1]:
            kept.append(letter)
    return "".join(kept)
