"""The worklist of duplicates: what may be one, why, and what somebody says to it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm import duplicates, errors, merging, parsing
from crm.duplicates import Suggestion
from crm.listing.paging import Cursor
from crm.models import User
from crm.pages import answer, moved, needs, signed_in
from crm.policies import ADMINISTRATION
from quality import entries, services, worklist
from quality.filters import STATES, Filters

State = Suggestion.State
SAID = {
    State.SAME: gettext_lazy("Noted as the same: %s."),
    State.NOT_SAME: gettext_lazy("Noted as not the same: %s."),
    State.LATER: gettext_lazy("Put off for two weeks: %s."),
}
GONE = (
    gettext_lazy("This pair is gone"),
    gettext_lazy("One of its records is in the trash or not yours to change, or they are taken for the same no more."),
)
MOST_AT_ONCE = 200  # pairs of one answer
MERGE = "merge"


@signed_in
@require_safe
def duplicate_list(request):
    """Pairs and clusters that wait, the surest first; at `state` those put off and those answered."""
    filters = Filters(request.user, request.GET)
    after = Cursor.parse(request.GET.get("after", ""))
    look = worklist.last_look()
    context = {
        "filters": filters,
        "look": look,
        "count": worklist.counted(request.user),
        "owners": User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk"),
        "administers": bool(filters.kinds) and request.user.access.may(ADMINISTRATION, "view"),
        "may_look": request.user.access.may(ADMINISTRATION, "view") and not look.under_way,
        "after": after,
    }
    context["tabs"] = _tabs(filters, context["count"])
    pages = {"open": _waiting, "merged": _merges}
    page = pages.get(filters.state, _said)(request.user, filters, after)
    return answer(request, "quality/duplicates.html", "list", {**context, **page})


def _tabs(filters, count):
    return [
        {"label": label, "url": filters.address(state=key), "current": key == filters.state,
         "count": count if key == "open" else None}
        for key, label in STATES.items()
    ]  # fmt: skip


def _waiting(user, filters, after):
    page = worklist.waiting(user, filters.asked, after)
    return {"entries": entries.of(user, page.rows), "next": page.next, "cut": page.cut}


def _merges(user, filters, after):
    found, older = merging.merges(user, [kind.model for kind in filters.asked.kinds], before=after and after.pk)
    return {"merges": found, "next": Cursor(0, older) if older else None}


def _said(user, filters, after):
    rows = Suggestion.objects.put_off() if filters.state == "later" else Suggestion.objects.answered()
    page = worklist.said(user, filters.asked, rows, after)
    return {"answered": entries.answered(user, page.rows), "next": page.next}


@signed_in
@require_POST
def answer_pair(request, pk):
    """Say that the records of an entry are the same, are not, or are to be looked at later; or go to merge them."""
    state = parsing.choice(request.POST.get("answer"), [*SAID, MERGE])
    ids = parsing.identifiers([str(pk), *request.POST.getlist("pair")], most=MOST_AT_ONCE)
    among = parsing.identifiers(request.POST.getlist("pick")) if "choosing" in request.POST else None
    try:
        if state == MERGE:
            return _to_merge(request, worklist.opened(request.user, ids), among)
        rows = services.answer(ids=ids, among=among, state=state, by=request.user)
    except Suggestion.DoesNotExist:
        return errors.page(request, 404, message=GONE)
    except services.TooFew:
        return _refused(request, 422, _("Choose two records"), _("Fewer than two that may be one were ticked."))
    except duplicates.Answered as error:
        return _refused(request, 409, _("Somebody was faster"), _told(error.suggestion))
    worklist.counted(request.user)
    undo = f"undo:{reverse('quality:reopening', args=[rows[0].pk])}?said={state}"
    messages.success(request, SAID[state] % _names(request.user, rows), extra_tags=undo)
    return moved(request, _back(request))


def _to_merge(request, pairs, among):
    """Go to the screen that merges the records of some pairs, those chosen among them."""
    there = dict.fromkeys(pk for pair in pairs for pk in (pair.left, pair.right))
    ids = [pk for pk in there if among is None or pk in among]
    if len(ids) < 2:
        raise services.TooFew
    kind = duplicates.numbered(pairs[0].kind).model
    asked = [("kind", kind._meta.model_name), *(("pick", pk) for pk in ids), ("next", _back(request))]
    return moved(request, f"{reverse('quality:merge')}?{urlencode(asked)}")


@signed_in
@require_POST
def reopen_pair(request, pk):
    """Take an answer back: the pair waits again, with those answered at the same press.

    With `said`, as from the message after an answer, only if it is still that answer, and their own.
    """
    said = parsing.choice(request.GET["said"], SAID) if "said" in request.GET else None
    try:
        number = services.take_back(pk=pk, by=request.user, said=said)
    except Suggestion.DoesNotExist:
        return errors.page(request, 404, message=GONE)
    except duplicates.Answered as error:
        return _refused(request, 409, _("Somebody was faster"), _told(error.suggestion))
    worklist.counted(request.user)
    messages.success(request, _("It waits again.") if number else _("It waits already."))
    return moved(request, _back(request))


@needs(ADMINISTRATION, "view")
@require_POST
def look(request):
    """Have all records compared now."""
    services.look_now(by=request.user)
    messages.success(request, _("All records are being compared. What is found stands here."))
    return moved(request, reverse("quality:duplicates"))


def _refused(request, status, title, text):
    context = {"title": title, "text": text, "back": _back(request)}
    return render(request, "quality/refused.html", context, status=status)


def _told(suggestion):
    """Return in words what somebody said to a pair meanwhile."""
    by, label = suggestion.answered_by, suggestion.get_state_display().lower()
    if by is None:
        return _("It has another answer meanwhile: %(answer)s.") % {"answer": label}
    return _("%(name)s answered meanwhile: %(answer)s.") % {"name": by, "answer": label}


def _names(user, rows):
    """Return the names of the records of some pairs, as far as they can be told in a line."""
    kind = duplicates.numbered(rows[0].kind)
    ids = sorted({pk for row in rows for pk in (row.left, row.right)})
    names = [str(record) for record in kind.model.objects.visible_to(user).filter(pk__in=ids[:4]).order_by("pk")]
    if len(ids) > 3:
        return _("%(name)s and %(number)d more") % {"name": names[0] if names else "", "number": len(ids) - 1}
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]} if names else ""


def _back(request):
    """Return the list that somebody came from, at the entry that follows."""
    home = reverse("quality:duplicates")
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith(home) and url_has_allowed_host_and_scheme(wanted, None) else home
