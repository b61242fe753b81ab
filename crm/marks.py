"""The small parts of a page as functions: lists print them by the hundred, templates through tags of the same names."""

from datetime import timedelta
from functools import cache
from zlib import crc32

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm import dates, standards

COLOURS = ("", " avatar--2", " avatar--3", " avatar--4", " avatar--5")
GOOD_SCORE, FAIR_SCORE = 80, 55  # under 80 amber, under 55 red


@cache
def _sprite():
    return static("build/icons.svg")


def icon(name, css="") -> SafeString:
    """A picture beside words, hidden from screen readers. name: of bootstrap-icons; css: more classes, "warn" say."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>', f" {css}" if css else "", _sprite(), name
    )


def avatar(name, kind="person", size="") -> SafeString:
    """Initials on a colour of the name's own. kind: "person" (round) or "company" (square); size: "", "sm", "lg"."""
    name = str(name)
    shape = " avatar--co" if kind == "company" else ""
    colour = COLOURS[crc32(name.encode()) % len(COLOURS)]
    size = f" avatar--{size}" if size else ""
    initials = standards.initials(" ".join(name.split()[:2]) if kind == "company" else name)
    return format_html('<span class="avatar{}{}{}" aria-hidden="true">{}</span>', shape, colour, size, initials)


def ring(score, size="") -> SafeString:
    """The score ring without its number in words. score: 0 to 100; size: "" or "lg" (number inside)."""
    tone = "" if score >= GOOD_SCORE else " ring--mid" if score >= FAIR_SCORE else " ring--low"
    number = format_html('<text x="9" y="11.4">{}</text>', score) if size == "lg" else ""
    stone = 'x="2" y="2" width="14" height="14" rx="4.5" pathLength="100"'
    return format_html(
        '<svg class="ring{}{}" viewBox="0 0 18 18" aria-hidden="true"><rect class="of" {stone}/>'
        '<rect class="is" {stone} stroke-dasharray="{} 100"/>{}</svg>',
        tone,
        " ring--lg" if size == "lg" else "",
        score,
        number,
        stone=SafeString(stone),
    )


def quality(score) -> SafeString:
    """Ring and number for a list cell. score: 0 to 100, or None for not yet measured."""
    if score is None:
        return none()
    return format_html(
        '<span class="row-line" title="{}">{}<span class="nums"><span class="visually-hidden">{} </span>'
        "{}</span></span>",
        _("Quality %(score)s of 100") % {"score": score},
        ring(score),
        _("Quality"),
        score,
    )


def stage(key, label) -> SafeString:
    """A square mark and a word. key: lead, qualified, customer, partner, lapsed; any other is grey. label: str."""
    return format_html('<span class="stage stage--{}">{}</span>', key, label)


def tag(text, tone="", icon_name="") -> SafeString:
    """A short state. tone: "", "good", "warn", "bad" or "acc"; icon_name: of a small icon before the words."""
    return format_html(
        '<span class="tag{}">{}{}</span>', f" {tone}" if tone else "", icon(icon_name) if icon_name else "", text
    )


def none(text="–") -> SafeString:
    """What stands in a cell without a value: "–", or words such as "None planned"."""
    return format_html('<span class="faint">{}</span>', text)


def _time(moment, text, css="when") -> SafeString:
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>', css, moment.isoformat(), dates.in_full(moment), text
    )


def when(moment, never="", stale_days=None) -> SafeString:
    """A moment as said by a colleague. moment: datetime, date or None (then `never`).

    stale_days: amber after so many days, red after three times that.
    """
    if moment is None:
        return none(never or _("Never"))
    return _time(moment, dates.spoken(moment), f"when{_age(moment, stale_days)}")


def _age(moment, stale_days):
    if not stale_days:
        return ""
    age = timezone.localdate() - dates.day_of(moment)
    if age > timedelta(days=3 * stale_days):
        return " when--cold"
    return " when--stale" if age > timedelta(days=stale_days) else ""


def due_tone(moment):
    """Return "bad" for late, "good" for today, "" for later."""
    if dates.is_late(moment):
        return "bad"
    return "good" if dates.day_of(moment) == timezone.localdate() else ""


def due(moment, never="") -> SafeString:
    """When something is to be done: red and in words when late, green today. moment: datetime, date or None."""
    if moment is None:
        return format_html('<span class="when dim">{}</span>', never or _("Any time"))
    tone = due_tone(moment)
    return _time(moment, dates.spoken_due(moment), f"tag {tone}" if tone else "when dim")


def next_step(moment, title="", icon_name="calendar-event") -> SafeString:
    """The next activity for a list cell: icon, title (wide screens), when; "None planned" without one."""
    if moment is None:
        return none(_("None planned"))
    text, tone = dates.spoken_due(moment), due_tone(moment)
    return format_html(
        '<span class="next {}" title="{}">{}{}<time datetime="{}">{}</time></span>',
        tone or "dim",
        f"{title}, {dates.in_full(moment)}" if title else dates.in_full(moment),
        icon(icon_name),
        format_html('<span class="cut wide">{},</span>', title) if title else "",
        moment.isoformat(),
        text[:1].lower() + text[1:] if title and tone else text,
    )
