"""What somebody may undo: what the rules of an act's kind say, else what their rights to each row allow."""

from __future__ import annotations

from functools import cached_property

from crm.access import access_of
from crm.undo.comparing import Compared
from crm.undo.rows import UndoEntry
from crm.undo.rules import rights_of

Operation = UndoEntry.Operation


class Allowed(Compared):
    """The rows of one model, and what their reader may do to them."""

    @cached_property
    def fixed(self):
        """Columns that whoever undoes may not set, or not know."""
        if self.rule:
            return set()
        names = access_of(self.by).fixed(self.model._meta.label_lower) if self.is_record else ()
        return {column for column, one in self.fields.items() if one.name in names}

    def allowed(self, lines):
        """Return the ids of the entries whose rows the user may change so."""
        if self.rule:
            return {line.entry.pk for line in lines}
        if self.is_record:
            return {pk for action in ("edit", "trash") for pk in self._allowed_records(lines, action)}
        if self.is_part:
            return self._allowed_parts([line.entry for line in lines])
        return self._allowed_rows([line.entry for line in lines])

    def _allowed_rows(self, entries):
        """Return the ids of entries of a table that says itself who may bring its rows back."""
        asks = rights_of(self.model)
        if asks is None:
            return set()
        now = self.model._default_manager.filter(pk__in=[one.row_id for one in entries])
        present = {row["pk"]: row for row in now.values("pk", *(one.attname for one in self.fields.values()))}
        sides = {one.pk: (one.before, one.after, present.get(one.row_id, {})) for one in entries}
        values = {pk: {c: {side[c] for side in some if c in side} for c in self.fields} for pk, some in sides.items()}
        return set(asks(list(values.items()), self.by))

    def _allowed_records(self, lines, action):
        asked = [line for line in lines if _action(line.entry) == action]
        if not asked:
            return set()
        rows = self.model.objects.changeable_by(self.by, action)
        ids = set(rows.filter(pk__in=[line.entry.row_id for line in asked]).values_list("pk", flat=True))
        if action == "trash":
            ids |= self._own_doing([line.entry for line in asked if line.entry.row_id not in ids])
        return {one.entry.pk for one in asked if one.entry.row_id in ids or self._gave_away(one, action)}

    def _own_doing(self, entries):
        """Return the ids of records that the user's own act has added, or its undoing trashed, and that they may edit.

        Who may add records and not trash any can so take back what they added, and take that back, too.
        """
        if self.act.by_id != self.by.pk:
            return set()
        again = bool(self.act.undoes_id)
        ids = [
            one.row_id
            for one in entries
            if one.operation == Operation.INSERT or (again and one.after.get("trashed_at"))
        ]
        if not ids:
            return set()
        return set(self.model.objects.changeable_by(self.by, "edit").filter(pk__in=ids).values_list("pk", flat=True))

    def _gave_away(self, line, action):
        """Whether the user gave this record of theirs to somebody else by the act, and it was not passed on since."""
        own = line.entry.before.get("owner_id") == self.by.pk and self.act.by_id == self.by.pk
        return own and "owner_id" in line.untouched and self.by.access.may(self.model.record_kind(), action)

    def _allowed_parts(self, entries):
        """Return the ids of entries of parts all of whose records the user may change, and whose sort they may know."""
        named = [(one, self._wholes(one)) for one in entries]
        open_ids = {}
        for model in {model for _one, wholes in named for model, _pk in wholes}:
            ids = {pk for _one, wholes in named for of, pk in wholes if of is model}
            may = self.model.rights_name not in access_of(self.by).fixed(model._meta.label_lower)
            rows = model.objects.changeable_by(self.by, "edit").filter(pk__in=ids)
            open_ids[model] = set(rows.values_list("pk", flat=True)) if may else set()
        return {one.pk for one, wholes in named if all(pk in open_ids[model] for model, pk in wholes)}

    def _wholes(self, entry):
        """Return {(model, id)} of the records a part belongs to: before the act, after it and now."""
        wholes = [self.model._meta.get_field(name) for name in self.model.wholes]
        sides = (entry.before, entry.after, self._present.get(entry.row_id, {}))
        return {(one.related_model, side[one.column]) for one in wholes for side in sides if side.get(one.column)}

    @cached_property
    def _present(self):
        return {}

    def know_wholes(self, entries):
        """Read to which records the parts of these entries belong now."""
        if self.is_part:
            columns = [self.model._meta.get_field(name).attname for name in self.model.wholes]
            rows = self.model.objects.unscoped(because="whose they are is asked before anything is done to them")
            rows = rows.filter(pk__in=[one.row_id for one in entries])
            self._present.update({row["pk"]: row for row in rows.values("pk", *columns)})


def _action(entry):
    """Return the right it takes to undo an entry: what was put in the trash, taken out or added is trashed or back."""
    return "trash" if "trashed_at" in entry.after or entry.operation != Operation.UPDATE else "edit"
