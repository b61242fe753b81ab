"""The forms by which talks are logged and tasks planned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import standards
from crm.choices import RecordChoiceField
from crm.record_forms import RecordForm
from interactions.models import Interaction, Task

Kind, Outcome = Interaction.Kind, Interaction.Outcome
OUTCOMES = {
    Kind.CALL: (Outcome.REACHED, Outcome.LEFT_MESSAGE, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.WRONG_NUMBER),
    Kind.MEETING: (Outcome.HELD, Outcome.NO_SHOW),
    Kind.VISIT: (Outcome.HELD, Outcome.NO_SHOW),
}
FIELDS = {
    Kind.CALL: ("body", "outcome", "direction", "duration_minutes"),
    Kind.EMAIL: ("subject", "body", "direction"),
    Kind.MEETING: ("subject", "body", "outcome", "duration_minutes"),
    Kind.VISIT: ("subject", "body", "outcome", "duration_minutes"),
    Kind.NOTE: ("body",),
    Kind.FEEDBACK: ("subject", "body"),
    Kind.REQUEST: ("body",),
}
FIRST: dict[str, dict[str, Any]] = {
    Kind.CALL: {"outcome": Outcome.REACHED, "direction": Interaction.Direction.OUT},
    Kind.EMAIL: {"direction": Interaction.Direction.OUT},
    Kind.MEETING: {"outcome": Outcome.HELD},
    Kind.VISIT: {"outcome": Outcome.HELD},
}


def person_field(**options):
    url = reverse_lazy("contacts:person_choices")
    return RecordChoiceField(Person, url=url, placeholder=_("Type a name, phone or e-mail"), required=False, **options)


def company_field(**options):
    url = reverse_lazy("contacts:company_choices")
    return RecordChoiceField(Company, url=url, placeholder=_("Type a company"), required=False, **options)


class NextStepMixin(forms.Form):
    """The task that follows a talk: a day is enough."""

    next_on = forms.DateField(label=_("Follow up"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    next_time = forms.TimeField(
        label=_("Follow up at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    next_subject = forms.CharField(label=_("Next step"), required=False, max_length=200)

    def next_step(self):
        """Return an unsaved Task, or None if nothing was planned."""
        cleaned = self.cleaned_data
        if not cleaned.get("next_on"):
            return None
        subject = cleaned.get("next_subject") or self.said_in_short()
        return Task(
            kind=Task.Kind.CALL, subject=subject[:200], due_on=cleaned["next_on"], due_time=cleaned.get("next_time")
        )

    def said_in_short(self):
        """Return the first words of what was said, to name the next step."""
        said = standards.text(self.cleaned_data.get("subject") or self.cleaned_data.get("body") or "")
        return said.split("\n")[0][:80] or str(_("Follow up"))

    def clean_next_on(self):
        return self.cleaned_data["next_on"] and standards.day(self.cleaned_data["next_on"])

    def clean(self):
        cleaned = super().clean()
        planned = cleaned.get("next_subject") or cleaned.get("next_time")
        if planned and not cleaned.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Which day?"))
        return cleaned


class InteractionForm(NextStepMixin, RecordForm):
    """A talk of one kind: with whom, what was said, how it went, what is next."""

    ids = "talk_%s"

    person = person_field(label=_("Who"))
    company = company_field(label=_("Company"))
    at = forms.SplitDateTimeField(
        label=_("When"),
        required=False,
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"}, time_attrs={"type": "time"}, date_format="%Y-%m-%d", time_format="%H:%M"
        ),
    )

    class Meta:
        model = Interaction
        fields = ("subject", "body", "outcome", "direction", "duration_minutes", "at", "is_private")
        widgets = {"body": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data=None, *, kind, user, instance=None, initial=None):
        self.kind = Kind(kind)
        first = {"at": timezone.localtime(), **FIRST.get(self.kind, {})} if instance is None else {}
        super().__init__(data, user=user, instance=instance, initial={**first, **(initial or {})})
        self.instance.kind = self.kind
        for name in {"subject", "outcome", "direction", "duration_minutes"} - set(FIELDS[self.kind]):
            self.fields.pop(name, None)
        if "outcome" in self.fields:
            self.fields["outcome"].choices = [("", "–"), *((o.value, o.label) for o in OUTCOMES[self.kind])]
        if "direction" in self.fields:
            self.fields["direction"].choices = Interaction.Direction.choices[1:]
        if instance is not None:
            for name in ("person", "company", "next_on", "next_time", "next_subject"):
                del self.fields[name]

    def clean_at(self):
        """Return when it was: now, if nothing was given; as it is, if the minute shown was not changed."""
        given = self.cleaned_data.get("at")
        if self.instance.pk and given in (None, self.instance.at.replace(second=0, microsecond=0)):
            return self.instance.at
        return given or timezone.now()

    def clean(self):
        cleaned = super().clean()
        if "person" in self.fields and not (cleaned.get("person") or cleaned.get("company") or self.errors):
            self.add_error("person", _("With whom?"))
        return cleaned


class QuickLogForm(NextStepMixin, RecordForm):
    """The bar over a record's history: kind, what was said, and perhaps outcome, minutes and next step."""

    ids = "log_%s"

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)

    class Meta:
        model = Interaction
        fields = ("kind", "body", "outcome", "duration_minutes")
        widgets = {
            "body": forms.TextInput(attrs={"placeholder": _("What was said? Next step?"), "autocomplete": "off"})
        }

    field_order = ("kind", "body", "outcome", "duration_minutes", "next_on", "next_time", "next_subject")

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, user=user, initial={"kind": Kind.CALL, **(initial or {})})
        del self.fields["version"]
        self.fields["next_time"].label = _("at")
        if "outcome" in self.fields:
            self.fields["outcome"].choices = [("", "–"), *((o.value, o.label) for o in Outcome if o)]

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("kind")
        if kind == Kind.CALL:
            self.instance.direction = Interaction.Direction.OUT
        if cleaned.get("outcome") and cleaned["outcome"] not in OUTCOMES.get(kind, ()):
            self.add_error("outcome", _("Not an outcome of this kind."))
        return cleaned


class TaskForm(RecordForm):
    ids = "task_%s"
    person = person_field(label=_("About"))
    company = company_field(label=_("Company"))

    class Meta:
        model = Task
        fields = (
            "subject", "kind", "due_on", "due_time", "remind_minutes", "person", "company", "owner", "body",
            "is_private",
        )  # fmt: skip
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "due_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "body": forms.Textarea(attrs={"rows": 3}),
        }
