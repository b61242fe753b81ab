"""The files of a mail, taken out of the raw mail when they are asked for: kept nowhere twice, never unpacked."""

from __future__ import annotations

from urllib.parse import unquote

from crm.framing import picture
from crm.mime import bodies
from crm.mime.attachments import OK, PICTURES
from crm.receiving import contents

MOST_PICTURE = 1024 * 1024  # bytes of one picture shown within a mail
MOST_PICTURES = 5 * 1024 * 1024  # of all of them


def content(attachment):
    """Return an iterator over the bytes of a file; nothing of a mail whose content was deleted."""
    stored = contents.part(attachment.mail.raw_id, attachment.start, attachment.end)
    return bodies.pieces(stored, 0, len(stored), attachment.encoding)


def pictures(mail):
    """Return {Content-ID: data: address} of the pictures that stand in a mail's text, as far as they are small."""
    found, left = {}, MOST_PICTURES
    named = mail.attachments.exclude(content_id="").filter(type__in=PICTURES, verdict=OK, size__lte=MOST_PICTURE)
    for attachment in named.order_by("pk")[:50]:
        left -= attachment.size
        if left < 0:
            break
        found[unquote(attachment.content_id)] = picture(attachment.type, b"".join(content(attachment)))
    return found
