"""The page of a user: what they did, day by day, and the newest of their changes."""

from __future__ import annotations

from django.db import connection
from django.db.models import Case, CharField, Q, Value, When
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm import activity, parsing
from crm.access import access_of, policy_of
from crm.activity import Figure, Span
from crm.audit import entries, events
from crm.audit.columns import HistoryColumns
from crm.listing.columns import table_rows
from crm.listing.counting import Count
from crm.listing.views import Head
from crm.models import User
from crm.pages import answer, needs
from crm.policies import ACTIVITY, HISTORY
from crm.records import Part

NEWEST = 20  # entries below the figures
MOST = 50_000  # events of one kind that are counted, the newest
COLUMNS = ("at", "action", "kind", "subject", "differences", "reason")
DAYS = {"7": _("7 days"), "30": _("30 days"), "90": _("90 days")}


@needs(ACTIVITY, "view")
@require_safe
def user_activity(request, pk):
    """What a user did in the last days; `days` is one of DAYS. Who may not know gets 404."""
    user = get_object_or_404(User.objects.open_to(request.user, ACTIVITY).select_related("role"), pk=pk)
    days = parsing.choice(request.GET.get("days"), DAYS, default="30")
    found = activity.of(user, request.user, Span.of(int(days)))
    return answer(request, "audit/activity.html", "page", _context(request, user, found, days))


def _context(request, user, found, days):
    keys = events.keys(events.Question(who=user.pk), falling=True, cursor=None, size=NEWEST)
    columns = HistoryColumns.chosen(COLUMNS)
    rows = entries.told(keys, request.user)
    heading, subtitle = (_("Your activity"), user) if user == request.user else (user, user.role.name)
    return {
        "person": user,
        "heading": heading,
        "subtitle": subtitle,
        "tabs": [{"label": label, "url": f"?days={one}", "current": one == days} for one, label in DAYS.items()],
        "figures": [(figure, _shown(found.total(figure))) for figure in found.figures],
        "bars": [(day, sum(found.on(day))) for day in found.span.dates],
        "days": [(day, found.on(day)) for day in reversed(found.span.dates) if any(found.on(day))],
        "heads": [Head(column.label, column.classes, None) for column in columns],
        "rows": table_rows(rows, columns, {column.key: {} for column in columns}, lambda entry: entry.url),
        "has_rows": bool(rows),
        "may_history": request.user.access.may(HISTORY, "view"),
    }


def _shown(number):
    return Count(number, more=number >= MOST)


def _changes(user, reader, span):
    """Yield records created and changes made, as the history has them: one statement over the indexes by user."""
    first, last = span.moments
    parts = []
    for kind in events.kinds():
        rows = kind.events.objects.filter(pgh_user_id=user.pk, pgh_created_at__gte=first, pgh_created_at__lt=last)
        rows = rows.filter(_counted(kind, reader)).annotate(pgh_figure=_figure(kind)).order_by("-pgh_created_at")
        parts.append(rows.values_list("pgh_figure", "pgh_created_at")[:MOST].query.sql_with_params())
    union = " UNION ALL ".join(f"({sql})" for sql, _params in parts)
    zone = timezone.get_current_timezone_name()
    statement = (
        f"SELECT figure, (moment AT TIME ZONE %s)::date, count(*) FROM ({union}) AS one(figure, moment) GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [zone, *(value for _sql, params in parts for value in params)])
        yield from cursor.fetchall()


def _counted(kind, reader):
    """Return the condition for the events that are changes: what is made with a record is counted with it."""
    told = policy_of(kind.model).told(access_of(reader)) if kind.is_record else Q()
    made_apart = issubclass(kind.model, Part) or kind.model in activity.counted_elsewhere()
    return told & ~Q(pgh_label="insert") if made_apart else told


def _figure(kind):
    changed = Value("changed", CharField())
    if not kind.is_record:
        return changed
    return Case(When(pgh_label="insert", then=Value("created")), default=changed, output_field=CharField())


activity.register(
    activity.Source(
        (Figure("created", _("Records created")), Figure("changed", _("Changes made"))),
        _changes,
        order=90,
    )
)
