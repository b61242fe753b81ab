"""What the lists of people and companies can be narrowed by."""

from __future__ import annotations

from datetime import timedelta

import django_filters
from django import forms
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from contacts.models import NEVER_CONTACTED_FIRST, NONE_PLANNED_LAST, Company, Person, Source, Stage
from crm.choices import RecordChoiceField
from crm.listing.filters import RecordFilterSet
from crm.models import Team, User
from crm.search import names_only, words_condition
from crm.sentinels import EARLIEST, LATEST


class RecordFilter(django_filters.Filter):
    """One record the reader may see, chosen by search."""

    field_class = RecordChoiceField

    @property
    def field(self):
        field = super().field
        name = next(name for name, filter_ in self.parent.filters.items() if filter_ is self)
        field.for_user(self.parent.user, self.parent.data.get(name))
        return field


class Contacted(django_filters.ChoiceFilter):
    """When somebody was last talked to; compares as the list is ordered, so that its index serves both."""

    CHOICES = (
        ("7", _("In the last 7 days")),
        ("30", _("In the last 30 days")),
        ("not30", _("Not in 30 days")),
        ("not60", _("Not in 60 days")),
        ("never", _("Never")),
    )

    def filter(self, qs, value):
        if not value:
            return qs
        if value == "never":
            return qs.filter(Exact(NEVER_CONTACTED_FIRST, EARLIEST))
        since = timezone.now() - timedelta(days=int(value.removeprefix("not")))
        comparison = LessThan if value.startswith("not") else GreaterThanOrEqual
        return qs.filter(comparison(NEVER_CONTACTED_FIRST, since))


class NextActivity(django_filters.ChoiceFilter):
    """What is planned."""

    CHOICES = (
        ("late", _("Late")),
        ("today", _("Today")),
        ("week", _("In the next 7 days")),
        ("none", _("None planned")),
    )

    def filter(self, qs, value):
        start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        due, day = NONE_PLANNED_LAST, timedelta(days=1)
        ranges = {
            "late": [LessThan(due, timezone.now())],
            "today": [GreaterThanOrEqual(due, start), LessThan(due, start + day)],
            "week": [GreaterThanOrEqual(due, start), LessThan(due, start + 7 * day)],
            "none": [Exact(due, LATEST)],
        }
        return qs.filter(*ranges.get(value, []))


class Owner(django_filters.ChoiceFilter):
    """Me, nobody, or a colleague by id; only the form asks for all of them."""

    @property
    def field(self):
        field = super().field
        field.choices = owners() if self.parent.whole else owners(self.parent.data.get("owner", ""))
        return field

    def filter(self, qs, value):
        if not value:
            return qs
        ids = {"me": self.parent.user.pk, "nobody": None}
        return qs.filter(owner=ids[value] if value in ids else int(value))


def owners(only=None):
    """Return the choices: all, or those among which a value is to be looked for."""
    users = User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk")
    if only is not None:
        users = users.filter(pk=only) if only.isdecimal() and len(only) < 10 else users.none()
    return [("me", _("Me")), ("nobody", _("Nobody")), *((str(user.pk), user.get_full_name()) for user in users)]


class ContactFilterSet(RecordFilterSet):
    q = django_filters.CharFilter(label=_("Name contains"), method="words", max_length=100)
    stage = django_filters.MultipleChoiceFilter(
        label=_("Stage"), choices=Stage, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    owner = Owner(label=_("Owner"))
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=Team.objects.order_by("name"))
    contacted = Contacted(label=_("Last contacted"), choices=Contacted.CHOICES)
    next = NextActivity(label=_("Next activity"), choices=NextActivity.CHOICES)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=list(countries))
    shared = django_filters.ChoiceFilter(label=_("Shared"), choices=[("me", _("With me"))], method="shared_with_me")
    source = django_filters.ChoiceFilter(label=_("Source"), choices=Source.choices[1:])
    tag = django_filters.CharFilter(label=_("Tag"), method="tagged", max_length=40)
    created = django_filters.DateFromToRangeFilter(
        label=_("Created"),
        field_name="created_at",
        widget=django_filters.widgets.DateRangeWidget(attrs={"type": "date"}),
    )
    indexed = ("owner", "team", "shared")
    tells = {"contacted": ("last_contacted_at",), "next": ("next_activity_at",), "tag": ("tags",)}

    def words(self, queryset, _name, value):
        return queryset.filter(words_condition(value, names_only=names_only(queryset.model, self.hidden)))

    def shared_with_me(self, queryset, _name, _value):
        return queryset.filter(pk__in=self.user.access.shares.records(queryset.model.record_kind(), "view"))

    def tagged(self, queryset, _name, value):
        return queryset.filter(tags__contains=[value.strip()])


class PersonFilterSet(ContactFilterSet):
    company = RecordFilter(
        model=Company,
        url=reverse_lazy("contacts:company_choices"),
        placeholder=_("Type a company"),
        label=_("Company"),
    )

    class Meta:
        model = Person
        fields: tuple[str, ...] = ()


class CompanyFilterSet(ContactFilterSet):
    industry = django_filters.CharFilter(
        label=_("Industry"), field_name="industry", lookup_expr="iexact", max_length=80
    )
    size = django_filters.ChoiceFilter(label=_("Employees"), choices=Company.Size.choices[1:])

    class Meta:
        model = Company
        fields: tuple[str, ...] = ()
