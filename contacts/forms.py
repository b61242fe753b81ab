"""The forms of people and companies: the record, and its e-mails, phones and addresses."""

from __future__ import annotations

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.forms import BaseInlineFormSet, inlineformset_factory, model_to_dict
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import address_from, save_with_parts
from crm.choices import RecordChoiceField, is_id
from crm.record_forms import RecordForm


class PartForm(forms.ModelForm):
    """One way to reach somebody; an empty line is no line."""

    def has_changed(self):
        """A new line counts only if something was typed in it: its choices have a first value anyway."""
        if self.instance.pk is None:
            return any((self[name].data or "").strip() for name in self.typed_fields)
        return super().has_changed()

    typed_fields: tuple[str, ...] = ()


class EmailForm(PartForm):
    typed_fields = ("address",)

    class Meta:
        model = EmailAddress
        fields = ("address", "kind", "is_primary")
        widgets = {
            "address": forms.TextInput(
                attrs={"inputmode": "email", "autocomplete": "off", "placeholder": "name@company.com"}
            )
        }


class PhoneForm(PartForm):
    typed_fields = ("number",)

    class Meta:
        model = PhoneNumber
        fields = ("number", "kind", "is_primary")
        widgets = {
            "number": forms.TextInput(
                attrs={"inputmode": "tel", "autocomplete": "off", "placeholder": "+44 20 7946 0000"}
            )
        }


class AddressForm(PartForm):
    typed_fields = ("street", "extra", "postcode", "city", "region", "country")

    class Meta:
        model = PostalAddress
        fields = ("kind", "street", "extra", "postcode", "city", "region", "country", "is_primary")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("street", "extra", "postcode", "city", "region"):
            label = str(self.fields[name].label)
            self.fields[name].widget.attrs["placeholder"] = f"{label[:1].upper()}{label[1:]}"
            self.fields[name].help_text = ""


class PartFormSet(BaseInlineFormSet):
    """The parts of one sort of a record; at most one is primary."""

    def __init__(self, *args, instance, **kwargs):
        rows = self.model.objects
        queryset = rows.of(instance) if instance.pk else rows.unscoped(because="a new record has none").none()
        super().__init__(*args, instance=instance, queryset=queryset.order_by("-is_primary", "pk"), **kwargs)

    def add_fields(self, form, index):
        """Have each line name a row of this record, not of the whole sealed table."""
        super().add_fields(form, index)
        form.fields[self._pk_field.name].queryset = self.get_queryset()

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        primary = [form for form in kept if form.cleaned_data.get("is_primary") and not form.cleaned_data.get("DELETE")]
        for form in primary[1:]:
            form.add_error("is_primary", _("Only one can be primary."))

    def changed(self):
        """Return (rows to save, rows to remove)."""
        self.save(commit=False)
        return [*self.new_objects, *(row for row, _fields in self.changed_objects)], self.deleted_objects


MOST_PARTS = 30  # of a sort; of more the form says so, and shows one more at most


def _part_formset(parent, form):
    name = parent._meta.model_name
    return inlineformset_factory(
        parent,
        form._meta.model,
        form=form,
        formset=PartFormSet,
        fk_name=name,
        extra=1,
        max_num=MOST_PARTS,
        absolute_max=MOST_PARTS + 1,
        validate_max=True,
    )


MATCHED_LINES = {
    "emails": lambda line: {"email": line("address")},
    "phones": lambda line: {"mobile" if line("kind") == PhoneNumber.Kind.MOBILE else "phone": line("number")},
    "addresses": lambda line: {
        "street": line("street"),
        "city": line("city"),
        "postcode": line("postcode"),
        "state": line("region"),
        "country": line("country"),
    },
}
"""Which column of the specification of duplicates a line of each sort is."""

PART_FORMS = {"emails": EmailForm, "phones": PhoneForm, "addresses": AddressForm}


class ContactForm(RecordForm):
    """A person or a company with its parts, saved together; sorts of parts the user may not set are not in it."""

    matched_lines = MATCHED_LINES

    tags = SimpleArrayField(
        forms.CharField(max_length=40),
        label=_("Tags"),
        required=False,
        help_text=_("Separated by commas"),
        widget=forms.TextInput(attrs={"data-words": ""}),
    )

    def __init__(self, data=None, *, user, instance=None, initial=None):
        super().__init__(data, user=user, instance=instance, initial=initial)
        model = self._meta.model
        fixed = user.access.fixed(model.record_kind())
        initial = {"addresses": self.first_addresses()}
        self.formsets = {
            name: _part_formset(model, form)(data, instance=self.instance, prefix=name, initial=initial.get(name))
            for name, form in PART_FORMS.items()
            if name not in fixed
        }

    def lines(self):
        kept = {
            f"{name}/{form.instance.pk}": form
            for name, formset in getattr(self, "formsets", {}).items()
            for form in formset.forms
            if form.instance.pk
        }
        return {**super().lines(), **kept}

    def rebind(self, data):
        super().rebind(data)
        for formset in self.formsets.values():
            formset.data = data
            for form in formset.forms:
                form.data = data

    @property
    def fixed_parts(self):
        """Return [(title, rows)] of the sorts of parts the user may see and not set."""
        kind, access = self._meta.model.record_kind(), self.user.access
        seen = access.fixed(kind) - access.hidden(kind)
        models = [part.Meta.model for name, part in PART_FORMS.items() if self.instance.pk and name in seen]
        rows = [model.objects.of(self.instance).order_by("-is_primary", "pk") for model in models]
        return [(capfirst(part.model._meta.verbose_name_plural), part) for part in rows if part]

    def matched_changed(self):
        return super().matched_changed() or any(formset.has_changed() for formset in self.formsets.values())

    def first_addresses(self):
        """Return what the first address line of a new record shows before anything is typed."""
        return None

    def is_valid(self):
        valid = super().is_valid()
        region = self.region
        for form in self.phones.forms if self.phones else ():
            form.instance.region = region
        checked = [formset.is_valid() for formset in self.formsets.values()]  # every one says its errors
        return valid and all(checked)

    @property
    def region(self):
        """Return the country in which phone numbers without a country code are read."""
        forms_of_addresses = self.addresses.forms if self.addresses else ()
        posted = [self.data.get(f"{form.prefix}-country") for form in forms_of_addresses]
        company = self.cleaned_data.get("company") if hasattr(self, "cleaned_data") else None
        candidates = [*posted, self.instance.country.code, company.country.code if company else None]
        return next((code for code in candidates if code), None)

    def save(self, commit=True):
        parts, removed = [], []
        record = super().save(commit=False)
        for formset in self.formsets.values():
            rows, gone = formset.changed()
            parts.extend(rows)
            removed.extend(gone)
        return save_with_parts(record=record, parts=self.with_company_address(record, parts, removed), removed=removed)

    def with_company_address(self, record, parts, removed):
        return parts

    @cached_property
    def emails(self):
        return self.formsets.get("emails")

    @cached_property
    def phones(self):
        return self.formsets.get("phones")

    @cached_property
    def addresses(self):
        return self.formsets.get("addresses")


FILL_FROM_COMPANY = {
    "hx-get": reverse_lazy("contacts:person_filling"),
    "hx-trigger": "change",
    "hx-target": "#from-company",
    "hx-swap": "outerHTML",
}
"""On a new person, choosing the company shows its address and currency; without JavaScript they come on saving."""


class PersonForm(ContactForm):
    likely_url = reverse_lazy("contacts:people_likely")
    matched = {
        "given_name": "given_name",
        "family_name": ("family_name", "suffix"),
        "job_title": "job_title",
        "company": "company",
        "birth_date": "born_on",
    }

    company = RecordChoiceField(
        Company,
        url=reverse_lazy("contacts:company_choices"),
        placeholder=_("Type a company"),
        required=False,
        label=_("Company"),
    )

    class Meta:
        model = Person
        fields = (
            "prefix",
            "given_name",
            "family_name",
            "suffix",
            "job_title",
            "company",
            "stage",
            "source",
            "owner",
            "tags",
            "born_on",
            "language",
            "currency",
            "notes",
        )
        widgets = {"born_on": forms.DateInput(attrs={"type": "date"}), "notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, data=None, *, user, instance=None, initial=None):
        self.at_company = self._company_of(user, (initial or {}).get("company")) if instance is None else None
        if self.at_company:
            initial = {**(initial or {}), "currency": self.at_company.currency}
        super().__init__(data, user=user, instance=instance, initial=initial)
        if instance is None and "company" in self.fields:
            self.fields["company"].widget.attrs.update(FILL_FROM_COMPANY)

    @staticmethod
    def _company_of(user, pk):
        """Return the company a new person is begun at, if the user may see it."""
        return Company.objects.visible_to(user).filter(pk=pk).first() if is_id(pk) else None

    def first_addresses(self):
        address = address_from(self.at_company) if self.at_company else None
        return [model_to_dict(address, AddressForm.Meta.fields)] if address else None

    def with_company_address(self, record, parts, removed):
        """A new person at a company without an address of their own works where the company is, in its currency."""
        company = self.cleaned_data.get("company")
        is_new = record.pk is None
        if is_new and company and not any(isinstance(part, PostalAddress) for part in parts):
            address = address_from(company)
            parts = [*parts, address] if address else parts
        if is_new and company and not record.currency:
            record.currency = company.currency
        return parts


class CompanyForm(ContactForm):
    likely_url = reverse_lazy("contacts:companies_likely")
    matched = {"company": "name", "website": "website"}

    class Meta:
        model = Company
        fields = ("name", "website", "industry", "size", "stage", "source", "owner", "currency", "tags", "notes")
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}


class PersonQuickForm(RecordForm):
    """The least a rep needs to begin: a name, where they work, how to reach them."""

    ids = "quick_%s"
    likely_url = reverse_lazy("contacts:people_quick_likely")
    matched = {
        "given_name": "given_name",
        "family_name": "family_name",
        "job_title": "job_title",
        "company": "company",
        "email": "email",
        "phone": "phone",
    }
    rights_names = {"email": "emails", "phone": "phones"}

    company = RecordChoiceField(
        Company,
        url=reverse_lazy("contacts:company_choices"),
        placeholder=_("Type a company"),
        required=False,
        label=_("Company"),
    )
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    class Meta:
        model = Person
        fields = ("given_name", "family_name", "company", "job_title", "stage")

    def clean(self):
        super().clean()
        self.parts = []
        company = self.cleaned_data.get("company")
        region = company.country.code if company else None
        self._add("email", EmailAddress, "address", {})
        self._add("phone", PhoneNumber, "number", {"region": region})
        if company:
            self.instance.currency = company.currency
            self.parts.extend(filter(None, [address_from(company)]))

    def _add(self, field, model, column, attributes):
        """Make a primary part of what was typed; what is wrong with it stands at its field."""
        if not self.cleaned_data.get(field):
            return
        part = model(is_primary=True, **{column: self.cleaned_data[field]})
        for name, value in attributes.items():
            setattr(part, name, value)
        try:
            part.standardise()
        except forms.ValidationError as error:
            self.add_error(field, error.messages)
        else:
            self.parts.append(part)

    def save(self, commit=True):
        return save_with_parts(record=super().save(commit=False), parts=self.parts)
