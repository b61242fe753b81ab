"""Reading what people and companies have in common from a row, and uniting it with what is there."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.importing.columns import PLACE
from contacts.loading import follow
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import loading, standards, territories
from crm.importing.drafts import Draft
from crm.importing.options import OURS
from crm.importing.planning import Planner

PARTS = (EmailAddress, PhoneNumber, PostalAddress)
EMAIL_KINDS = {"email": "work", "email_private": "private", "email_other": "other"}
PHONE_KINDS = {"mobile": "mobile", "phone": "work", "phone_home": "home", "fax": "fax", "phone_other": "other"}
EMAIL_WORDS = {"home": "private", "priv": "private", "other": "other", "work": "work"}
PHONE_WORDS = {
    "fax": "fax", "mobil": "mobile", "cell": "mobile", "handy": "mobile", "home": "home", "priv": "home",
    "work": "work", "other": "other",
}  # fmt: skip
ADDRESS_WORDS = {
    "home": "home", "priv": "home", "work": "work", "office": "work", "business": "work", "arbeit": "work",
    "bill": "billing", "invoice": "billing", "rechnung": "billing", "deliver": "delivery", "ship": "delivery",
    "liefer": "delivery",
}  # fmt: skip
"""What stands in the labels of exports, and the kind it means; the first that fits."""
MOST_PARTS = 30  # of a sort, as a form takes them
_SEVERAL = re.compile(r":::|;|\n")  # spaces are left to strip: looked for here, many of them take time by their square
_TAGS = re.compile(r":::|;|,|\n")
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T].*)?$")
_ISO_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[ T].*)?$")
MISSPELT = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmail.co": "gmail.com", "gnail.com": "gmail.com",
    "gmal.com": "gmail.com", "hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotmal.com": "hotmail.com",
    "yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "outlok.com": "outlook.com", "outloook.com": "outlook.com",
    "gmx.d": "gmx.de", "web.d": "web.de", "iclud.com": "icloud.com",
}  # fmt: skip


def day(text, order):
    """Return the date of 1980-12-31, 31.12.1980 or, in the order "mdy", 12/31/1980. Raises ValidationError."""
    if found := _ISO_DAY.match(text):
        year, month, number = map(int, found.groups())
    elif found := _DAY.match(text):
        first, second, year = map(int, found.groups())
        month_first = second > 12 or (order == "mdy" and first <= 12 and "." not in text)
        month, number = (first, second) if month_first else (second, first)
    else:
        raise ValidationError(_("No date such as 31.12.2026 or 2026-12-31"))
    try:
        return date(year, month, number)
    except ValueError:
        raise ValidationError(_("No such day")) from None


class ContactPlanner(Planner):
    """What people and companies have in common."""

    united = ("tags",)
    righted: tuple[str, ...] = ()
    following = ("country",)
    plain: dict[str, str] = {}
    """{key of a column: field} of what is taken as it is, and standardised by the gate."""

    # Reading a row

    def draft(self, draft: Draft):
        for key, name in self.plain.items():
            self.take(draft, key, name)
        for key in self.choices.keys() & draft.texts.keys():
            self.take_choice(draft, key)
        if "tags" in draft.texts:
            texts = [text for _place, cell in draft.texts["tags"] for text in _TAGS.split(cell) if text.strip()]
            draft.values["tags"] = sorted({standards.line(text) for text in texts}, key=str.casefold)
            draft.places["tags"] = draft.texts["tags"][0][0]
        elif self.is_mapped("tags"):
            draft.cleared.append("tags")
        self._take_emails(draft)
        countries = self._countries(draft)
        self._take_phones(draft, countries)
        for prefix in ("work", "home"):
            self._take_address(draft, prefix, countries)

    def _take_emails(self, draft):
        seen = set()
        for key, kind in EMAIL_KINDS.items():
            for place, text in _split(draft.texts.get(key, ())):
                told = _kind_before(draft, place, "email_kind", EMAIL_WORDS) if key == "email" else ""
                part = self._part(draft, place, EmailAddress, address=text, kind=told or kind)
                if part is None or part.address in seen:
                    continue
                seen.add(part.address)
                if standards.line(text) != part.address:
                    draft.was[place] = part.address
                if meant := MISSPELT.get(part.address.rpartition("@")[2]):
                    draft.hints[place] = _("Did you mean %s?") % meant

    def _take_phones(self, draft, countries):
        seen = set()
        hosts = [part.address.rpartition("@")[2] for part in draft.parts if isinstance(part, EmailAddress)]
        found = [*countries.values(), *map(territories.country_of_domain, hosts), self.options.get("country")]
        region = next(filter(None, found), None)
        for key, kind in PHONE_KINDS.items():
            for place, text in _split(draft.texts.get(key, ())):
                told = _kind_before(draft, place, "phone_kind", PHONE_WORDS) if key == "phone" else ""
                part = self._part(draft, place, PhoneNumber, region=region, number=text, kind=told or kind)
                if part is None or (part.number, part.extension) in seen:
                    continue
                seen.add((part.number, part.extension))
                if not text.startswith("+") or standards.digits(text) != standards.digits(part.number):
                    draft.was[place] = str(part)

    def _part(self, draft, place, model, region=None, **values):
        """Put a part through the gate and keep it; return None where it is refused."""
        if sum(type(one) is model for one in draft.parts) >= MOST_PARTS:
            draft.refuse(place, _("More than %d of them") % MOST_PARTS)
        if place in draft.bad:
            return None
        part = loading.fresh(model, **values)
        if model is PhoneNumber:
            part.region = region
        try:
            loading.check(part)
        except ValidationError as error:
            text = next(iter(values.values()))
            placeless = model is PhoneNumber and not region and not text.startswith(("+", "00"))
            draft.refuse(place, _("No country to read it in") if placeless else _short(error))
            return None
        if not any(_same_way(part, other) for other in draft.parts):
            draft.parts.append(part)
        return part

    def _countries(self, draft):
        """Return {prefix: code} of the countries a row names."""
        found = {}
        for prefix in ("work", "home"):
            for place, text in draft.texts.get(f"{prefix}_country", ()):
                try:
                    found[prefix] = territories.country(text)
                except ValidationError:
                    draft.refuse(place, _("Not a country"))
        return found

    def _take_address(self, draft, prefix, countries):
        values, places = {}, {}
        for name in PLACE:
            if cells := draft.texts.get(f"{prefix}_{name}"):
                values[name] = " ".join(text for _place, text in cells)
                places[name] = cells[0][0]
        if not values:
            return
        values["country"] = countries.get(prefix, "")
        kind = _meant(draft.text(f"{prefix}_kind"), ADDRESS_WORDS) or prefix
        part = loading.fresh(PostalAddress, kind=kind, **values)
        try:
            loading.check(part)
        except ValidationError as error:
            for name, errors in getattr(error, "error_dict", {"": [error]}).items():
                draft.refuse(places.get(name, min(places.values())), _short(ValidationError(errors)))
            return
        draft.parts.append(part)

    # What is there

    def _holders(self, model, column, texts):
        """Yield (text, id of a record) of those that have a way of this sort to reach them."""
        whole = f"{self.model._meta.model_name}_id"
        rows = model.objects.unscoped(because="narrowed at once to records the user may see")
        rows = rows.filter(**{f"{column}__in": texts, f"{whole}__isnull": False})
        return rows.order_by("pk").values_list(column, whole)

    def with_email(self, texts):
        return self._holders(EmailAddress, "address", texts)

    def parts_of(self, records):
        found = defaultdict(list)
        whole = f"{self.model._meta.model_name}_id"
        for model in PARTS:
            if records:
                for part in model.objects.of(*records).order_by("-is_primary", "pk"):
                    found[getattr(part, whole)].append(part)
        return found

    # Comparing and uniting

    def compared(self, draft):
        found: dict[str, list[str]] = defaultdict(list)
        for part in draft.parts:
            if isinstance(part, EmailAddress):
                found["email"].append(part.address)
            elif isinstance(part, PhoneNumber):
                found["mobile" if part.kind == "mobile" else "phone"].append(part.number)
            elif not found["city"]:
                place = {"street": part.street, "city": part.city, "postcode": part.postcode, "state": part.region}
                found |= {name: [text] for name, text in place.items()}
                found["country"] = [part.country.code or ""]
        return found

    def fold_parts(self, whole, draft):
        """Unite: e-mails and phones are added, never overwritten; an address of a kind is filled and changed.

        Where a row is merged with a record, another address of a kind is added, too.
        """
        number, used = 0, []
        for part in draft.parts:
            if part.rights_name in whole.fixed:
                continue
            if isinstance(part, PostalAddress):
                number += self._fold_address(whole, part, used, keeps=draft.merges)
            elif not any(_same_way(part, other) for other in whole.parts) and _of_sort(whole, part) < MOST_PARTS:
                number += self._new_part(whole, part)
        return number

    def _fold_address(self, whole, part, used, *, keeps):
        """Fill and change an address of the same kind that no other of the row stands for, or add it."""
        same = [one for one in whole.parts if isinstance(one, PostalAddress) and one.kind == part.kind]
        there = _nearest(part, [one for one in same if not any(one is other for other in used)])
        if there is None or (keeps and not _agree(part, there)):
            used.append(part)
            return self._new_part(whole, part) if _of_sort(whole, part) < MOST_PARTS else 0
        used.append(there)
        number = 0
        for name in PLACE:
            value, stands = part.__dict__[name], there.__dict__[name]
            if not value or value == stands or (stands and self.options.get("where_both") == OURS):
                continue
            there.__dict__[name] = value
            number += 1
        if number and there not in whole.new_parts and there not in whole.changed_parts:
            whole.changed_parts.append(there)
        return number

    @staticmethod
    def _new_part(whole, part):
        whole.parts.append(part)
        whole.new_parts.append(part)
        return 1

    def follow(self, whole):
        adding, whole.record._state.adding = whole.record._state.adding, True
        follow(whole.record, whole.parts)
        whole.record._state.adding = adding


def _kind_before(draft, place, key, words):
    """Return the kind that the column before a place tells, "" if it tells none."""
    return _meant(dict(draft.texts.get(key, ())).get(place - 1, ""), words)


def _meant(label, words):
    """Return the kind that a label of an export means, "" for none that is known."""
    label = label.lower()
    return next((kind for word, kind in words.items() if word in label), "")


def _agree(one, other):
    """Whether nothing in two addresses differs that both know."""
    sides = ((one.__dict__[name], other.__dict__[name]) for name in PLACE)
    return all(left == right for left, right in sides if left and right)


def _nearest(part, addresses):
    """Return the address that does not differ from another, else the first; None if there is none."""
    return next((one for one in addresses if _agree(part, one)), addresses[0] if addresses else None)


def _split(cells):
    """Yield (place, text) of every value: one cell may hold several."""
    for place, text in cells:
        for one in map(str.strip, _SEVERAL.split(text)):
            if one:
                yield place, one


def _same_way(one, other):
    """Whether two parts are the same e-mail or phone."""
    if type(one) is not type(other) or isinstance(one, PostalAddress):
        return False
    if isinstance(one, EmailAddress):
        return one.address == other.address
    return (one.number, one.extension) == (other.number, other.extension)


def _of_sort(whole, part):
    return sum(type(one) is type(part) for one in whole.parts)


def _short(error):
    """Return the first message without the value it repeats: it stands in the cell."""
    return str(error.messages[0]).partition(":")[0]
