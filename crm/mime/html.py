"""The one sanitiser of foreign HTML: an allow-list, applied when a mail is read and again whenever it is shown."""

from __future__ import annotations

import re
from html import unescape

import nh3

from crm.mime import limits

TAGS_TEXT = (
    "a abbr acronym address article b big blockquote br caption center cite code col colgroup dd del dfn div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q "
    "s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
TAGS = frozenset(TAGS_TEXT.split())
LAYOUT = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "height", "lang"}
LAYOUT |= {"rowspan", "size", "style", "title", "valign", "width"}
ATTRIBUTES = {"*": LAYOUT, "a": {"href"}, "img": {"src", "alt"}, "ol": {"start", "type"}}
STYLES_TEXT = (
    "background-color border border-bottom border-collapse border-color border-left border-radius "
    "border-right border-spacing border-style border-top border-width color direction display font-family "
    "font-size font-style font-variant font-weight height letter-spacing line-height list-style-type margin "
    "margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom "
    "padding-left padding-right padding-top text-align text-decoration text-indent text-transform "
    "vertical-align white-space width word-break"
)
STYLES = frozenset(STYLES_TEXT.split())
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
PIECE = re.compile(r'<(/?)([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
"""A tag as the sanitiser writes it: quoted attributes, no other sign < in the text."""
VOID = {"br", "col", "hr", "img", "wbr"}
BREAKS = {"br", "p", "div", "tr", "li", "table", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}


def sanitised(html, pictures=None):
    """Return HTML in which nothing runs and nothing is fetched.

    `pictures`: {Content-ID: a data: address} put in the place of the mail's own pictures; all others are left out.
    """
    pictures = pictures or {}

    def attribute(tag, name, value):
        if tag == "img" and name == "src":
            return value if value.startswith("cid:") else None
        if name == "href" and value.startswith("cid:"):
            return None
        return value

    cleaned = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object"},
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes=SCHEMES,
        filter_style_properties=set(STYLES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return _with(cleaned, pictures) if pictures else cleaned


def _with(cleaned, pictures):
    """Put pictures in: their addresses are ours, of letters that mean nothing in HTML."""

    def picture(match):
        return f'src="{pictures.get(unescape(match[1]), "")}"'

    return re.sub(r'src="cid:([^"]*)"', picture, cleaned)


def depth(cleaned):
    """Return how deep the elements of sanitised HTML stand in one another."""
    deepest = now = 0
    for match in PIECE.finditer(cleaned):
        if match[2] not in VOID:
            now += -1 if match[1] else 1
            deepest = max(deepest, now)
    return deepest


def kept(html):
    """Return (sanitised HTML to keep, its text, whether it is left out because it is too long, deep or tangled)."""
    if max(html.count("<"), html.count("=")) > limits.HTML_MARKS:
        return "", stripped(html), True
    cleaned = sanitised(html)
    if len(cleaned) > limits.HTML_SIGNS or depth(cleaned) > limits.HTML_DEPTH:
        return "", text(cleaned[: limits.HTML_SIGNS]), True
    return cleaned, text(cleaned), False


def stripped(html):
    """Return roughly the text of HTML that is not read as such."""
    return unescape(re.sub(r"<[^<>]{0,1000}>?", " ", html)).strip()


def text(cleaned):
    """Return the text of sanitised HTML, a line for each paragraph and row."""
    broken = PIECE.sub(lambda match: "\n" if match[2] in BREAKS else "", cleaned.replace("\n", " "))
    rows = (" ".join(row.split()) for row in unescape(broken).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()
