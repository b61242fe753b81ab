"""Pictures users send: what they are is read from their bytes, never from a name or a header."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 1024 * 1024
MOST_PIXELS = 2000  # each way
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG picture: its media type, its size in pixels, its bytes and their SHA-256."""

    type: str
    width: int
    height: int
    content: bytes

    @property
    def digest(self):
        return sha256(self.content).hexdigest()


def picture(content):
    """Return the Picture of these bytes. Raises ValidationError if they are none, too many, or too large a picture."""
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The picture is larger than 1 MB."), code="large")
    try:
        found = _read(content)
    except (IndexError, ValueError):
        found = None
    if found is None or not (found.width and found.height):
        raise ValidationError(_("That is no PNG or JPEG picture."), code="type")
    if max(found.width, found.height) > MOST_PIXELS:
        pixels = {"width": found.width, "height": found.height}
        raise ValidationError(_("%(width)d × %(height)d pixels: at most 2000 each way."), code="pixels", params=pixels)
    return found


def _read(content):
    if content.startswith(PNG) and content[12:16] == b"IHDR" and b"IEND" in content[-64:]:
        return Picture("image/png", _number(content[16:20]), _number(content[20:24]), content)
    if content.startswith(JPEG) and b"\xff\xd9" in content[-64:]:
        width, height = _jpeg_size(content)
        return Picture("image/jpeg", width, height, content)
    return None


def _number(octets):
    return int.from_bytes(octets, "big")


def _jpeg_size(content):
    """Return (width, height) from the frame header. Raises ValueError or IndexError where there is none."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == 0xFF or marker in WITHOUT_LENGTH:
            at += 1 if marker == 0xFF else 2
        elif marker in FRAMES:
            return _number(content[at + 7 : at + 9]), _number(content[at + 5 : at + 7])
        else:
            at += 2 + _number(content[at + 2 : at + 4])
