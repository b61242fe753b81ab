"""The forms about users: invite, change, hand over; and the filters of their list."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm import handover, standards
from crm.accounts.forms import zones
from crm.administration import services
from crm.administration.forms.roles import roles
from crm.administration.forms.shown import Shown
from crm.administration.tree import team_choices
from crm.models import Team, User


class TeamField(forms.ModelChoiceField):
    """A team, shown where it stands in the tree."""

    def __init__(self, **options):
        super().__init__(Team.objects.all(), **{"label": _("Team"), "required": False, **options})
        self.choices = [("", options.get("empty_label", _("No team"))), *team_choices()]


class InvitationForm(forms.ModelForm):
    """Somebody new: address, name, role and team."""

    class Meta:
        model = User
        fields = ("email", "given_name", "family_name", "role", "team")

    def __init__(self, data=None, *, firm):
        super().__init__(data, instance=User(timezone=firm.timezone, language=firm.language))
        self.fields["role"].queryset = roles()
        self.fields["team"] = TeamField()

    def clean_email(self):
        email = standards.email(self.cleaned_data["email"])
        taken = User.objects.filter(email__iexact=email).first()
        if taken:
            raise ValidationError(_("%(name)s has this address already."), code="taken", params={"name": taken})
        return email


class UserForm(Shown, forms.ModelForm):
    """What an administrator may change about somebody. The row and `services.hold` are locked by the caller."""

    timezone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(zone, zone) for zone in zones()])
    with_records = forms.BooleanField(
        label=_("After a change of team, their records count for the new one"),
        required=False,
        help_text=_("Else each record follows when it is next saved. A job does it and shows how far it is."),
    )

    class Meta:
        model = User
        fields = ("given_name", "family_name", "role", "team", "timezone")

    def __init__(self, data=None, *, instance):
        super().__init__(data, instance=instance)
        self.fields["role"].queryset = roles()
        self.fields["team"] = TeamField()
        self.fields["timezone"].widget.attrs["data-picker"] = ""
        known = {zone for zone, _name in self.fields["timezone"].choices}
        if instance.timezone not in known:
            self.fields["timezone"].choices = [(instance.timezone, instance.timezone), *self.fields["timezone"].choices]
        self.role_before, self.team_before = instance.role, instance.team_id
        self.is_last = data is not None and services.is_last_administrator(instance)

    def compared(self):
        return [name for name in super().compared() if name != "with_records"]

    def clean_role(self):
        role = self.cleaned_data["role"]
        if self.is_last and role != self.role_before:
            raise ValidationError(_("The last administrator stays one."), code="last")
        return role


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.get_full_name()


class HandOverForm(forms.Form):
    """Who gets what a leaver has: one for all, or one for each kind."""

    def __init__(self, data=None, *, giver):
        super().__init__(data)
        others = User.objects.filter(is_active=True).exclude(pk=giver.pk).order_by("given_name", "family_name", "pk")
        self.fields["taker"] = ColleagueField(others, label=_("Everything to"), required=False, empty_label="")
        self.kinds = {f"to:{kind}": (kind, model) for kind, model in handover.models().items() if _can_go(model)}
        for name, (_kind, model) in self.kinds.items():
            label = capfirst(str(model._meta.verbose_name_plural))
            self.fields[name] = ColleagueField(others, label=label, required=False, empty_label=_("The same"))
        for name, field in self.fields.items():
            attrs = {"data-picker": "", "data-placeholder": _("The same") if name in self.kinds else _("A colleague")}
            field.widget.attrs.update(attrs)

    def takers(self):
        """Return {kind: new owner}; a kind without one is left out and stays."""
        chosen = {kind: self.cleaned_data[name] for name, (kind, _model) in self.kinds.items()}
        everything = self.cleaned_data["taker"]
        return {kind: taker or everything for kind, taker in chosen.items() if taker or everything}

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.takers():
            self.add_error("taker", ValidationError(_("Choose who gets them."), code="required"))
        return cleaned


def _can_go(model):
    return not handover.habit(model).keeps_all
