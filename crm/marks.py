"""The small parts of a page as functions, for templates through tags of the same names.

Lists print some of them by the hundred: these escape by hand, at a quarter of what format_html takes.
"""

from dataclasses import dataclass
from functools import cache
from html import escape
from zlib import crc32

from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
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
    css = f" {css}" if css else ""
    return SafeString(f'<svg class="i{escape(css)}" aria-hidden="true"><use href="{_sprite()}#{escape(name)}"/></svg>')


def avatar(name, kind="person", size="") -> SafeString:
    """Initials on a colour of the name's own. kind: "person" (round) or "company" (square); size: "", "sm", "lg"."""
    name = str(name)
    shape = " avatar--co" if kind == "company" else ""
    colour = COLOURS[crc32(name.encode()) % len(COLOURS)]
    size = f" avatar--{size}" if size else ""
    initials = escape(standards.initials(" ".join(name.split()[:2]) if kind == "company" else name))
    return SafeString(f'<span class="avatar{shape}{colour}{escape(size)}" aria-hidden="true">{initials}</span>')


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
    return SafeString(f'<span class="stage stage--{escape(key)}">{escape(str(label))}</span>')


def tag(text, tone="", icon_name="") -> SafeString:
    """A short state. tone: "", "good", "warn", "bad" or "acc"; icon_name: of a small icon before the words."""
    return format_html(
        '<span class="tag{}">{}{}</span>', f" {tone}" if tone else "", icon(icon_name) if icon_name else "", text
    )


def none(text="–") -> SafeString:
    """What stands in a cell without a value: "–", or words such as "None planned"."""
    return SafeString(f'<span class="faint">{escape(str(text))}</span>')


def _time(at, text, css="when") -> SafeString:
    moment = f'datetime="{at.moment.isoformat()}" title="{escape(at.in_full)}"'
    return SafeString(f'<time class="{css}" {moment}>{escape(text)}</time>')


def when(moment, never="", stale_days=None, viewer=None) -> SafeString:
    """A moment as said by a colleague. moment: datetime, date or None (then `never`).

    stale_days: amber after so many days, red after three times that. viewer: of a page that says many.
    """
    if moment is None:
        return none(never or _("Never"))
    at = dates.At(moment, viewer)
    return _time(at, at.spoken, f"when{_age(at, stale_days)}")


def _age(at, stale_days):
    if not stale_days or at.age.days <= stale_days:
        return ""
    return " when--cold" if at.age.days > 3 * stale_days else " when--stale"


def event(content, icon_name, moment, tone="", dated=False) -> SafeString:
    """One entry of a timeline, inside an ol below an h3. icon_name: one per meaning. moment: datetime or date.

    tone: "", "acc" (ours), "good", "bad" or "warn". content: what happened, names in b; a blockquote for its words.
    dated: with the day, where no heading says it.
    """
    at = dates.At(moment)
    said = escape(at.spoken if dated else at.beside)
    return SafeString(
        f'<li class="event"><span class="node {escape(tone)}">{icon(icon_name)}</span>'
        f"<div>{conditional_escape(content)}</div>"
        f'<time datetime="{at.moment.isoformat()}" title="{escape(at.in_full)}">{said}</time></li>'
    )


@dataclass(frozen=True)
class Tick:
    """The box that marks a task done: where it posts, with which token."""

    url: str
    token: str

    def html(self, title, done):
        url, label = escape(self.url), escape(_("Mark open") if done else _("Mark done"))
        return (
            f'<form method="post" action="{url}" hx-post="{url}" hx-target="closest .todo" hx-swap="outerMorph">'
            f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(self.token)}">'
            f'<button class="check{" is-done" if done else ""}" aria-label="{label}: {escape(title)}"></button></form>'
        )


def todo(
    title,
    due_at=None,
    icon_name="check2-square",
    about="",
    about_url="",
    url="",
    in_dialog=False,
    done=False,
    tick=None,
):
    """One task, inside ol or a panel. title: str. about: whom it concerns, about_url: their page.

    icon_name: of its kind. due_at: datetime, date or None. url: its page; in_dialog: opens over this one.
    done: already. tick: a Tick.
    """
    in_full = escape(f"{title}, {about}" if about else title)
    said = f"<b>{escape(title)}</b>"
    if url:
        said = f'<a href="{escape(url)}"{" data-dialog" if in_dialog else ""}>{said}</a>'
    if about and about_url:
        said += f' <a class="dim" href="{escape(about_url)}">{escape(about)}</a>'
    elif about:
        said += f' <span class="dim">{escape(about)}</span>'
    return SafeString(
        f'<li class="todo">{tick.html(title, done) if tick else ""}{icon(icon_name, "dim")}'
        f'<span class="cut{" is-done" if done else ""}" title="{in_full}">{said}</span>'
        f'<span class="push"></span>{due(due_at)}</li>'
    )


def fact(label, value) -> SafeString:
    """One label and its value inside `facts`. label: str. value: safe html or str; an empty one shows a dash."""
    return format_html("<dt>{}</dt><dd>{}</dd>", label, value if value.strip() else none())


def due_tone(at):
    """Return "bad" for late, "good" for today, "" for later."""
    return "bad" if at.is_late else "good" if at.day == at.today else ""


def due(moment, never="") -> SafeString:
    """When something is to be done: red and in words when late, green today. moment: datetime, date or None."""
    if moment is None:
        return format_html('<span class="when dim">{}</span>', never or _("Any time"))
    at = dates.At(moment)
    tone = due_tone(at)
    return _time(at, at.spoken_due, f"tag {tone}" if tone else "when dim")


def next_step(moment, title="", icon_name="calendar-event") -> SafeString:
    """The next activity for a list cell: icon, title (wide screens), when; "None planned" without one."""
    if moment is None:
        return none(_("None planned"))
    at = dates.At(moment)
    text, tone = at.spoken_due, due_tone(at)
    if title and tone:
        text = text[:1].lower() + text[1:]
    what = f'<span class="cut wide">{escape(title)},</span>' if title else ""
    said = escape(f"{title}, {at.in_full}" if title else at.in_full)
    return SafeString(
        f'<span class="next {tone or "dim"}" title="{said}">{icon(icon_name)}{what}'
        f'<time datetime="{at.moment.isoformat()}">{escape(text)}</time></span>'
    )
