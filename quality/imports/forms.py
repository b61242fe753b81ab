"""What the pages of imports ask for."""

from __future__ import annotations

from collections import Counter

from django import forms
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from crm import duplicates
from crm.choices import assignable
from crm.firm import firm
from crm.importing.files import LONGEST_VALUE, values_to_map
from crm.importing.kinds import importables
from crm.importing.numbers import LONGEST_SOURCE, source_of
from crm.importing.options import DAYS, DOUBLES, MERGE, MODES, WHERE_BOTH
from crm.importing.recognising import ELSEWHERE, NUMBER, may_merge
from crm.tables.delimited import ENCODINGS
from crm.tables.limits import MOST_BYTES

NO_COUNTRY = ("", gettext_lazy("Leave such numbers to be mended"))


def _countries():
    return [NO_COUNTRY, *sorted(countries, key=lambda pair: pair[1])]


class DropInput(forms.FileInput):
    """A field for a file with a box around it on which the file can be dropped."""

    def render(self, name, value, attrs=None, renderer=None):
        return format_html(
            '<div class="drop" data-drop>{}<span class="drop-hint needs-js" aria-hidden="true">{}</span>'
            '<span class="visually-hidden" role="status" data-drop-said></span></div>',
            super().render(name, value, attrs, renderer),
            _("or drop it here"),
        )


class UploadForm(forms.Form):
    """A file, what is in it, and where phone numbers without a country code are read."""

    kind = forms.ChoiceField(label=gettext_lazy("What is in it"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX, XLS, ODS or vCard, up to 50 MB and 200,000 rows."),
        error_messages={"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("The file is empty.")},
        max_length=255,
        widget=DropInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.vcf"}),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country of phone numbers without a code"), required=False, choices=_countries
    )

    def __init__(self, data=None, files=None, *, user, initial=None):
        super().__init__(data, files, initial={"country": str(firm().country or ""), **(initial or {})})
        self.fields["kind"].choices = [(one.slug, capfirst(str(one.label))) for one in importables(user)]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 50 MB."))
        return file


class OptionsForm(forms.Form):
    """What is to become of rows that are there, of likely doubles, and how cells are read."""

    mode = forms.ChoiceField(label=gettext_lazy("What to do"), choices=list(MODES.items()))
    where_both = forms.ChoiceField(label=gettext_lazy("Where both have a value"), choices=list(WHERE_BOTH.items()))
    doubles = forms.ChoiceField(label=gettext_lazy("New ones that may be there already"), choices=list(DOUBLES.items()))
    owner = forms.ChoiceField(label=gettext_lazy("Owner of new ones"), required=False)
    country = forms.ChoiceField(
        label=gettext_lazy("Country of phone numbers without a code"), required=False, choices=_countries
    )
    days = forms.ChoiceField(label=gettext_lazy("How days are written"), choices=list(DAYS.items()))
    source = forms.CharField(
        label=gettext_lazy("Program the file comes from"),
        required=False,
        max_length=LONGEST_SOURCE,
        help_text=gettext_lazy("Its numbers are kept under this name, and recognised in its next file."),
    )
    keys = forms.MultipleChoiceField(
        label=gettext_lazy("Recognise those there by"), required=False, widget=forms.CheckboxSelectMultiple
    )
    clear = forms.BooleanField(label=gettext_lazy("Empty cells clear what is here"), required=False)

    def __init__(self, data=None, *, asked, importable, mapping):
        initial = {**asked.options, "owner": str(asked.options.get("owner") or asked.user.pk)}
        super().__init__(data, initial=initial)
        users = assignable(asked.user, importable.model)
        self.fields["owner"].choices = [(str(one.pk), one.get_full_name()) for one in users]
        certain = (NUMBER, ELSEWHERE)  # where they are mapped they always count
        self.fields["keys"].choices = [(key.name, key.label) for key in importable.keys if key.name not in certain]
        for name in ("owner", "keys"):
            if len(self.fields[name].choices) < 2:
                del self.fields[name]
        if not any(column.is_day for column in importable.columns):
            del self.fields["days"]
        if not any(importable.by_key[key].elsewhere for key in mapping if key):
            del self.fields["source"]
        self._offer_doubles(asked.user, importable.model)
        self._offer_whole(asked, importable)

    def _offer_doubles(self, user, model):
        if duplicates.kind_of(model) is None:
            del self.fields["doubles"]
        elif not may_merge(model, user):
            self.fields["doubles"].choices = [(key, words) for key, words in DOUBLES.items() if key != MERGE]

    def _offer_whole(self, asked, importable):
        """Ask what holds for all rows whose cell is empty."""
        for key in importable.whole_file:
            column = importable.by_key[key]
            self.fields[f"whole_{key}"] = forms.ChoiceField(
                label=_("%s, where the file does not say") % column.label,
                choices=[("", _("Not known: refused")), *column.choices(asked.user).items()],
                required=False,
                initial=asked.options.get("whole", {}).get(key, ""),
            )

    def clean_source(self):
        """Return the name of the program whose numbers stand in the file; it is asked for where there are any."""
        source = self.cleaned_data["source"].strip()
        if not source_of(source):
            raise forms.ValidationError(_("Say which program, or leave its numbers out."))
        return source

    @property
    def chosen(self):
        """What was chosen, as an import keeps it."""
        found = {name: value for name, value in self.cleaned_data.items() if not name.startswith("whole_")}
        found["owner"] = int(found["owner"]) if found.get("owner") else None
        named = {name.removeprefix("whole_"): value for name, value in self.cleaned_data.items() if name not in found}
        return {**found, "whole": named}


class MappingForm:
    """Which column of a file is which of ours, and which text of it is which value. `errors`: {place: words}."""

    def __init__(self, asked, importable, data=None):
        self.asked, self.importable, self.data = asked, importable, data
        self.columns = importable.open_to(asked.user)
        self.errors: dict[int, str] = {}
        self.mapping = list(asked.mapping)
        self.values = dict(asked.values)
        if data is not None:
            self._take()

    def _take(self):
        known = {column.key for column in self.columns}
        sent = [self.data.get(f"column-{place}", "") for place in range(len(self.asked.header))]
        self.mapping = [key if key in known else "" for key in sent]
        for place, key in enumerate(self.mapping):
            if key and self.importable.by_key[key].choices:
                self.values[key] = {**self.values.get(key, {}), **self._values_of(place)}

    def _values_of(self, place):
        texts = self.data.getlist(f"text-{place}")[:200]
        chosen = self.data.getlist(f"value-{place}")[:200]
        pairs = zip(texts, chosen, strict=False)
        return {text: value for text, value in pairs if len(text) <= LONGEST_VALUE and len(value) <= LONGEST_VALUE}

    def is_valid(self):
        times = Counter(self.mapping)
        for place, key in enumerate(self.mapping):
            column = self.importable.by_key.get(key)
            if column and times[key] > 1 and not (column.several or column.between):
                self.errors[place] = _("Another column is %s, too.") % column.label
        if not any(self.mapping):
            self.errors[0] = _("Choose what at least one column is.")
        return not self.errors

    @property
    def rows(self):
        """Return what the page shows of each column: place, name, samples, chosen key, choices, error."""
        samples = list(self.asked.rows.order_by("number").values_list("cells", flat=True)[:50])
        found = []
        for place, name in enumerate(self.asked.header):
            texts = dict.fromkeys(row[place].strip() for row in samples if place < len(row) and row[place].strip())
            found.append(
                {
                    "place": place,
                    "name": name or _("Column %d") % (place + 1),
                    "samples": list(texts)[:3],
                    "key": self.mapping[place] if place < len(self.mapping) else "",
                    "error": self.errors.get(place, ""),
                }
            )
        return found

    @property
    def to_map(self):
        """Return what the page shows of columns that take only some values."""
        asked = self.asked
        before, asked.mapping, asked.values = (asked.mapping, asked.values), self.mapping, self.values
        found = [
            {"place": place, "label": column.label, "name": asked.header[place],
             "values": list(texts.items()), "choices": list(column.choices(asked.user).items())}
            for place, column, texts in values_to_map(asked, self.importable)
        ]  # fmt: skip
        asked.mapping, asked.values = before
        return [one for one in found if one["values"]]


class EncodingForm(forms.Form):
    """In which encoding the letters of a file are read."""

    encoding = forms.ChoiceField(
        label=gettext_lazy("Letters are read as"),
        choices=[(one, one) for one in ENCODINGS],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
