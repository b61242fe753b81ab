"""What the site's history can be narrowed by; the words of each are its chips."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import parsing
from crm.audit.columns import ACTIONS
from crm.audit.events import EVERYBODY, Question, kinds
from crm.choices import is_id
from crm.listing.filters import RecordFilterSet
from crm.models import User

SYSTEM = "system"


class Who(django_filters.ChoiceFilter):
    """A user by id, or the system; only the form asks for all users."""

    @property
    def field(self):
        field = super().field
        field.choices = users() if self.parent.whole else users(self.parent.data.get("who", ""))
        return field


def users(only=None):
    """Return the choices: all, or those among which a value is to be looked for."""
    found = User.objects.order_by("given_name", "family_name", "pk")
    if only is not None:
        found = found.filter(pk=only) if is_id(only) else found.none()
    return [(SYSTEM, _("The system")), *((str(user.pk), user.get_full_name()) for user in found)]


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value):
        """Return the day. Raises ValidationError outside the years the site keeps."""
        day = super().clean(value)
        return day and parsing.day(day.isoformat())


class Day(django_filters.Filter):
    field_class = DayField


class RecordField(forms.CharField):
    """One record as an address names it: "contacts.person-5"."""

    widget = forms.HiddenInput

    def clean(self, value):
        """Return (model, id), None for none. Raises ValidationError for what is no record."""
        text = super().clean(value)
        if not text:
            return None
        key, _dash, number = text.rpartition("-")
        model = next((kind.model for kind in kinds() if kind.key == key and kind.is_record), None)
        if model is None:
            raise ValidationError(_("There is no such record."))
        return model, parsing.identifier(number)


class OneRecord(django_filters.Filter):
    field_class = RecordField


class HistoryFilterSet(RecordFilterSet):
    """Narrows no queryset: `question()` says what the history is asked for."""

    indexed = ("who", "kind", "since", "until", "record")

    since = Day(label=gettext_lazy("From"))
    until = Day(label=gettext_lazy("To"))
    who = Who(label=gettext_lazy("Who"))
    action = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Did what"), choices=tuple(ACTIONS.items()), widget=forms.CheckboxSelectMultiple
    )
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=lambda: [(kind.key, kind.label) for kind in kinds()],
        widget=forms.CheckboxSelectMultiple,
    )
    record = OneRecord(label=gettext_lazy("Record"))

    def question(self):
        """Return what is asked for; the days are the viewer's."""
        given = self.form.cleaned_data.get
        who = given("who")
        until = given("until")
        return Question(
            who=EVERYBODY if not who else None if who == SYSTEM else int(who),
            kinds=frozenset(given("kind") or ()),
            actions=frozenset(given("action") or ()),
            first=_midnight(given("since")),
            last=_midnight(until and until + timedelta(days=1)),
            record=given("record"),
        )

    def _in_words(self, field, value):
        if isinstance(field, RecordField):
            model, pk = value
            record = model.objects.visible_to(self.user).filter(pk=pk).first()
            return str(record) if record else _("(hidden)")
        return super()._in_words(field, value) if not isinstance(field, DayField) else f"{value:%-d %b %Y}"


def _midnight(day):
    return day and timezone.make_aware(datetime.combine(day, time.min))
