"""The form of a role: its name, its second step at sign-in, and the grid of kinds and actions."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm import standards
from crm.access import ACTIONS, ADMINISTRATOR, HIDDEN, READ_ONLY, SCOPES, areas, policies
from crm.administration.forms.shown import Shown
from crm.models import Role
from crm.policies import ACTIVITY, ADMINISTRATION, HISTORY, SAVED_VIEWS

SCOPE_NAMES = {"none": _("None"), "own": _("Own"), "team": _("Team"), "all": _("All")}
ACTION_NAMES = {
    "view": _("View"),
    "create": _("Create"),
    "edit": _("Edit"),
    "trash": _("Trash"),
    "export": _("Export"),
}
AREA_NAMES = {
    ADMINISTRATION: _("Settings"),
    HISTORY: _("History of the site"),
    ACTIVITY: _("Activity of users"),
    SAVED_VIEWS: _("Sharing of saved views"),
}
RIGHT_NAMES = {"": _("See and change"), READ_ONLY: _("Read-only"), HIDDEN: _("Hidden")}


@dataclass(frozen=True)
class Row:
    """A kind of record, or a part of the site, with its cells; None where there is no such action."""

    label: str
    cells: list
    is_area: bool


def name_of(kind):
    """Return what people call a kind of record or a part of the site."""
    if kind in policies():
        return capfirst(str(policies()[kind].model._meta.verbose_name_plural))
    return str(AREA_NAMES.get(kind, kind.rpartition(".")[2].replace("_", " ").capitalize()))


def cells():
    """Return [(kind, actions)] of the grid: records first, then the parts of the site."""
    return [*((kind, ACTIONS) for kind in policies()), *((kind, ("view",)) for kind in areas())]


def roles():
    return Role.objects.order_by("name", "pk")


def clean_role_name(name, pk=None):
    """Return the name in its standard form. Raises ValidationError if another role has it."""
    tidy = standards.line(name)
    if Role.objects.filter(name__iexact=tidy).exclude(pk=pk).exists():
        raise ValidationError(_("There is a role of this name."), code="taken")
    return tidy


class NewRoleForm(forms.Form):
    """A role of the firm's own, as a copy of another."""

    name = forms.CharField(label=_("Name"), max_length=60)
    like = forms.ModelChoiceField(roles(), label=_("May do the same as"), help_text=_("Change what differs after."))

    def clean_name(self):
        return clean_role_name(self.cleaned_data["name"])


class RoleForm(Shown, forms.ModelForm):
    """One role with a select for each kind and action. The role is locked by the caller."""

    class Meta:
        model = Role
        fields = ("name", "mfa_required")
        labels = {"mfa_required": _("Two-step sign-in is required")}

    def __init__(self, data=None, *, instance):
        self.base_fields = {**type(self).base_fields, **_fields(instance)}
        super().__init__(data, instance=instance, initial=_scopes_of(instance))

    def _cells(self):
        return {_name(kind, action): (kind, action) for kind, actions in cells() for action in actions}

    def compared(self):
        return ["name", "mfa_required", *self._cells()]

    def clean_name(self):
        return clean_role_name(self.cleaned_data["name"], self.instance.pk)

    def clean(self):
        cleaned = super().clean()
        for name, (kind, action) in self._cells().items():
            if action in ("edit", "trash", "export"):
                self._check_reach(name, cleaned.get(name), cleaned.get(_name(kind, "view")))
        return cleaned

    def _check_reach(self, name, scope, seen):
        if scope and seen and SCOPES.index(scope) > SCOPES.index(seen):
            reach = {"view": SCOPE_NAMES[seen].lower()}
            self.add_error(name, ValidationError(_("No further than view: %(view)s"), code="wide", params=reach))

    def scopes(self):
        """Return {(kind, action): scope} as chosen."""
        return {cell: self.cleaned_data[name] for name, cell in self._cells().items()}

    @property
    def rows(self):
        """Return the grid, a Row for each kind."""
        return [
            Row(
                name_of(kind),
                [self[_name(kind, action)] if action in actions else None for action in ACTIONS],
                kind in areas(),
            )
            for kind, actions in cells()
        ]


class FieldRightsForm(Shown, forms.Form):
    """What one role may know and set, a select for each field that can be restricted; the role is locked."""

    def __init__(self, data=None, *, role):
        self.role = role
        restricted = role.field_rights.values_list("kind", "field", "right")
        self.base_fields = {_field_name(kind, name): _right(kind, name) for kind, name in restrictable()}
        super().__init__(data, initial={_field_name(kind, name): right for kind, name, right in restricted})

    def rights(self):
        """Return {(kind, field): right}, "" for none."""
        return {(kind, name): self.cleaned_data[_field_name(kind, name)] for kind, name in restrictable()}

    rights_named = tuple(RIGHT_NAMES.values())

    @property
    def sections(self):
        """Return [(kind in words, its fields)]."""
        kinds = dict.fromkeys(kind for kind, _name in restrictable())
        return [
            (name_of(kind), [self[_field_name(of, name)] for of, name in restrictable() if of == kind])
            for kind in kinds
        ]


def restrictable():
    """Return the (kind, field) on which there can be rights; what a record is told by comes first."""
    return [(kind, name) for kind, policy in policies().items() for name in (*policy.fixable, *policy.hideable)]


def _right(kind, name):
    policy = policies()[kind]
    choices = list(RIGHT_NAMES.items()) if name in policy.hideable else list(RIGHT_NAMES.items())[:-1]
    return forms.ChoiceField(
        label=capfirst(policy.label_of(name)), choices=choices, required=False, widget=forms.RadioSelect
    )


def _field_name(kind, name):
    return f"{kind}:{name}"


def _fields(role):
    """Return a select for each cell."""
    return {
        _name(kind, action): forms.ChoiceField(
            label=f"{name_of(kind)}, {ACTION_NAMES[action].lower()}",
            choices=[(scope, SCOPE_NAMES[scope]) for scope in _offered(role, kind)],
        )
        for kind, actions in cells()
        for action in actions
    }


def _offered(role, kind):
    """Return the scopes a role may have for a kind: administrators administer, whatever else they do."""
    if kind == ADMINISTRATION and role.key == ADMINISTRATOR:
        return ["all"]
    return ["none", "all"] if kind in areas() and areas()[kind].is_whole else SCOPES


def _name(kind, action):
    return f"{kind}:{action}"


def _scopes_of(role):
    granted = {(grant.kind, grant.action): grant.scope for grant in role.grants.all()}
    return {_name(kind, action): granted.get((kind, action), "none") for kind, actions in cells() for action in actions}
