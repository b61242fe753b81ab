"""The pages of what can be undone: the acts, the rows of one with what became of them, and the undo itself."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import parsing, undo
from crm.models import User
from crm.pages import answer, moved, signed_in
from crm.policies import ADMINISTRATION
from crm.undo import told
from crm.undo.offering import offer
from crm.undo.rows import Act, UndoEntry
from crm.undo.rules import rule_of

PAGE = 50  # rows
NOT_RESTORED = (UndoEntry.Outcome.PARTLY, UndoEntry.Outcome.KEPT, UndoEntry.Outcome.LEFT)


def _page(rows, before):
    """Return a page of rows in the order of their ids, the newest first, and the id after which the next begins."""
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


@signed_in
@require_safe
def act_list(request):
    """The acts one may undo or has undone, the newest first; administrators see everybody's, or those of `by`."""
    sees_all = request.user.access.may(ADMINISTRATION, "view")
    by = parsing.identifier(request.GET.get("by"), default=None) if sees_all else None
    acts = told.acts_of(request.user).filter(undoes=None, **({"by": by} if by else {}))
    page, older = _page(acts, parsing.identifier(request.GET.get("before"), default=None))
    told.offer_redo(told.name_acts(page, request.user), request.user)
    people = User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk") if sees_all else ()
    context = {"acts": page, "older": older, "people": people, "by": by, "sees_all": sees_all}
    return answer(request, "undo/act_list.html", "rows", context)


@signed_in
@require_safe
def act_detail(request, pk):
    """One act: its rows, field by field; after an undo those that were kept or left come first."""
    act = get_object_or_404(told.acts_of(request.user), pk=pk)
    told.offer_redo(told.name_acts([act], request.user), request.user)
    default = "kept" if act.state == Act.State.PARTLY else "all"
    show = parsing.choice(request.GET.get("show"), ["all", "kept"], default=default)
    entries = act.entries.filter(outcome__in=NOT_RESTORED) if show == "kept" else act.entries.all()
    page, older = _page(entries, parsing.identifier(request.GET.get("before"), default=None))
    rows, hidden = told.rows(act, page, request.user)
    context = {"act": act, "rows": rows, "hidden": hidden, "older": older, "show": show, **_tabs(act, show)}
    return answer(request, "undo/act_detail.html", "rows", {**context, "summary": summary(act), "why": _why(act)})


def _tabs(act, show):
    if act.state != Act.State.PARTLY:
        return {"tabs": []}
    number = sum(act.outcome.get(one, 0) for one in NOT_RESTORED)
    labels = {"kept": (_("Not restored"), number), "all": (_("All rows"), None if rule_of(act) else act.rows)}
    return {
        "tabs": [
            {"label": label, "url": f"?show={key}", "current": key == show, "count": count}
            for key, (label, count) in labels.items()
        ]
    }


def summary(act):
    """Return in words how an undo came out: "3 restored. 1 changed since and kept. 2 left."."""
    restored = 0 if rule_of(act) else act.outcome.get(UndoEntry.Outcome.RESTORED, 0)  # some of it nobody saw
    partly = act.outcome.get(UndoEntry.Outcome.PARTLY, 0)
    kept, left = (act.outcome.get(one, 0) for one in (UndoEntry.Outcome.KEPT, UndoEntry.Outcome.LEFT))
    said = [
        (restored, ngettext("%d restored.", "%d restored.", restored)),
        (partly, ngettext("%d restored in part.", "%d restored in part.", partly)),
        (kept, ngettext("%d changed since and kept.", "%d changed since and kept.", kept)),
        (left, ngettext("%d left as they are.", "%d left as they are.", left)),
    ]
    return " ".join(words % number for number, words in said if number)


def _why(act):
    """Return [(reason, how many)] of what was left."""
    return [(UndoEntry.Why(key).label, number) for key, number in act.outcome.get("why", {}).items()]


@signed_in
@require_POST
def reversal(request, pk):
    """Undo an act, and go back to where one was; what could not be restored is told on the act's page."""
    act = get_object_or_404(Act.objects.visible_to(request.user), pk=pk)
    try:
        act = undo.undo(act, by=request.user)
    except undo.NotOpen as error:
        messages.info(request, _not_open(error.act))
        return moved(request, _back(request, error.act))
    except undo.Refused as error:
        messages.info(request, error.words)
        return moved(request, _back(request, act))
    if act.state == Act.State.UNDOING:
        return moved(request, reverse("job", args=[act.undoing_job_id]))
    own = act.undone_in.order_by("-id").first()
    told.name_acts([act], request.user)
    if own.is_open:
        offer(request, own, _said(act), redo=not act.undoes_id)
    else:
        messages.success(request, _said(act))
    return moved(request, _back(request, act))


def _said(act):
    if act.state == Act.State.PARTLY:
        return summary(act)
    if act.kind == "crm.trash" and act.record:
        return _("%(name)s is back.") % {"name": act.record}
    return _("Undone: %s.") % act.words


def _not_open(act):
    if act.state == Act.State.UNDOING:
        return _("It is being undone already.")
    if act.state == Act.State.UNDER_WAY:
        return _("It is still under way. Stop it first.")
    if act.state == Act.State.DONE:
        return _("It is too long ago to be undone.")
    return _("It is undone already.")


def _back(request, act):
    """Return where an undo leads: the report if something was kept, the one record if it is there, where one was."""
    page = reverse("undo_act", args=[act.pk])
    if act.state == Act.State.PARTLY:
        return page
    record = getattr(act, "record", None)
    if record is not None and not record.is_trashed and hasattr(record, "get_absolute_url"):
        return record
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return wanted if is_ours else page
