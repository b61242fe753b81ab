"""What the lists of people and companies can be narrowed by."""

from __future__ import annotations

from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from contacts.models import Company, Person, Source, Stage
from crm.choices import RecordChoiceField
from crm.listing.filters import RecordFilterSet
from crm.models import Team, User
from crm.search import words_condition


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
    """When somebody was last talked to."""

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
            return qs.filter(last_contacted_at=None)
        since = timezone.now() - timedelta(days=int(value.removeprefix("not")))
        if value.startswith("not"):
            return qs.filter(Q(last_contacted_at__lt=since) | Q(last_contacted_at=None))
        return qs.filter(last_contacted_at__gte=since)


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
        ranges = {
            "late": Q(next_activity_at__lt=timezone.now()),
            "today": Q(next_activity_at__gte=start, next_activity_at__lt=start + timedelta(days=1)),
            "week": Q(next_activity_at__gte=start, next_activity_at__lt=start + timedelta(days=7)),
            "none": Q(next_activity_at=None),
        }
        return qs.filter(ranges[value]) if value else qs


class Owner(django_filters.ChoiceFilter):
    """Me, nobody, or a colleague by id."""

    def filter(self, qs, value):
        if not value:
            return qs
        ids = {"me": self.parent.user.pk, "nobody": None}
        return qs.filter(owner=ids[value] if value in ids else int(value))


def owners():
    users = User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk")
    return [("me", _("Me")), ("nobody", _("Nobody")), *((str(user.pk), user.get_full_name()) for user in users)]


class ContactFilterSet(RecordFilterSet):
    q = django_filters.CharFilter(label=_("Name contains"), method="words", max_length=100)
    stage = django_filters.MultipleChoiceFilter(label=_("Stage"), choices=Stage, widget=forms.CheckboxSelectMultiple)
    owner = Owner(label=_("Owner"), choices=owners)
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=Team.objects.order_by("name"))
    contacted = Contacted(label=_("Last contacted"), choices=Contacted.CHOICES)
    next = NextActivity(label=_("Next activity"), choices=NextActivity.CHOICES)
    country = django_filters.ChoiceFilter(label=_("Country"), choices=list(countries))
    source = django_filters.ChoiceFilter(label=_("Source"), choices=Source.choices[1:])
    tag = django_filters.CharFilter(label=_("Tag"), method="tagged", max_length=40)
    created = django_filters.DateFromToRangeFilter(
        label=_("Created"),
        field_name="created_at",
        widget=django_filters.widgets.DateRangeWidget(attrs={"type": "date"}),
    )
    indexed = ("owner", "team")

    def words(self, queryset, _name, value):
        return queryset.filter(words_condition(value))

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
