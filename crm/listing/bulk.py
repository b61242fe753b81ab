"""One change to many records of a list: those picked, or all that match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import undo
from crm.choices import assignable

MOST_PICKED = 200  # a page has fifty


@dataclass(frozen=True)
class Change:
    """What is done to each record. `action`: the right it takes; `sets`: the field it changes, which the user must be
    free to set; `field(user, model)`: what is asked for first, if anything; `apply(record, value, user)` does it to a
    record the user may do it to, and says whether it changed; `apply_all(records, user)` does it to all at once and
    returns how many changed."""

    label: Any
    icon: str
    action: str
    apply: Callable | None = None
    field: Callable | None = None
    sets: str = ""
    apply_all: Callable | None = None
    leads: Callable | None = None
    """Instead of being done here and now: `leads(model, ids)` gives the address of the page that does it."""
    suits: Callable | None = None
    """Whether it can be done to records of a model; None: to any."""
    most: int = MOST_PICKED

    def recording(self, name, form, model, user, **options):
        """Return the recording of this change, done to some records of a model by a user."""
        facts = {"kind": model._meta.label_lower, "value": str(form.value or ""), "field": self.sets}
        return undo.recording(f"crm.{name}", by=user, **options, **facts)


def _owner_field(user, model):
    return forms.ModelChoiceField(assignable(user, model), label=_("New owner"))


def _assign(record, owner, user):
    if record.owner_id == owner.pk:
        return False
    record.owner = owner
    record.save()
    return True


def _tag_field(user, model):
    return forms.CharField(max_length=40, label=_("Tag"))


def _add_tag(record, tag, user):
    return _retag(record, [*record.tags, tag])


def _remove_tag(record, tag, user):
    return _retag(record, [other for other in record.tags if other.casefold() != tag.casefold()])


def _retag(record, tags):
    before, record.tags = list(record.tags), tags
    record.standardise()
    if record.tags == before:
        return False
    record.save()
    return True


def _trash(records, user):
    return type(records[0]).trash_all([record.pk for record in records], by=user)


CHANGES = {
    "assign": Change(_("Assign"), "person", "edit", _assign, _owner_field, sets="owner"),
    "tag": Change(_("Add a tag"), "tag", "edit", _add_tag, _tag_field, sets="tags"),
    "untag": Change(_("Remove a tag"), "eraser", "edit", _remove_tag, _tag_field, sets="tags"),
    "trash": Change(_("Put in the trash"), "trash3", "trash", apply_all=_trash),
}


def register(name, change):
    """Add something that is done to records picked in a list."""
    CHANGES[name] = change


def changes_for(user, kind):
    """Return {name: Change} of what the user's role may do to some records of a kind.

    Without the right to edit there is none: the address where many are changed takes it.
    """
    access, fixed = user.access, user.access.fixed(kind)
    if not access.may(kind, "edit"):
        return {}
    model = apps.get_model(kind)
    return {
        name: one
        for name, one in CHANGES.items()
        if access.may(kind, one.action) and one.sets not in fixed and (one.suits is None or one.suits(model))
    }


def opened(listing, change):
    """Return the records of the list to which its reader may do this, in the order of their ids."""
    rows, user = listing.model.objects, listing.request.user
    allowed = rows.trashable_by(user) if change.action == "trash" else rows.editable_by(user)
    return listing.filterset.filter_queryset(allowed).order_by("pk")


def locked(rows):
    return rows.select_for_update(of=("self",))


def applied(change, records, value, user):
    """Do it to each record; the caller has locked them. Return (how many changed, [(record, why it was left)])."""
    changed, left = 0, []
    if change.apply_all:
        records = list(records)
        return change.apply_all(records, user) if records else 0, left
    for record in records:
        try:
            changed += change.apply(record, value, user)
        except ValidationError as error:
            left.append((record, " ".join(error.messages)))
    return changed, left


class ChangeForm(forms.Form):
    """What a change asks for before it is done."""

    def __init__(self, data, *, change, user, model, typed=""):
        """`typed`: a word that has to be typed before so much is done at once."""
        super().__init__(data)
        if change.field:
            self.fields["value"] = change.field(user, model)
        self.wanted = str(typed)
        if typed:
            self.fields["typed"] = forms.CharField(max_length=100, label=_("Type “%s” to confirm") % typed)

    def clean_typed(self):
        typed = self.cleaned_data["typed"].strip()
        if typed.casefold() != self.wanted.casefold():
            raise ValidationError(_("Type “%s”.") % self.wanted)
        return typed

    @property
    def value(self):
        return self.cleaned_data.get("value")

    @property
    def kept(self):
        """Return the value as a job's arguments keep it."""
        return getattr(self.value, "pk", self.value)
