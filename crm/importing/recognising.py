"""Which record a row is about: by its keys, else by likeness."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from crm import duplicates, merging
from crm.importing.options import ASK, CERTAIN, MERGE, TAKE, UPDATE
from crm.importing.rows import ImportRow
from crm.tombstones import living_of

NUMBER, ELSEWHERE = "id", "external"
"""The keys that leave no doubt: the record's number here, and its number in the program the file comes from."""
SAME_NAME = 55  # token set ratio: "Anna Jones" and "Anna Miller" have 57, "Bob Smith" and "Anna Jones" 32


def is_alike(name, other):
    """Whether two names, as sorted by, can be one person's or one firm's; nothing speaks against no name."""
    return not name or not other or name == other or fuzz.token_set_ratio(name, other) >= SAME_NAME


def recognise(planner, drafts):
    """Set the target of each draft that is about a record there, or why it cannot be said which."""
    asked: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        for name, text in planner.identities(draft):
            asked[name].add(text)
    found = {name: planner.looked_up(name, texts) for name, texts in asked.items()}
    ids = {pk for by_text in found.values() for some in by_text.values() for pk in some}
    moved = {pk: now for pk, now in living_of(planner.model, ids).items() if pk != now}
    rows = planner.model.objects.visible_to(planner.user).filter(pk__in={moved.get(pk, pk) for pk in ids})
    told = {pk: values for pk, *values in rows.values_list("pk", *planner.telling)} if ids else {}
    planner.numbered = {text: {moved.get(pk, pk) for pk in some} for text, some in found.get(ELSEWHERE, {}).items()}
    for draft in drafts:
        _choose(planner, draft, found, moved, told)


def _choose(planner, draft, found, moved, told):
    for name, text in planner.identities(draft):
        there = sorted({moved.get(pk, pk) for pk in found[name].get(text, ())} & told.keys())
        if name == NUMBER:
            draft.target = there[0] if there else None
            draft.reason = "" if there else _("There is no record of this number.")
            return
        chosen = there if name == ELSEWHERE else _fitting(planner, draft, there, told)
        if len(chosen) == 1:
            draft.target = chosen[0]
            return
        if chosen:
            draft.reason = _("%(number)d records have this in common with it: %(what)s.") % {
                "number": len(chosen),
                "what": text.partition("\n")[0],
            }
            return


def _fitting(planner, draft, there, told):
    same = [pk for pk in there if draft.name and told[pk][0] == draft.name]
    return [pk for pk in same or there if planner.fits(draft, told[pk])]


def compare(planner, drafts):
    """Note at each draft which record it may be, of those the user may see, and take it for that where so chosen.

    Where doubles are added and asked about, or merged, the run goes by what the dry run found: what the preview told
    is what is done, and what came since stands on the worklist as soon as the increments have seen it.
    """
    wanted = planner.options.get("doubles")
    if not drafts or planner.options.get("mode") == UPDATE or duplicates.kind_of(planner.model) is None:
        return
    if planner.writes and wanted in (ASK, MERGE):
        for draft in drafts:
            draft.double = _told_before(draft.row.found)
    else:
        _look(planner, drafts)
    if wanted == TAKE:
        for draft in drafts:
            if _is_certain(draft):
                draft.target = draft.double[0]
    elif wanted == MERGE:
        _merge(planner, [draft for draft in drafts if _is_certain(draft)])


def _look(planner, drafts):
    done = planner.asked.rows.filter(is_done=True, fate__in=ImportRow.WRITTEN[:2])
    own = set(done.values_list("record", flat=True))
    compared = [planner.compared(one) for one in drafts]
    found = duplicates.likely_many(planner.model, compared, planner.user, without=own)
    for draft, best in zip(drafts, found, strict=True):
        draft.double = best


def _is_certain(draft):
    return draft.double is not None and draft.double[1] >= CERTAIN


def may_merge(model, user):
    """Whether rows of a user's file can be merged with records of a kind: it takes the right to change them."""
    kind = model._meta.label_lower
    return merging.mergeable(model) is not None and user.access.may(kind, "edit")


def _merge(planner, drafts):
    """Take rows for the records they most likely are, as far as the user may change these."""
    if not drafts or not may_merge(planner.model, planner.user):
        return
    now = living_of(planner.model, {draft.double[0] for draft in drafts})
    rows = planner.model.objects.editable_by(planner.user).filter(pk__in=now.values())
    editable = set(rows.values_list("pk", flat=True))
    for draft in drafts:
        target = now.get(draft.double[0])
        if target in editable:
            draft.target, draft.merges = target, True


def _told_before(found):
    """Return the double that a dry run noted at a row."""
    if "double" not in found:
        return None
    return found["double"], (found["percent"] + 0.5) / 100, found["name"]
