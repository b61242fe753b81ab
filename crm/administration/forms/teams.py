"""The form of a team."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import standards
from crm.administration.forms.shown import Shown
from crm.administration.tree import team_choices
from crm.models import Team


class TeamForm(Shown, forms.ModelForm):
    """A team's name and the team above it. All teams are locked by the caller."""

    class Meta:
        model = Team
        fields = ("name", "parent")

    def __init__(self, data=None, *, instance=None, initial=None):
        super().__init__(data, instance=instance, initial=initial)
        self.fields["parent"].label = _("Below")
        but = {self.instance.pk} if self.instance.pk else set()
        self.fields["parent"].choices = [("", _("No other team")), *team_choices(but)]

    def is_stale(self):
        return bool(self.instance.pk) and super().is_stale()

    def clean_name(self):
        name = standards.line(self.cleaned_data["name"])
        same = Team.objects.filter(name__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError(_("There is a team of this name."), code="taken")
        return name

    def clean_parent(self):
        parent = self.cleaned_data["parent"]
        if parent and self.instance.pk and self.instance.pk in (parent.pk, *parent.path):
            raise ValidationError(
                _("%(parent)s stands below %(team)s itself."),
                code="loop",
                params={"parent": parent, "team": self.initial.get("name") or self.instance},
            )
        return parent
