"""A raw mail as a dict of plain values: what it says, who sent it, what hangs on it."""

from __future__ import annotations

import re

from crm.mime import attachments, bodies, bounces, fields, html, limits, quotes, structure, words

TRACED = ("delivered-to", "x-original-to", "envelope-to")
METHOD = re.compile(rb"(?im)^METHOD:([A-Z]{1,20})\s*$")


def read(raw):
    """Return what a raw mail says, every text cleaned and cut to its limit. Raises Refused.

    Keys: message_id, references, sender {name, address}, to, cc [{name, address}], recipients (how many), traced
    (addresses it was delivered to), subject, date (ISO or ""), text, reply (text without quotes), html, is_cut,
    attachments, calendar (an invitation's method), bounce, automatic, precedence, loops, hops.
    """
    whole = structure.read(raw)
    texts, pages, files = parted(whole)
    text, page, is_cut = _texts(raw, texts, pages)
    return {
        **_head(whole),
        "text": text,
        "reply": quotes.new_text(text),
        "html": page,
        "is_cut": is_cut,
        "attachments": [attachments.of(raw, part, number) for number, part in enumerate(files, 1)],
        "calendar": _calendar(raw, whole),
        "bounce": bounces.read(raw, whole),
    }


def _head(whole):
    senders, _count = fields.addresses(whole.fields.get("from", [])[:1])
    to, to_count = fields.addresses(whole.fields.get("to", []))
    cc, cc_count = fields.addresses(whole.fields.get("cc", []))
    traced, _count = fields.addresses([value for name in TRACED for value in whole.fields.get(name, [])])
    named = [whole.get("references"), whole.get("in-reply-to")]
    return {
        "message_id": fields.message_id(whole.get("message-id")),
        "references": fields.ids(named),
        "sender": senders[0] if senders else {"name": "", "address": ""},
        "to": to,
        "cc": cc,
        "recipients": to_count + cc_count,
        "traced": [one["address"] for one in traced],
        "subject": fields.text(whole.get("subject")),
        "date": fields.date(whole.get("date")),
        "automatic": fields.text(whole.get("auto-submitted"), 40).lower(),
        "precedence": fields.text(whole.get("precedence"), 40).lower(),
        "loops": [fields.text(value, 200) for value in whole.fields.get("x-loop", [])[:10]],
        "hops": len(whole.fields.get("received", [])),
    }


def parted(whole):
    """Return the parts of a mail as (texts, HTML pages, files)."""
    texts, pages, files = [], [], []
    for part in whole.walk():
        attached = part.get("content-disposition").lower().startswith("attachment")
        if attached or part.parameter("filename", "content-disposition"):
            files.append(part)
        elif part.type == "text/plain":
            texts.append(part)
        elif part.type == "text/html":
            pages.append(part)
        elif not part.type.startswith("multipart/"):
            files.append(part)
    return texts, pages, files


def _texts(raw, texts, pages):
    """Return (text, sanitised HTML, whether something was cut)."""
    page, shown, is_cut = "", "", False
    if pages:
        page, shown, is_cut = html.kept(decoded(raw, pages[0]))
        is_cut = is_cut or _is_long(pages[0])
    text = "\n\n".join(filter(None, (decoded(raw, part).strip() for part in texts[:20])))
    text = text or shown
    is_cut = is_cut or len(text) > limits.TEXT_SIGNS or any(map(_is_long, texts))
    return words.clean(text[: limits.TEXT_SIGNS]), page, is_cut


def decoded(raw, part):
    """Return the text of a part, cleaned, at most limits.TEXT_BYTES of it."""
    content = bodies.first(raw, part.start, part.end, part.encoding, limits.TEXT_BYTES)
    return words.clean(words.text_of(content, part.parameter("charset")))


def _is_long(part):
    return part.end - part.start > limits.TEXT_BYTES


def _calendar(raw, whole):
    """Return the method of an invitation in the mail: REQUEST, REPLY, CANCEL; "" if there is none."""
    for part in whole.walk():
        if part.type == "text/calendar":
            found = METHOD.search(bodies.first(raw, part.start, part.end, part.encoding, 64 * 1024))
            return found[1].decode() if found else "PUBLISH"
    return ""
