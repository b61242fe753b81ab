"""E-mail addresses, phone numbers and web sites, brought into parts that can be compared."""

import re

from crm.matching.vocabulary import COUNTRY_CODES, FREE_MAIL, NO_MAILBOXES, SHARED_MAILBOXES

_EXTENSION = re.compile(r"(?:x|ext\.?|#|durchwahl|dw)\s*\d{1,6}\s*$", re.IGNORECASE)
_NO_DIGITS = re.compile(r"[^0-9]+")
_BETWEEN_DIGITS = str.maketrans("", "", " +-./()")
_RISING, _FALLING = "01234567890123456789", "98765432109876543210"
FEWEST_DIGITS = 6
FREE, SHARED, OWN = "free", "shared", "own"


def email_address(text):
    """Return (address, local part, domain, kind) of an e-mail address, four times "" for none or a placeholder.

    `kind`: "free" mail, a "shared" mailbox such as info@, or one on a firm's "own" domain. A tag after "+" is left out,
    and Gmail's dots.
    """
    local, at, domain = text.strip().lower().removeprefix("mailto:").strip("<> ;,.").rpartition("@")
    local = local.split("+")[0] or local if "+" in local else local
    if not at or not local or "." not in domain or _is_no_mailbox(local, domain):
        return "", "", "", ""
    if domain in {"gmail.com", "googlemail.com"}:
        local, domain = local.replace(".", ""), "gmail.com"
    kind = SHARED if local in SHARED_MAILBOXES else FREE if domain_name(domain) in FREE_MAIL else OWN
    return f"{local}@{domain}", local, domain, kind


def _is_no_mailbox(local, domain):
    return local in NO_MAILBOXES and (domain.split(".")[0] in NO_MAILBOXES or local in {"noemail", "none", "na"})


def domain_name(domain):
    """Return the name in a domain without its ending: "acme.co.uk" -> "acme"."""
    parts = domain.split(".")
    return parts[-2] if len(parts) < 3 or len(parts[-2]) > 3 else parts[-3]


def phone_number(text):
    """Return the digits of a phone number as dialled inside its country, "" for none or a placeholder.

    The country's code is cut off where it is marked (+49, 0049), so that +49 250 3561383 and 0250/3561383 are one.
    """
    text = text.strip()
    if "(0)" in text:
        text = text.replace("(0)", "")
    digits = text.translate(_BETWEEN_DIGITS)
    if not (digits.isascii() and digits.isdigit()):
        digits = _NO_DIGITS.sub("", _EXTENSION.sub("", text))
    marked = text[:1] == "+"
    abroad = marked or digits[:2] == "00"
    digits = digits if marked else digits.removeprefix("00")
    if len(digits) < FEWEST_DIGITS or len(set(digits)) < 3 or digits in _RISING or digits in _FALLING:
        return ""
    if abroad:
        return _without_country(digits).lstrip("0")
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits.lstrip("0")


def _without_country(digits):
    for length in (1, 2, 3):
        if digits[:length] in COUNTRY_CODES:
            return digits[length:]
    return digits


def site(text):
    """Return the host of a web address without "www."."""
    return text.strip().lower().split("://")[-1].split("/")[0].split("@")[-1].removeprefix("www.")
