"""How a user wants to be told: each kind on the bell and by mail, quiet hours, the time of the digest."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.notifications.kinds import declared
from crm.notifications.rows import Habit, Setting

CLOCK = {"type": "time"}


class HabitForm(forms.ModelForm):
    """Quiet hours and digest, and with them a field for the bell and one for the mail of each kind."""

    class Meta:
        model = Habit
        fields = ("digest_at", "quiet_from", "quiet_to")
        widgets = {name: forms.TimeInput(attrs=CLOCK, format="%H:%M") for name in fields}
        help_texts = {"quiet_to": gettext_lazy("No mail between the two. Both empty: mail at any time.")}

    def __init__(self, data=None, *, user):
        self.user = user
        super().__init__(data, instance=Habit.objects.filter(user=user).first() or Habit(user=user))
        chosen = {row.kind: row for row in Setting.objects.filter(user=user)}
        for key, kind in declared().items():
            row = chosen.get(key) or Setting(mail=kind.mail)
            bell = forms.BooleanField(label=gettext_lazy("On the bell"), required=False, initial=row.bell)
            self.fields[f"{key}:bell"] = bell
            self.fields[f"{key}:mail"] = forms.ChoiceField(label=kind.label, choices=Setting.Mail, initial=row.mail)

    def lines(self):
        """Return (kind, bell, mail) of each kind, as bound fields."""
        return [(kind, self[f"{key}:bell"], self[f"{key}:mail"]) for key, kind in declared().items()]

    def clean(self):
        cleaned = super().clean()
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_to") is None):
            raise ValidationError({"quiet_to": _("Say both when the quiet hours begin and when they end.")})
        return cleaned

    @transaction.atomic
    def save(self, commit=True):
        """Keep it all; a kind of an app that comes later is told as that app says."""
        habit = super().save(commit)
        for key in declared():
            chosen = {name: self.cleaned_data[f"{key}:{name}"] for name in ("bell", "mail")}
            Setting.objects.update_or_create(user=self.user, kind=key, defaults=chosen)
        return habit
