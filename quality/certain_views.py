"""Merging the certain ones: how right that is, the switch, what would be merged, the runs and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import duplicates, jobs, merging, parsing
from crm.pages import answer, moved, needs
from crm.policies import ADMINISTRATION
from quality import bulk, certain, services, worklist
from quality.models import BulkMerge, BulkMergeItem

RUNS = 10  # shown, the newest
ITEMS = 50  # of a run on one page
Outcome = BulkMergeItem.Outcome
administers = needs(ADMINISTRATION, "view")


@administers
@require_safe
def certain_ones(request):
    """What the certain band is, how right it was found to be, whether it is on, and what would be merged now."""
    return _page(request, _kind(request, request.GET))


def _kind(request, asked):
    """Return the kind that is asked for, the first without a word; 404 where the user changes none."""
    kinds = certain.kinds_of(request.user)
    if not kinds:
        raise Http404
    return kinds[parsing.choice(asked.get("kind"), kinds, default=next(iter(kinds)))]


def _page(request, kind, *, status=200, problem=""):
    rule, known = certain.rule(kind), certain.verdict(kind)
    running = bulk.under_way(kind)
    shows = rule.is_on and not known.is_refused and running is None
    listed = certain.listed(kind, request.user) if shows else certain.Listed()
    context = {
        "kind": kind.model._meta.model_name,
        "plural": kind.model._meta.verbose_name_plural,
        "tabs": _tabs(request, kind),
        "percent": _percent(kind.specification.certain, 2).replace("0%", "%"),
        "rule": rule,
        "known": known,
        "said": _said(known),
        "measured": _measured(known.measured),
        "problem": problem,
        "running": running,
        "may_look": running is not None and _runs(request.user).filter(pk=running.pk).exists(),
        "shows": shows,
        "listed": listed,
        "previews": certain.previews(kind, listed.ready[: certain.SHOWN], request.user),
        "merge_words": _merge_words(len(listed.ready)),
        "runs": _told(_runs(request.user).filter(kind=kind.number)[:RUNS]),
        **_limits(),
    }
    return answer(request, "quality/certain.html", "certain", context, status=status)


def _tabs(request, kind):
    return [
        {"label": one.model._meta.verbose_name_plural.capitalize(), "url": f"?kind={key}", "current": one is kind}
        for key, one in certain.kinds_of(request.user).items()
    ]


def _limits():
    return {
        "refused_below": _percent(certain.REFUSED_BELOW), "warned_below": _percent(certain.WARNED_BELOW),
        "least_answers": certain.LEAST_ANSWERS, "enough_answers": certain.ENOUGH_ANSWERS,
    }  # fmt: skip


def _percent(share, places=0):
    """Return "99.8%", never rounded up."""
    scale = 10 ** (places + 2)
    return f"{int(share * scale + 1e-9) / 10**places:.{places}f}%"


def _shown(number):
    return number_format(number, force_grouping=True)


def _said(known):
    """Return what people answered here as (figure, note, tone)."""
    if not known.answers.number:
        return _("No answers yet"), _("Answer certain pairs on the worklist first"), "warn"
    told = {"same": _shown(known.answers.same), "number": _shown(known.answers.number)}
    figure = _("%(same)s of %(number)s") % told
    least = _("answered pairs were the same: at least %s, with 95%% confidence") % _percent(known.answers.least, 1)
    return figure, least, "bad" if known.is_refused else "warn" if known.is_warned else "good"


def _measured(measured):
    """Return what labelled sets said as the page shows it, None where nothing was measured."""
    if measured is None:
        return None
    told = {"right": _shown(measured.right), "pairs": _shown(measured.pairs), "least": _percent(measured.least, 1)}
    note = _("%(right)s of %(pairs)s pairs: at least %(least)s, with 95%% confidence") % told
    rows = [
        (one.name, _shown(one.records), _shown(one.right), _shown(one.pairs), _share(one.precision), _share(one.recall),
         _share(one.recall_at_995), one.is_clean)
        for one in measured.sets
    ]  # fmt: skip
    is_low = measured.least < certain.WARNED_BELOW
    return {"figure": _share(measured.precision), "note": note, "rows": rows, "command": measured.command,
            "on": measured.on, "tone": "warn" if is_low else "good"}  # fmt: skip


def _share(share):
    return "–" if share is None else _percent(share, 1)


def _merge_words(number):
    return _("Merge %s") % _shown(number)


def _runs(user):
    """Return the runs a user may know of: their own, and of kinds of which they may change all, everybody's."""
    kinds = certain.kinds_of(user).values()
    whole = [kind.number for kind in kinds if user.access.scope(kind.name, "edit") == "all"]
    rows = BulkMerge.objects.filter(Q(kind__in=whole) | Q(by=user.pk), kind__in=[kind.number for kind in kinds])
    return rows.select_related("by", "job", "parting_job").order_by("-pk")


def _told(runs):
    """Return the runs with what is said of each: its numbers in words, and how it stands."""
    runs = list(runs)
    tallies = certain.tallies(runs)
    return [_with(run, tallies[run.pk].outcomes, tallies[run.pk].left) for run in runs]


def _with(run, outcomes, left):
    apart = outcomes[Outcome.PARTED] + outcomes[Outcome.PARTLY]
    run.merged = _shown(outcomes[Outcome.MERGED] + apart + outcomes[Outcome.STAYS])
    run.left_number, run.reasons = _shown(sum(left.values())), [(words, _shown(n)) for words, n in certain.told(left)]
    run.parted, run.stays, run.partly = _shown(apart), outcomes[Outcome.STAYS], outcomes[Outcome.PARTLY]
    run.was_parted, run.to_do = bool(apart), outcomes[Outcome.OPEN]
    run.is_merging, run.is_parting = bulk.is_going(run.job), bulk.is_going(run.parting_job)
    run.is_stopped = bool(run.to_do) and not run.is_merging
    run.can_part = bool(outcomes[Outcome.MERGED]) and not (run.is_merging or run.is_parting)
    run.total = _shown(sum(outcomes.values()))
    run.going = run.job if run.is_merging else run.parting_job if run.is_parting else None
    return run


@administers
@require_POST
def certain_switch(request):
    """Switch it on or off for a kind (`on`), every night too (`nightly`); with `knows` although one may be wrong."""
    kind = _kind(request, request.POST)
    sent = {name: request.POST.get(name) == "yes" for name in ("on", "nightly", "knows")}
    try:
        rule = services.switch(kind=kind, **sent, by=request.user)
    except services.NotKnown:
        return _page(request, kind, status=422, problem=_("Tick that you know how many of these merges may be wrong."))
    except services.MayNotBeOn:
        return _page(request, kind, status=422, problem=_("It stays off: what was answered here does not say enough."))
    messages.success(request, _("Switched on.") if rule.is_on else _("Switched off. What was merged stays merged."))
    return moved(request, _address(kind))


def _address(kind):
    return f"{reverse('quality:certain')}?kind={kind.model._meta.model_name}"


@administers
@require_POST
def certain_merge(request):
    """Merge the clusters that were shown (`seen`), as far as they still stand so; asked twice it runs once."""
    kind = _kind(request, request.POST)
    seen = certain.read_seen(request.POST.get("seen", ""))
    try:
        run = bulk.begin(kind, seen, by=request.user)
    except bulk.NotOn:
        return _page(
            request,
            kind,
            status=409,
            problem=_("It is off by now, or the answers speak against it. Nothing was merged."),
        )
    except bulk.NothingLeft:
        return _page(request, kind, status=409, problem=_("All of these have changed since. Look again."))
    if not _runs(request.user).filter(pk=run.pk).exists():
        return _page(request, kind, status=409, problem=_("Somebody else's run is under way. Nothing was merged."))
    return moved(request, reverse("quality:certain_run", args=[run.pk]))


def _run(request, pk):
    """Return a run that the user may know of; else 404."""
    return get_object_or_404(_runs(request.user), pk=pk)


@administers
@require_safe
def certain_run(request, pk):
    """How far a run is, and what became of each cluster; while it goes on the page asks again by itself."""
    [run] = _told([_run(request, pk)])
    show = parsing.choice(request.GET.get("show"), ["merged", "left"], default="merged")
    after = parsing.whole(request.GET.get("after"), high=2**31 - 1, default=0)
    kind = duplicates.numbered(run.kind)
    items, following = _items(run, show, after)
    context = {
        "run": run,
        "plural": kind.model._meta.verbose_name_plural,
        "show": show,
        "lines": _lines(kind, items, request.user),
        "following": following,
        "address": _address(kind),
        "tabs": [
            {"label": label, "url": f"?show={key}", "current": key == show, "count": count}
            for key, label, count in (("merged", _("Merged"), run.merged), ("left", _("Left"), None))
        ],
    }
    return answer(request, "quality/certain_run.html", "run", context)


def _items(run, show, after):
    left = [Outcome.LEFT]
    rows = run.items.filter(number__gt=after).exclude(outcome=Outcome.OPEN)
    rows = rows.filter(outcome__in=left) if show == "left" else rows.exclude(outcome__in=left)
    found = list(rows.select_related("act").order_by("number")[: ITEMS + 1])
    return found[:ITEMS], found[ITEMS - 1].number if len(found) > ITEMS else None


def _lines(kind, items, user):
    """Return (item, [(record, name)], reason) of clusters, with the names of records that their reader sees."""
    ids = [pk for item in items for pk in item.ids]
    seen = kind.model.objects.visible_to(user).in_bulk(ids) if ids else {}
    gone = kind.model.objects.merged_for(user).in_bulk(set(ids) - seen.keys()) if ids else {}
    open_acts = merging.open_acts([item.act_id for item in items if item.act_id], user)
    return [
        {"item": item, "live": [seen[pk] for pk in item.ids if pk in seen], "why": certain.WHY.get(item.why, ""),
         "gone": [gone[pk] for pk in item.ids if pk in gone], "act": open_acts.get(item.act_id),
         "state": Outcome(certain.outcome_now(item.outcome, item.act and item.act.state))}
        for item in items
    ]  # fmt: skip


@administers
@require_POST
def certain_stop(request, pk):
    """Stop a run, or its undoing, at the next cluster; what was done stays."""
    run = _run(request, pk)
    for job in (run.job, run.parting_job):
        if bulk.is_going(job):
            jobs.cancel(job)
    return moved(request, reverse("quality:certain_run", args=[pk]))


@administers
@require_POST
def certain_again(request, pk):
    """Go on with a run that was stopped or given up."""
    run = _run(request, pk)
    if run.job is not None and run.parting_job is None:
        jobs.retry(run.job)
    return moved(request, reverse("quality:certain_run", args=[pk]))


@administers
@require_POST
def certain_reversal(request, pk):
    """Take all merges of a run apart."""
    run = bulk.part(_run(request, pk), by=request.user)
    if bulk.is_going(run.job):
        messages.info(request, _("It is still merging. Stop it first."))
    elif run.parting_job is None:
        messages.info(request, _("There is nothing to take apart."))
    worklist.counted(request.user)
    return moved(request, reverse("quality:certain_run", args=[pk]))
