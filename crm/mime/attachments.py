"""What hangs on a mail: a safe name, what it is by its content, whether it is dangerous to open."""

from __future__ import annotations

import re

from crm.mime import bodies, words

OK, MISMATCH, DANGEROUS = "ok", "mismatch", "dangerous"
RUNS_TEXT = (
    "ade adp apk app appx asp bas bat cab chm cmd com cpl crt dll dmg exe gadget hlp hta img inf ins iso isp "
    "jar js jse lib lnk mde msc msi msix msp mst pif ps1 psm1 reg scf scr sct sh shb sys url vb vbe vbs vhd "
    "vhdx vxd wsc wsf wsh xll "
)
RUNS = frozenset(RUNS_TEXT.split())
"""Endings of files that run, or that lead a system to run something."""
BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
)
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00")
KEPT_SIGNS = re.compile(r"[^\w .,()+=@&-]+")
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def of(raw, part, number):
    """Return a part that is no text of the mail as a dict; `start`, `end`, `encoding` say where its content stands."""
    size, digest, beginning = bodies.measured(raw, part.start, part.end, part.encoding)
    name, kind = name_of(part, number), type_of(beginning)
    return {
        "name": name,
        "type": kind or "application/octet-stream",
        "declared": part.type[:140],
        "size": size,
        "digest": digest,
        "start": part.start,
        "end": part.end,
        "encoding": part.encoding,
        "verdict": verdict(name, part.type, kind, beginning),
        "content_id": content_id(part),
        "is_inline": part.get("content-disposition").lower().startswith("inline"),
    }


def name_of(part, number):
    """Return a name for the file a part is, "part-3" if it has none."""
    return safe_name(words.decoded(part.parameter("filename", "content-disposition") or part.parameter("name")), number)


def content_id(part):
    """Return what the mail's HTML calls a part, "" if it has no name for it."""
    return words.line(part.get("content-id")).strip("<>")[:250]


def safe_name(name, number):
    """Return a name for a file: one line, no path, no signs that systems or headers read otherwise."""
    name = words.line(name).replace("\\", "/").rsplit("/", 1)[-1]
    name = KEPT_SIGNS.sub("_", name).strip(" .")
    if len(name) > 120:
        name = f"{name[:100]}{name[-20:]}"
    return name or f"part-{number}"


def type_of(beginning):
    """Return what the content is by its first bytes, "" if they do not say."""
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in BEGINNINGS if beginning.startswith(start)), "")


def verdict(name, declared, kind, beginning):
    """Return whether opening it is dangerous, or it is something else than it says."""
    endings = [ending.strip().lower() for ending in name.split(".")[1:]]
    if (endings and endings[-1] in RUNS) or beginning.startswith(PROGRAMS):
        return DANGEROUS
    is_picture = declared.startswith("image/") and declared != "image/svg+xml"
    if kind and is_picture and kind != declared.replace("image/jpg", "image/jpeg"):
        return MISMATCH
    return MISMATCH if (is_picture and not kind and declared in PICTURES) else OK
