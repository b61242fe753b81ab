"""Runs that merge the certain ones, and what takes them apart: a cluster a step, each merge an act of its own."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from crm import duplicates, jobs, merging, undo
from crm.jobs import Job
from crm.policies import ADMINISTRATION
from quality import certain
from quality.models import BulkMerge, BulkMergeItem, CertainRule

MERGE, PART = "quality.merge_certain", "quality.part_certain"
Outcome = BulkMergeItem.Outcome


class NotOn(Exception):
    """Merging the certain ones of this kind is switched off, or what people answered since speaks against it."""


class NothingLeft(Exception):
    """None of the clusters stands as it was seen."""


@transaction.atomic
def begin(kind, seen, *, by, is_nightly=False):
    """Ask for a run over clusters as they were seen, {ids: versions}; return it. While one is under way that one.

    A cluster that is otherwise by now is noted as left. Raises NotOn, NothingLeft.
    """
    rule = CertainRule.objects.select_for_update(of=("self",)).filter(kind=kind.number, is_on=True).first()
    if rule is None or certain.verdict(kind).is_refused:
        raise NotOn
    if (running := under_way(kind)) is not None:
        return running
    now = certain.listed(kind, by)
    ready = {one.ids: one.versions for one in now.ready}
    if not any(ready.get(ids) == versions for ids, versions in seen.items()):
        raise NothingLeft
    left = Counter(why for ids, why in now.why.items() if ids not in seen)
    asked = BulkMerge.objects.create(kind=kind.number, by=by, is_nightly=is_nightly, left=left)
    BulkMergeItem.objects.bulk_create(
        _item(asked, number, ids, versions, "" if ready.get(ids) == versions else now.why.get(ids, certain.CHANGED))
        for number, (ids, versions) in enumerate(seen.items(), 1)
    )
    asked.job = jobs.enqueue(MERGE, by=by, asked=asked.pk)
    asked.save(update_fields=["job"])
    return asked


def _item(asked, number, ids, versions, why):
    outcome = Outcome.LEFT if why else Outcome.OPEN
    return BulkMergeItem(run=asked, number=number, ids=ids, versions=versions, outcome=outcome, why=why)


def under_way(kind):
    """Return the run of a kind that is being done or taken apart, None if there is none."""
    going = [*Job.DUE, Job.State.RUNNING]
    rows = BulkMerge.objects.filter(Q(job__state__in=going) | Q(parting_job__state__in=going), kind=kind.number)
    return rows.order_by("-pk").first()


@transaction.atomic
def part(asked, *, by):
    """Ask for all merges of a run to be taken apart; return the run. Safe when two ask at once; while it is being done
    nothing else begins."""
    found = BulkMerge.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if is_going(found.job) or is_going(found.parting_job):
        return found
    if found.items.filter(outcome=Outcome.MERGED).exists():
        found.parting_job = jobs.enqueue(PART, by=by, asked=found.pk)
        found.save(update_fields=["parting_job"])
    return found


def is_going(job):
    """Whether a job waits or is being done; None is over."""
    return job is not None and not job.is_over


def ask_nightly():
    """Ask for a run of each kind for which that is switched on, with the rights of who switched it on.

    Return {kind: what came of it}: the id of the run, or why there is none.
    """
    found = {}
    for rule in CertainRule.objects.filter(is_on=True, is_nightly=True).select_related("by").order_by("pk"):
        kind = duplicates.numbered(rule.kind)
        found[kind.name] = _asked_nightly(kind, rule.by)
    return found


def _asked_nightly(kind, user):
    if not (user and user.is_active and user.access.may(ADMINISTRATION, "view")):
        return "whoever switched it on may not any more"
    try:
        return begin(
            kind, {one.ids: one.versions for one in certain.listed(kind, user).ready}, by=user, is_nightly=True
        ).pk
    except NotOn:
        return "too few answers say that it is right"
    except NothingLeft:
        return "nothing to merge"


def asked_by(run):
    """Return who asked for a job, if they still may. Raises jobs.Hopeless."""
    user = run.job.asked_by
    if not (user and user.is_active and user.access.may(ADMINISTRATION, "view")):
        raise jobs.Hopeless("Whoever asked for it may not any more.")
    return user


def _run_of(pk):
    found = BulkMerge.objects.filter(pk=pk).first()
    if found is None:
        raise jobs.Hopeless("There is no such run.")
    return found


def merge_all(run, pk):
    """Merge the clusters of a run that are still certain, with the rights of who asked; a worker that takes over goes
    on with what is to do. It stops, and can go on later, where the rule is switched off meanwhile, or what people
    answered speaks against it."""
    user, asked = asked_by(run), _run_of(pk)
    if asked.parting_job_id:
        raise jobs.Hopeless("What it had merged was taken apart.")
    kind = duplicates.numbered(asked.kind)
    run.progress(total=asked.items.count())
    is_refused = certain.verdict(kind).is_refused
    for item in _each(asked.items.filter(outcome=Outcome.OPEN), "number"):
        if is_refused or not certain.rule(kind).is_on:
            raise jobs.Cancelled
        with run.step():
            _merge_one(kind, item, user)
    told = certain.tallies([asked])[asked.pk]
    return {**_page(asked), "changed": told.outcomes[Outcome.MERGED], "left": sum(told.left.values())}


def _each(items, order):
    """Yield the items one after the other as they stand then; each is settled before the next is asked for."""
    before = None
    while (item := items.order_by(order).first()) and item.pk != before:
        yield item
        before = item.pk


def _merge_one(kind, item, user):
    """Merge the records of one cluster, or note why they are left."""
    duplicates.one_at_a_time(kind)  # nobody says otherwise until it is done
    item.why = certain.why_not_now(kind, item.ids, user)
    if not item.why:
        _try(kind, item, user)
    item.outcome = Outcome.LEFT if item.why else Outcome.MERGED
    item.save(update_fields=["outcome", "why", "act"])


def _try(kind, item, user):
    seen = dict(zip(item.ids, item.versions, strict=True))
    [proposed] = certain.previews(kind, [certain.Ready(tuple(item.ids), tuple(item.versions))], user)
    try:
        item.act = merging.merge(
            kind.model, item.ids, survivor=proposed.kept.pk, picks=proposed.picks, seen=seen, unseen=True, by=user
        )
    except merging.Stale:
        item.why = certain.CHANGED
    except merging.Gone:
        item.why = certain.band.GONE
    except merging.Refused:
        item.why = certain.REFUSED


def part_all(run, pk):
    """Take the merges of a run apart, the last first, with the rights of who asked; what stays merged is noted."""
    user, asked = asked_by(run), _run_of(pk)
    merged = asked.items.filter(outcome=Outcome.MERGED)
    run.progress(total=run.done + merged.count())
    for item in _each(merged.select_related("act"), "-number"):
        with run.step():
            item.outcome = _parted(item.act, user)
            item.save(update_fields=["outcome"])
    outcomes = certain.tallies([asked])[asked.pk].outcomes
    return {
        **_page(asked),
        "changed": outcomes[Outcome.PARTED],
        "left": outcomes[Outcome.PARTLY] + outcomes[Outcome.STAYS],
    }


def _parted(act, user):
    """Take one merge apart; return how that came out."""
    if act is None:
        return Outcome.STAYS
    try:
        act = merging.unmerge(act, by=user)
    except undo.NotOpen as error:  # somebody took it apart before
        act = error.act
    except undo.Refused:
        return Outcome.STAYS
    return Outcome.PARTLY if act.state == undo.Act.State.PARTLY else Outcome.PARTED


def _page(asked):
    return {"page": reverse("quality:certain_run", args=[asked.pk])}
