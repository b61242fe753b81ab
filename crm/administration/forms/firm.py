"""The form of the firm's profile."""

from __future__ import annotations

from datetime import time
from functools import cache

from babel import Locale, localedata
from babel.core import UnknownLocaleError
from babel.numbers import get_currency_name, get_territory_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.accounts.forms import zones
from crm.administration.forms.shown import Shown
from crm.firm import WEEKDAYS as DAYS
from crm.firm import Firm
from crm.pictures import MOST_BYTES, picture

OUT_OF_USE = {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}
FREQUENT = ("EUR", "USD", "GBP", "CHF", "NOK", "SEK", "DKK", "PLN", "CZK")


@cache
def currencies():
    """Return (code, "EUR Euro") of the currencies in use, the frequent ones first."""
    territories = [code for code in map(str, Locale.parse("en").territories) if len(code) == 2]
    in_use = {code for territory in territories for code in get_territory_currencies(territory)} - OUT_OF_USE
    others = sorted(in_use - set(FREQUENT))
    return [(code, f"{code} {get_currency_name(code, locale='en')}") for code in (*FREQUENT, *others)]


@cache
def languages():
    """Return (code, own name) of the languages documents may be written in."""
    found = []
    for code in localedata.locale_identifiers():
        if code.isalpha() and len(code) == 2:
            name = _own_name(code)
            if name:
                found.append((code, name))
    return sorted(found, key=lambda pair: pair[1].casefold())


def _own_name(code):
    try:
        name = Locale.parse(code).display_name
    except (UnknownLocaleError, ValueError):
        return ""
    return capfirst(name or "")


class HoursWidget(forms.MultiWidget):
    """Two times of day."""

    def __init__(self):
        super().__init__([forms.TimeInput(attrs={"type": "time"}, format="%H:%M")] * 2)

    def decompress(self, value):
        return value or [None, None]


class HoursField(forms.MultiValueField):
    """From and to of one weekday; both empty on a day off."""

    def __init__(self, label):
        fields = [forms.TimeField(required=False), forms.TimeField(required=False)]
        super().__init__(fields, widget=HoursWidget(), label=label, required=False, require_all_fields=False)

    def compress(self, times):
        start, end = (times or [None, None])[:2]
        if start is None and end is None:
            return None
        if start is None or end is None:
            raise ValidationError(_("Give both times, or none on a day off."), code="incomplete")
        if start >= end:
            raise ValidationError(_("The day ends before it begins."), code="order")
        return [f"{start:%H:%M}", f"{end:%H:%M}"]


class FirmForm(Shown, forms.ModelForm):
    """Who the firm is, where, when it works, and what new users and documents start with."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As users read it."))
    picture = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG or JPEG, at most 1 MB and 2000 × 2000 pixels.")
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    fiscal_month = forms.TypedChoiceField(label=_("Fiscal year begins in"), coerce=int, choices=MONTHS.items())
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies)
    language = forms.ChoiceField(
        label=_("Language"), choices=languages, help_text=_("Of documents and of what new users start with.")
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in zones()],
        help_text=_("New users start with it; they may choose another."),
    )

    class Meta:
        model = Firm
        fields = (
            "name",
            "legal_name",
            "street",
            "postcode",
            "city",
            "region",
            "country",
            "vat_number",
            "email",
            "phone",
            "website",
            "fiscal_month",
            "holidays",
            "currency",
            "language",
            "timezone",
        )

    def __init__(self, data=None, files=None, *, instance):
        hours = {_day(day): [time.fromisoformat(at) for at in times] for day, times in (instance.hours or {}).items()}
        self.base_fields = {**type(self).base_fields, **{_day(day): HoursField(WEEKDAYS[day - 1]) for day in DAYS}}
        super().__init__(data, files, instance=instance, initial=hours)
        self.fields["picture"].widget.attrs["accept"] = "image/png,image/jpeg"
        for name in ("currency", "language", "timezone", "country", "holidays"):
            self.fields[name].widget.attrs["data-picker"] = ""

    def compared(self):
        return [name for name in super().compared() if name not in ("picture", "remove_logo")]

    def in_words(self, name):
        if name in map(_day, DAYS):
            return "–".join(f"{at:%H:%M}" for at in self.initial.get(name, ()))
        return super().in_words(name)

    @property
    def days(self):
        """Return the fields of the hours, Monday first."""
        return [self[_day(day)] for day in DAYS]

    def clean_picture(self):
        sent = self.cleaned_data["picture"]
        return picture(sent.read(MOST_BYTES + 1)) if sent else None

    def clean(self):
        cleaned = super().clean()
        self.instance.hours = {str(day): cleaned[_day(day)] for day in DAYS if cleaned.get(_day(day))}
        return cleaned


def _day(day):
    """Return the name of a weekday's field."""
    return f"hours_{day}"
