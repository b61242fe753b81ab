"""Merging records: one transaction, one act that can be undone, and nothing left behind at the old ids."""

from __future__ import annotations

from contextlib import suppress
from functools import wraps

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import Case, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import duplicates, events, history, undo
from crm.merging import choosing
from crm.merging.registry import collision_of, mergeable, references
from crm.merging.relations import every, relations_of
from crm.undo.following import Touched, follow
from crm.undo.recording import is_recording

KIND = "crm.merge"
FEWEST, MOST = 2, 10  # records of one merge
TRIES = 3
DEADLOCK = "40P01"

undo.say(KIND, gettext_lazy("Merged %(what)s"))


class Refused(Exception):
    """These records cannot be merged by this user. `words` say why; nothing was written."""

    def __init__(self, words):
        super().__init__(words)
        self.words = words


class Gone(Refused):
    """Some of the records are not live and theirs to change: merged, in the trash, of others, or none at all."""


class Stale(Exception):
    """Some of the records were changed since they were looked at: `ids`."""

    def __init__(self, ids):
        super().__init__(f"changed since: {ids}")
        self.ids = ids


def again_after_deadlock(function):
    """Function decorator: of two that wait for each other the one that the database stops begins anew."""

    @wraps(function)
    def tried(*args, **kwargs):
        for _attempt in range(TRIES - 1):
            with suppress(_Deadlock):
                return _once(function, args, kwargs)
        return function(*args, **kwargs)

    return tried


class _Deadlock(Exception):
    """The database stopped the transaction, and it can be begun anew."""


def _once(function, args, kwargs):
    try:
        return function(*args, **kwargs)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == DEADLOCK and not connection.in_atomic_block:
            raise _Deadlock from error
        raise


@again_after_deadlock
@transaction.atomic
def merge(model, ids, *, survivor=None, picks=None, seen=None, unseen=False, by):
    """Put records of a kind together; return the act, which can be undone for ever.

    `survivor`: the id that stays, the oldest record's if it is not said; the other ids lead to it from now on. `picks`:
    {key of a field: the id of the record whose value is kept}; where nothing is picked what is proposed. `seen`:
    {id: version} as they were looked at. `unseen`: nobody looked at them, so that it is no answer "the same" that
    matching learns from or is measured by. Everything that belongs to the others belongs to the survivor afterwards,
    whoever may see it.

    Raises Refused where that cannot be, Gone where one of them is not live and theirs to change, Stale where one was
    changed since; nothing is written then. Safe when others merge, change or trash the same records at once.
    """
    made, ids = mergeable(model), sorted(set(ids))
    if made is None or not FEWEST <= len(ids) <= MOST:
        raise Refused(_("Choose from %(fewest)d to %(most)d records.") % {"fewest": FEWEST, "most": MOST})
    if is_recording():
        raise RuntimeError("A merge is an act of its own.")
    records = _locked(model, ids, by)
    if changed := [pk for pk, version in (seen or {}).items() if pk in records and records[pk].version != version]:
        raise Stale(changed)
    kept = records[survivor] if survivor in records else choosing.survivor_of(records.values())
    losers = [one for pk, one in records.items() if pk != kept.pk]
    return _Merge(made, kept, losers, by, unseen).done(picks or {})


def _locked(model, ids, by):
    """Return {id: record}, locked in the order of their ids. Raises Gone."""
    rows = model.objects.editable_by(by).filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    records = {record.pk: record for record in rows}
    if len(records) < len(ids):
        raise Gone(_("Some of these are merged already, in the trash, or not yours to change."))
    return records


class _Merge:
    """One merge under way: the survivor, and the others in the order of their ids."""

    def __init__(self, made, kept, losers, by, unseen):
        self.made, self.kept, self.losers, self.by, self.unseen = made, kept, losers, by, unseen
        self.model = made.model
        self.others = [one.pk for one in losers]
        self.ids = [kept.pk, *self.others]

    def done(self, picks):
        facts = {"kind": self.model.record_kind(), "record": self.kept.pk, "merged": self.others}
        facts |= {"number": len(self.ids)}
        with (
            undo.recording(KIND, by=self.by, for_ever=True, **facts) as act,
            history.acting(self.by, reason=f"merge {act.pk}"),
        ):
            self._join(picks)
            _bring_up_to_date(act)
            self._answer(act)
        return act

    def _join(self, picks):
        chosen = choosing.chosen(self.made, [self.kept, *self.losers], picks, self.by)
        relations_here = relations_of(self.model)
        for relation in relations_here:
            self._drop_equal(relation)
        for reached in self.made.reached:
            self._choose_primary(reached, chosen)
        for relation in relations_here:
            relation.rows(self.others).update(**{relation.column: self.kept.pk})
        for reference in references():
            if reference.move:
                reference.move(self.model, self.kept.pk, self.others)
        self._set_values(chosen)
        self._bury()

    def _answer(self, act):
        """Note that these are the same, and that whoever was told apart from one of them is not the survivor."""
        if not self.unseen:
            duplicates.settle_among(self.model, self.ids, by=self.by)
        if apart := duplicates.told_apart(self.model, self.kept.pk, self.others):
            said = dict.fromkeys(apart, duplicates.Suggestion.State.NOT_SAME)
            duplicates.note(self.model, self.kept.pk, said, by=self.by)
            act.facts["apart"] = apart
            act.save(update_fields=["facts"])

    def _drop_equal(self, relation):
        """Take away the others' rows of which the survivor, or another before, has the same; the journal keeps them."""
        rule = collision_of(relation.model)
        if rule is None:
            return
        order = Case(*(When(**{relation.column: pk}, then=Value(place)) for place, pk in enumerate(self.ids)))
        number = Window(RowNumber(), partition_by=rule.same, order_by=[order, "pk"])
        rows = relation.rows(self.ids).annotate(place_among_equals=number).filter(place_among_equals__gt=1)
        others = set(self.others)
        gone = [pk for pk, whole in rows.values_list("pk", relation.column) if whole in others]
        if gone:
            every(relation.model).filter(pk__in=gone).delete()

    def _choose_primary(self, reached, chosen):
        """Of all the ways of a sort to reach the record let the chosen one be primary, and no other."""
        column = f"{self.model._meta.model_name}_id"
        rows = every(reached.part).filter(**{f"{column}__in": self.ids})
        wanted = chosen.get(reached.key)
        if wanted is not None:
            same = rows.filter(**{name: getattr(wanted, name) for name in reached.same})
            wanted = same.order_by("pk").values_list("pk", flat=True).first()
        rows.filter(is_primary=True).exclude(pk=wanted).update(is_primary=False)
        if wanted is not None:
            rows.filter(pk=wanted, is_primary=False).update(is_primary=True)

    def _set_values(self, chosen):
        """Give the survivor the values that were picked, through the gate."""
        for field in self.made.picked:
            for column in field.columns:
                name = self.model._meta.get_field(column).attname
                setattr(self.kept, name, getattr(chosen[field.key], name))
        for one in self.made.united:
            values = [getattr(record, one.column) for record in (self.kept, *self.losers)]
            setattr(self.kept, one.column, one.unite(values))
        first = min((self.kept, *self.losers), key=lambda record: (record.created_at, record.pk))
        self.kept.created_at, self.kept.created_by_id = first.created_at, first.created_by_id
        try:
            self.kept.save()
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from error
        self.kept.note("merged", by=self.by, records=self.others)

    def _bury(self):
        """Let the others lead to the survivor; what they were stays as it was."""
        every(self.model).filter(pk__in=self.others).update(merged_into=self.kept.pk)
        events.note_many(f"{self.model.record_kind()}.changed", self.others, by=self.by)


def _bring_up_to_date(act):
    """Bring up to date what follows from the rows that were written, by the same rules as after an undo."""
    touched: dict[str, list] = {}
    for kind, row_id, before, after in act.entries.order_by("id").values_list("kind", "row_id", "before", "after"):
        touched.setdefault(kind, []).append(Touched(row_id, before, after))
    for kind, some in touched.items():
        follow(apps.get_model(kind), some)
