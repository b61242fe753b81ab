"""A mail's HTML and its plain twin, in one layout with the firm's footer; safe in light and in dark."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from mjml import mjml2html
from selectolax.lexbor import LexborHTMLParser

from crm import standards
from crm.firm import firm
from crm.mailing import letters

LOGO = "firm-logo"
LARGEST_LOGO = 100 * 1024  # bytes; a larger one is left out: it would go along with every mail
LONGEST = 500_000  # characters of HTML or text
_SLOT = "cornerstone-slot-7f3a1c"
_BLOCKS = {"p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}


@dataclass(frozen=True)
class Content:
    """What a mail says: one line, plain text, a whole HTML document, and whether that shows the firm's logo."""

    subject: str
    text: str
    html: str
    has_logo: bool = False


def of_text(subject, text, *, html=""):
    """Return a plain text, or a piece of HTML with its plain twin, as a mail in our layout.

    HTML is cleaned by the allow-list of nh3; without `text` the twin is read from it. Raises ValidationError for what
    is too long to mail.
    """
    if max(len(text), len(html)) > LONGEST:
        raise ValidationError(_("The mail is too long."), code="long")
    text = storable(text)
    if not html:
        return of_blocks(subject, letters.linked(letters.blocks(text)), text=text)
    cleaned = nh3.clean(storable(html), url_schemes=letters.SCHEMES)
    return _laid_out(subject, [], text or plain_twin(cleaned), cleaned)


def of_blocks(subject, blocks, *, text=""):
    """Return blocks of `crm.mailing.letters` as a mail in our layout."""
    return _laid_out(subject, blocks, text or letters.plain(blocks), "")


def _laid_out(subject, blocks, text, inside):
    ours = firm()
    logo = LOGO if ours.logo_id and len(ours.logo.content) <= LARGEST_LOGO else ""
    context = {
        "subject": subject,
        "blocks": blocks,
        "firm": ours,
        "footer": footer(ours),
        "logo": logo,
        "language": ours.language or settings.LANGUAGE_CODE,
        "slot": _SLOT if inside else "",
    }
    html = mjml2html(storable(render_to_string("mail/letter.mjml", context))).replace(_SLOT, inside)
    plain = render_to_string("mail/letter.txt", {"body": text.strip(), "footer": context["footer"]})
    return Content(subject, plain.strip() + "\n", html, bool(logo))


def pictures():
    """Return the pictures the layout shows, {Content-ID: (type, bytes)}: the firm's logo, if it has one."""
    logo = firm().logo
    return {LOGO: (logo.type, bytes(logo.content))} if logo and len(logo.content) <= LARGEST_LOGO else {}


def footer(ours):
    """Return the lines that stand under every mail: who we are, where, and how to be reached."""
    who = list(dict.fromkeys(filter(None, [ours.name, ours.legal_name])))
    reach = [standards.shown_phone(ours.phone) if ours.phone else "", ours.email, ours.website]
    vat = [_("VAT number %(number)s") % {"number": ours.vat_number}] if ours.vat_number else []
    lines = [" · ".join(who), ", ".join(ours.address_lines), " · ".join(filter(None, reach)), *vat]
    return [line for line in lines if line]


def plain_twin(html):
    """Return the words of a piece of HTML as plain text: a line for each block, an address behind each link."""
    tree = LexborHTMLParser(html)
    for node in tree.css("script, style, head"):
        node.decompose()
    for node in tree.css("a[href]"):
        url, words = node.attributes.get("href") or "", node.text()
        if letters.is_link(url) and url != words:
            node.insert_after(f" ({url})")
    for node in tree.css(", ".join(_BLOCKS)):
        node.insert_before("\n- " if node.tag == "li" else "\n")
        node.insert_after("\n")
    text = tree.body.text() if tree.body else ""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def storable(text):
    """Return the text without what no mail can hold: NUL, control signs, half surrogate pairs, no signs at all."""
    kept = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", "", text)
    return kept.encode(errors="ignore").decode()
