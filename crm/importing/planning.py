"""The fate of rows: read, recognised, compared and put through the gate, some at a time, without writing anything.

The dry run and the run call the same `Planner.plan`; what the run writes is what was planned (crm.importing.writing).
Rows of a file that may be about one record stand in one group and are folded in their order, so that the second finds
what the first has made of the record.
"""

from __future__ import annotations

from collections import defaultdict

from crm import loading
from crm.importing import numbers
from crm.importing.drafts import Draft, Whole
from crm.importing.folding import fold
from crm.importing.numbers import NUMBER_ELSEWHERE
from crm.importing.reading import Reader
from crm.importing.recognising import ELSEWHERE, NUMBER, compare, is_alike, recognise
from crm.tombstones import living_of


class Planner(Reader):
    """Plans the rows of one import. `writes`: records that will be changed are locked, in the order of their ids.

    Subclasses say how a kind is read and known: `draft`, `identity`, `with_<key>`, `keys`, and perhaps `prepare`,
    `compared`, `parts_of`, `fold_parts`, `follow`, `write_first`, `write_last`.
    """

    def __init__(self, asked, *, writes=False, only=None):
        super().__init__(asked, only=only)
        self.writes = writes
        self.wholes: list[Whole] = []
        self.numbered: dict[str, set[int]] = {}

    def plan(self, rows):
        """Set fate, record and findings of rows that are whole groups in the order of (leader, number)."""
        self.wholes = []
        drafts = self.read(rows)
        self.prepare(drafts)
        ready = [draft for draft in drafts if draft.is_ready]
        recognise(self, ready)
        compare(self, [draft for draft in ready if draft.target is None and not draft.reason])
        there = self._there([draft for draft in ready if draft.target])
        groups: dict[int, list[Draft]] = defaultdict(list)
        for draft in drafts:
            groups[draft.row.leader].append(draft)
        for group in groups.values():
            fold(self, group, there)
        self.wholes += [whole for whole in there.values() if whole.rows]
        return drafts

    def _there(self, drafts):
        """Return {id: Whole} of the records that drafts are about and the user may change; drafts follow a merge."""
        there = self._wholes({draft.target for draft in drafts})
        missing = {draft.target for draft in drafts} - there.keys()
        if missing and self.writes:  # perhaps merged since they were recognised, and before they were locked
            now = living_of(self.model, missing)
            there |= self._wholes(set(now.values()) - there.keys() - missing)
            for draft in drafts:
                draft.target = now.get(draft.target, draft.target)
        return there

    def _wholes(self, ids):
        rows = self.model.objects.editable_by(self.user).filter(pk__in=ids).order_by("pk") if ids else ()
        if self.writes and ids:
            rows = rows.select_for_update(of=("self",))
        records = list(rows)
        parts = self.parts_of(records)
        return {one.pk: Whole(one, parts.get(one.pk, []), False, self.fixed) for one in records}

    # Recognising

    known_columns: tuple[str, ...] = ()
    """Keys of the columns from which `keys` are told."""

    def keys(self, draft):
        """Return the texts by which rows of the file are put together, before what they refer to is looked up.

        Two rows of which one could find the record that the other makes have one in common.
        """
        named = {NUMBER: "id", ELSEWHERE: NUMBER_ELSEWHERE}
        return [f"{name}:{draft.text(key)}" for name, key in named.items() if key in draft.texts]

    def identities(self, draft):
        """Yield (name of a key, text), the surest first: rows and records that have one in common may be the same."""
        if "id" in draft.texts:
            yield NUMBER, draft.text("id")
        if self.source and NUMBER_ELSEWHERE in draft.texts:
            yield ELSEWHERE, draft.text(NUMBER_ELSEWHERE)
        for name in self.options.get("keys") or [key.name for key in self.importable.keys]:
            if name not in (NUMBER, ELSEWHERE):
                for text in self.identity(name, draft):
                    yield name, text

    def identity(self, name, draft):
        """Return the texts by which a row is known under a key."""
        raise NotImplementedError

    def known_by(self, draft):
        """Yield (name of a key, text) by which the record that a row makes is found from then on."""
        return self.identities(draft)

    def looked_up(self, name, texts):
        """Return {text: ids of records, whoever may see them} for the texts of one key."""
        if name == NUMBER:
            return {text: [int(text)] for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
        if name == ELSEWHERE:
            return numbers.known(self.importable.kind, self.source, texts)
        found = defaultdict(list)
        for text, pk in getattr(self, f"with_{name}")(texts):
            found[text].append(pk)
        return found

    telling: tuple[str, ...] = ("sort_name",)
    """Columns of a record that speak against its being the one a row is about."""

    def fits(self, draft, told):
        """Whether a row can be about a record, given the values of its `telling` columns."""
        return is_alike(draft.name, told[0])

    def compared(self, draft):
        """Return {column of the specification of duplicates: texts} of a draft."""
        return {}

    # What is there, and what becomes of it

    def prepare(self, drafts):
        """Look up what rows refer to."""

    def parts_of(self, records):
        """Return {id: parts} of some records."""
        return {}

    only_new: tuple[str, ...] = ("owner", "source")
    """Fields that a file sets at new records alone."""
    only_empty: tuple[str, ...] = ()
    """Fields of a record there that a file fills and never changes."""
    united: tuple[str, ...] = ()
    """Fields with several values: those of the file are added."""
    righted: tuple[str, ...] = ()
    """Fields of which it is told when the gate has written them otherwise."""

    def first_values(self):
        """Return what a new record has beside what the file says."""
        return {"owner": self.owner, "team": self.owner.team}

    def set(self, record, name, value):
        """Set a field; an owner brings their team."""
        loading.put(record, name, value)
        if name == "owner":
            loading.put(record, "team", value.team)

    tells_owners = True
    """Whether it is told to users that a new record is theirs."""
    following: tuple[str, ...] = ()
    """Fields that follow from others, written with them."""

    def fold_parts(self, whole, draft):
        """Add the parts of a row to a record; return how many of its fields that changes."""
        return 0

    def follow(self, whole):
        """Set what follows from the record and its parts."""

    def write_first(self, wholes):
        """Write what is new among that to which these records refer."""

    def write_last(self, wholes):
        """Bring up to date what follows from these records, which are written."""
