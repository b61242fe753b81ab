"""VAT numbers: checked by the rule of the country, kept in the form its authorities write."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import get_cc_module
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError as Refused

from crm import standards

GREECE = {"GR": "EL"}  # writes its VAT numbers with another code than its own
FALLBACK_LONGEST = 20


def vat_number(value, country):
    """Return the number without spaces, in the European Union with the country's letters; "" for "".

    `country`: ISO 3166 code. Of a country whose rule is not known any number is taken. Raises ValidationError for a
    number that cannot be one there.
    """
    tidy = "".join(standards.line(value).upper().split())
    if not tidy:
        return ""
    try:
        return _checked(tidy, country.lower())
    except Refused:
        raise ValidationError(_("No VAT number of that country: %(value)s"), params={"value": tidy[:40]}) from None


def _checked(tidy, country):
    if country in european.MEMBER_STATES:
        letters = GREECE.get(country.upper(), country.upper())
        return european.validate(tidy if tidy.startswith(letters) else f"{letters}{tidy}")
    module = get_cc_module(country, "vat") if country else None
    if module:
        return module.validate(tidy)
    if len(tidy) > FALLBACK_LONGEST:
        raise Refused
    return tidy
