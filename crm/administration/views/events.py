"""What apps tell each other: how far each listener has heard, and what it could not take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.contrib import messages
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import events, parsing
from crm.administration.views.pages import administers
from crm.events import Event, Held, Listener
from crm.events.kinds import Handler
from crm.pages import moved

MOST = 1000  # counted
SHOWN = 50  # events given up


@dataclass(frozen=True)
class Line:
    """A listener as the page shows it. `ahead`, `held`: how many events it has yet to hear, and could not take."""

    handler: Handler
    names: list
    heard_at: object
    ahead: str
    held: str


@administers
@require_safe
def event_list(request):
    """Every listener, and the events given up, the newest first."""
    rows = Listener.objects.in_bulk(events.listeners())
    dead = Held.objects.filter(state=Held.State.DEAD).select_related("event", "event__by").order_by("-id")[:SHOWN]
    context = {
        "lines": [_line(handler, rows.get(key)) for key, handler in events.listeners().items()],
        "dead": [(held, events.declared().get(held.event.name), _listener(held)) for held in dead],
        "safe": _safe(),
        "today": timezone.localdate(),
    }
    return render(request, "administration/events.html", context)


def _line(handler, row):
    known = events.declared()
    names = [known[name].label for name in sorted(handler.names)]
    if row is None:
        return Line(handler, names, None, "0", "0")
    ahead = Event.objects.filter(name__in=handler.names, position__gt=row.position)
    held = row.held.filter(state__in=Held.IN_THE_WAY)
    return Line(handler, names, row.heard_at, _said(ahead), _said(held))


def _said(rows):
    number = rows[: MOST + 1].count()
    return f"{MOST}+" if number > MOST else str(number)


def _listener(held):
    found = events.listeners().get(held.listener_id)
    return found.label if found else held.listener_id


@administers
@require_POST
def retry(request):
    """Try again an event that was given up (`held`)."""
    number = events.retry(_chosen(request))
    messages.success(request, ngettext("%d is tried again.", "%d are tried again.", number) % number)
    return moved(request, "settings_events")


@administers
@require_POST
def setting_aside(request):
    """Leave an event untaken that was given up (`held`); what waits behind it goes on."""
    number = events.set_aside(_chosen(request))
    messages.success(request, ngettext("%d set aside.", "%d set aside.", number) % number)
    return moved(request, "settings_events")


def _chosen(request):
    return Held.objects.filter(pk=parsing.identifier(request.POST.get("held")))


def _safe():
    return [handler for handler in events.listeners().values() if handler.safe_again]


@administers
@require_POST
def replay(request):
    """Tell a listener (`listener`) again what has happened since a day (`since`)."""
    key = parsing.choice(request.POST.get("listener"), [line.key for line in _safe()])
    day = parsing.day(request.POST.get("since"))
    number = events.replay(key, since=timezone.make_aware(datetime.combine(day, time.min)))
    messages.success(request, ngettext("%d event is told again.", "%d events are told again.", number) % number)
    return moved(request, "settings_events")
