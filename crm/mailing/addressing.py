"""Addresses and header lines as they may stand in a mail. Nothing with a line break or NUL in it gets past here."""

from __future__ import annotations

import re
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

from crm import standards

LONGEST_SUBJECT = 300  # characters
MOST_HEADERS = 20
LONGEST_HEADER = 2000  # characters
HEADERS = {"In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted"}
"""What a caller may set; all else in the head of a mail is ours."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class BadAddress(ValidationError):
    """No mail can be sent to or from this."""


class BadHeader(ValidationError):
    """A line of a mail's head that would be more than one line, or that callers do not set."""


def one_line(value, *, longest=LONGEST_HEADER):
    """Return a header's value as it came. Raises BadHeader if it has a line break, a control sign, or is too long."""
    value = str(value)
    if _BREAKS.search(value) or len(value) > longest or not _encodes(value):
        raise BadHeader(_("That cannot stand in the head of a mail."), code="header")
    return value


def subject_line(value):
    """Return a subject on one line, at most 300 characters. Raises BadHeader for a line break inside it."""
    return standards.line(one_line(str(value).strip(), longest=LONGEST_SUBJECT))


def mailbox(value):
    """Return `name <address>` in its standard form, and the bare address as suppressions know it.

    The name may hold any letters; the address's domain may be in Unicode. Raises BadAddress.
    """
    try:
        name, address = parseaddr(one_line(value, longest=400))
    except BadHeader as fault:
        raise BadAddress(fault.messages, code="address") from None
    if not address or address.count("@") != 1:
        raise BadAddress(_("No e-mail address: %(value)s"), code="address", params={"value": str(value)[:100]})
    return formatted(standards.line(name), _kept_case(address)), address_key(address)


def formatted(name, address):
    """Return `name <address>` as a person reads it; a name with signs of its own is quoted."""
    if not name:
        return address
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{name} <{address}>" if re.fullmatch(r"[A-Za-z0-9 '-]+", name) else f'"{escaped}" <{address}>'


def address_key(address):
    """Return the address by which mails and suppressions are compared: lower case, the domain in Unicode.

    Raises BadAddress.
    """
    try:
        return standards.email(address)
    except ValidationError as fault:
        raise BadAddress(fault.messages, code="address") from None


def _kept_case(address):
    try:
        return validate_email(address.strip(), check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError:
        raise BadAddress(_("No e-mail address: %(value)s"), code="address", params={"value": address[:100]}) from None


def envelope(value):
    """Return the address in ASCII, the domain by IDNA, for SMTP. Raises BadAddress for a local part that is not."""
    local, _at, domain = parseaddr(value)[1].rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress(_("The part before the @ has letters that mail servers do not take."), code="local") from None


def header_lines(given):
    """Return the headers a caller sets, checked. Raises BadHeader."""
    given = {str(name): one_line(value) for name, value in (given or {}).items()}
    if len(given) > MOST_HEADERS or not set(given) <= HEADERS:
        raise BadHeader(_("That header is not for callers to set."), code="header")
    return given


def _encodes(value):
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
