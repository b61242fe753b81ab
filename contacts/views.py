"""The pages of people and companies."""

from __future__ import annotations

from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from contacts.columns import CompanyColumns, PersonColumns
from contacts.filters import CompanyFilterSet, PersonFilterSet
from contacts.forms import CompanyForm, PersonForm, PersonQuickForm
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import dates, parsing, sharing
from crm.listing.tabs import FixedView
from crm.listing.views import RecordListView
from crm.record_views import CreateView, EditView, RecordDetailView, RecordView, RestoreView, TrashView


def shared_with(listing):
    """Whether there is anything shared with the reader of a list."""
    return listing.request.user.access.shares.has(listing.model.record_kind(), "view")


class ContactListView(RecordListView):
    template = "contacts/list.html"


class PersonListView(ContactListView):
    model, filterset_class, columns_class = Person, PersonFilterSet, PersonColumns
    create_name, export_name, trash_name = "contacts:person_create", "contacts:people_export", "contacts:people_trash"
    bulk_name = "contacts:people_bulk"
    list_name = "contacts:people"
    conditions_name, views_name = "contacts:people_conditions", "contacts:people_views"
    create_label, empty_title = _("Add a person"), _("Nobody here yet")
    empty_text = _("People you talk to, at companies and privately.")
    views = (
        FixedView(_("All people")),
        FixedView(_("Mine"), "owner=me"),
        FixedView(_("Shared with me"), "shared=me", shown=shared_with),
        FixedView(_("My customers"), "owner=me&stage=customer"),
        FixedView(_("No contact in 60 days"), "owner=me&contacted=not60"),
        FixedView(_("Late"), "owner=me&next=late"),
        FixedView(_("Nothing planned"), "owner=me&next=none"),
    )


class CompanyListView(ContactListView):
    model, filterset_class, columns_class = Company, CompanyFilterSet, CompanyColumns
    create_name, export_name = "contacts:company_create", "contacts:companies_export"
    bulk_name = "contacts:companies_bulk"
    list_name = "contacts:companies"
    conditions_name, views_name = "contacts:companies_conditions", "contacts:companies_views"
    trash_name = "contacts:companies_trash"
    create_label, empty_title = _("Add a company"), _("No company here yet")
    empty_text = _("Firms, authorities, associations: the organisations you deal with, and who works there.")
    views = (
        FixedView(_("All companies")),
        FixedView(_("Mine"), "owner=me"),
        FixedView(_("Shared with me"), "shared=me", shown=shared_with),
        FixedView(_("My customers"), "owner=me&stage=customer"),
        FixedView(_("No contact in 60 days"), "owner=me&contacted=not60"),
    )


class PartsMixin:
    """The ways to reach the record, for its page."""

    def context(self, record, before):
        found = super().context(record, before)
        if not before:
            for name, part in (("emails", EmailAddress), ("phones", PhoneNumber), ("addresses", PostalAddress)):
                found[name] = part.objects.of(record).order_by("-is_primary", "pk")
            found["shares"] = sharing.of(record) if record.shared_with else ()
            if found["may_edit"]:
                found["edit_url"] = reverse(f"contacts:{record._meta.model_name}_edit", args=[record.pk])
        return found

    def restore_url(self, record):
        return reverse(f"contacts:{record._meta.model_name}_restoration", args=[record.pk])


class PersonView(PartsMixin, RecordDetailView):
    model, template = Person, "contacts/person.html"

    def context(self, record, before):
        found = super().context(record, before)
        if not before:
            companies = Company.objects.visible_to(self.user).filter(pk=record.company_id)
            company = companies.first() if record.company_id else None
            found["company_rows"] = [company_row(company)] if company else []
            found["subtitle"] = person_subtitle(record, company)
        return found


class CompanyView(PartsMixin, RecordDetailView):
    model, template = Company, "contacts/company.html"
    SHOWN = 8

    def context(self, record, before):
        found = super().context(record, before)
        if not before:
            shown = self.people_at(record)
            found["more_people"] = len(shown) > self.SHOWN
            found["people_rows"] = [person_row(person) for person in shown[: self.SHOWN]]
            found["subtitle"] = ", ".join(filter(None, [record.industry, record.country.name]))
            may_add = self.user.access.may(Person.record_kind(), "create")
            found["add_person_url"] = f"{reverse('contacts:person_create')}?company={record.pk}" if may_add else ""
        return found

    def people_at(self, record):
        """Return the first people at a company, one more than are shown; none if nobody's company may be known."""
        if "company" in self.user.access.hidden(Person.record_kind()):
            return []
        people = Person.objects.visible_to(self.user).filter(company=record).order_by("sort_name", "pk")
        fields = ("given_name", "family_name", "job_title", "stage", "last_contacted_at")
        return list(people.only(*fields)[: self.SHOWN + 1])


def company_row(company):
    """Return a company as a row of `related`."""
    place = ", ".join(filter(None, [company.industry, company.country.name]))
    return {
        "url": company.get_absolute_url(),
        "title": company.name,
        "detail": place,
        "figure": company.get_stage_display(),
    }


def person_row(person):
    """Return a person as a row of `related`."""
    never = _("never contacted") if "last_contacted_at" not in person.hidden_fields else ""
    spoken = dates.spoken(person.last_contacted_at) if person.last_contacted_at else never
    return {
        "url": person.get_absolute_url(),
        "title": str(person),
        "detail": person.job_title,
        "figure": person.get_stage_display(),
        "note": spoken,
    }


def person_subtitle(person, company):
    """Return "Head of Procurement at Nordlys Energi AS · owner Ingrid Solheim", the company a link if it is seen."""
    place = format_html('<a class="link" href="{}">{}</a>', company.get_absolute_url(), company) if company else ""
    work = (
        format_html(str(_("{} at {}")), person.job_title, place)
        if person.job_title and place
        else person.job_title or place
    )
    owner = _("owner %(name)s") % {"name": person.owner.get_full_name()} if person.owner_id else ""
    return format_html_join(" · ", "{}", ((text,) for text in (work, owner) if text))


class PersonCreateView(CreateView):
    """A new person, at once with everything; with ?company=ID at that company."""

    model, form_class, template = Person, PersonForm, "contacts/person_form.html"

    def initial(self):
        return {"company": self.request.GET.get("company", "")}


class PersonFillingView(RecordView):
    """What a new person takes from the company just chosen: its address and currency, as fields to look over."""

    model, action = Person, "create"
    http_method_names = ("get", "head", "options")

    def get(self, request):
        form = PersonForm(user=request.user, initial={"company": request.GET.get("company", "")})
        return render(request, "contacts/_person_from_company.html", {"form": form})


class PersonQuickView(PersonCreateView):
    """A new person in the fewest fields, in a dialog."""

    form_class, template = PersonQuickForm, "contacts/person_quick.html"

    def initial(self):
        """With ?email= and ?name=, as of somebody who wrote, they stand in the form."""
        given, _space, family = self.asked("name", 200).rpartition(" ")
        return {
            **super().initial(),
            "given_name": given,
            "family_name": family,
            "email": self.asked("email", 254),
        }

    def asked(self, name, longest):
        return parsing.words(self.request.GET.get(name), longest=longest, default="")


class PersonEditView(EditView):
    model, form_class, template = Person, PersonForm, "contacts/person_form.html"


class CompanyCreateView(CreateView):
    model, form_class, template = Company, CompanyForm, "contacts/company_form.html"


class CompanyEditView(EditView):
    model, form_class, template = Company, CompanyForm, "contacts/company_form.html"


class PersonTrashView(TrashView):
    model, list_url = Person, reverse_lazy("contacts:people")


class CompanyTrashView(TrashView):
    model, list_url = Company, reverse_lazy("contacts:companies")


class PersonRestoreView(RestoreView):
    model = Person


class CompanyRestoreView(RestoreView):
    model = Company
