"""What would become of records that are put together: who stays, and which values, for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import changes, merging
from crm.merging import choosing
from crm.records import Record


@dataclass
class Proposed:
    """One group: the record that stays, the others; `picks`: what `merging.merge` takes; `values`: (label, text, why)
    of fields in which they differ."""

    kept: Any
    others: list
    picks: dict = field(default_factory=dict)
    values: list = field(default_factory=list)


def names_of(model, records, user):
    """Return {column: {id: name}} of the records these refer to, as far as the reader sees them."""
    found = {}
    for one in model._meta.concrete_fields:
        if one.is_relation and issubclass(one.related_model, Record) and one.name != "merged_into":
            ids = {getattr(record, one.attname) for record in records} - {None}
            there = {pk: str(row) for pk, row in one.related_model.objects.visible_to(user).in_bulk(ids).items()}
            found[one.name] = dict.fromkeys(ids, _("Not yours to see")) | there
    return found


def since(model, records, fields, user):
    """Return {(id, column): when it was set}, as far as that is on record."""
    names = [column for one in fields for column in getattr(one, "columns", ())]
    by_column = {model._meta.get_field(name).attname: name for name in names}
    told = changes.last_changed(model, [one.pk for one in records], set(by_column), timezone.now(), user)
    return {(pk, by_column[column]): at for (pk, column), (_who, at) in told.items()}


class Values:
    """The values of some records as one reader may know them: a few queries for all of them.

    `records` were opened to be changed by the reader; hidden fields are taken out of them.
    """

    def __init__(self, model, records, user):
        self.model, self.user, self.made = model, user, merging.mergeable(model)
        hidden = user.access.hidden(model._meta.label_lower)
        for record in records:
            record.mask(hidden)  # nothing is proposed by what its reader may not know
        self.fields = [one for one in self.made.fields if hidden.isdisjoint(one.rights_names)]
        reached = [one for one in self.made.reached if one in self.fields]
        self.names, self.since = names_of(model, records, user), since(model, records, self.fields, user)
        self.parts = {one.key: choosing.primaries(one, records) for one in reached}
        self.proofs = choosing.proofs(reached, self.parts, user)

    def sides(self, records):
        """Return {key of a field: a Side for each of these records}."""
        return {
            one.key: choosing.sides_of(
                one, records, self.parts.get(one.key, {}), names=self.names, since=self.since,
                proofs=self.proofs.get(one.key),
            )
            for one in self.fields
        }  # fmt: skip


def proposed(model, groups, user):
    """Return a Proposed for each list of records, oldest first: what the merge screen proposes for them."""
    values = Values(model, [record for group in groups for record in group], user) if groups else None
    return [_proposed(values, group) for group in groups]


def _proposed(values, group):
    kept = merging.survivor_of(group)
    found = Proposed(kept, [record for record in group if record is not kept])
    sides = values.sides(group)
    for one in values.fields:
        own = sides[one.key]
        if len({side.text for side in own}) < 2 or choosing.is_fixed(one, values.model, values.user):
            continue
        said = one.propose(own)
        found.picks[one.key] = group[said.place].pk
        found.values.append((one.label, own[said.place].text, said.why))
    return found
