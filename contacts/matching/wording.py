"""Evidence in words: what a rep reads beside a suggestion."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.matching.evidence import COMMON, RARE

WORDS = {
    "given": {
        "same": _("same given name"),
        "nickname": _("short form of the given name"),
        "initial": _("same initial"),
        "other initial": _("other initial"),
        "two names": _("two given names that are alike"),
        "close": _("given names one letter apart"),
        "fair": _("given names alike"),
        "weak": _("given names little alike"),
        "other": _("other given name"),
    },
    "family": {
        "same": _("same family name"),
        "close": _("family names one letter apart"),
        "part": _("one family name is part of the other"),
        "fair": _("family names alike"),
        "other": _("other family name"),
    },
    "names": {"swapped": _("given and family name swapped")},
    "further names": {
        "same": _("same middle name"),
        "initial": _("same middle initial"),
        "other": _("other middle name"),
    },
    "generation": {
        "same": _("both junior or senior"),
        "other": _("junior and senior"),
        "one": _("only one is junior or senior"),
    },
    "e-mail": {
        "free": _("same e-mail"),
        "own": _("same e-mail"),
        "shared": _("same shared mailbox"),
        "same": _("same e-mail"),
        "near": _("e-mails one letter apart"),
        "local part": _("same e-mail name at another domain"),
        "domain": _("other e-mail at the same domain"),
        "shared at domain": _("shared mailbox at the same domain"),
        "other free": _("other private e-mail"),
        "both free": _("other private e-mail"),
        "other": _("other e-mail"),
    },
    "phone": {
        "mobile": _("same mobile"),
        "same": _("same phone"),
        "crossed": _("one's phone is the other's mobile"),
        "switchboard": _("same switchboard"),
        "near": _("phones one digit apart"),
        "other mobile": _("other mobile"),
        "other": _("other phone"),
    },
    "second phone": {"same": _("second number the same"), "other mobile": _("other mobile")},
    "workplace": {
        "same": _("same employer"),
        "near": _("employers spelt alike"),
        "part": _("one employer's name is part of the other"),
        "domain": _("same e-mail domain"),
        "domain's name": _("e-mail domain fits the employer"),
        "other": _("other employer"),
    },
    "company": {
        "same": _("same name"),
        "near": _("names spelt alike"),
        "part": _("one name is part of the other"),
        "fair": _("names alike"),
        "word": _("a telling word of the name the same"),
        "weak": _("names little alike"),
        "other": _("other name"),
    },
    "street": {
        "same": _("same street and number"),
        "near": _("streets spelt alike"),
        "number": _("same house number"),
        "other": _("other street"),
    },
    "postcode": {
        "beside the street": _("same postcode"),
        "same": _("same postcode"),
        "near": _("postcodes alike"),
        "other": _("other postcode"),
    },
    "city": {
        "beside the postcode": _("same city"),
        "same": _("same city"),
        "near": _("cities spelt alike"),
        "other": _("other city"),
    },
    "state": {"same": _("same state"), "other": _("other state")},
    "country": {"same": _("same country"), "other": _("other country")},
    "job": {"same": _("same job"), "other": _("other job")},
    "birth": {
        "same": _("same birthday"),
        "near": _("birthdays one digit apart"),
        "half": _("birthdays alike"),
        "other": _("other birthday"),
    },
    "web site": {"same": _("same web site"), "other": _("other web site")},
}
LABELS = {
    "given": _("Given name"),
    "family": _("Family name"),
    "names": _("Whole name"),
    "further names": _("Middle name"),
    "generation": _("Junior, senior"),
    "company": _("Name"),
    "e-mail": _("E-mail"),
    "phone": _("Phone"),
    "second phone": _("Second phone"),
    "workplace": _("Employer"),
    "street": _("Street"),
    "postcode": _("Postcode"),
    "city": _("City"),
    "state": _("State"),
    "country": _("Country"),
    "job": _("Job title"),
    "birth": _("Birthday"),
    "web site": _("Web site"),
}
"""What each comparison is called beside its outcome."""

TELLS = {
    "family": ("suffix",),
    "names": ("suffix",),
    "generation": ("suffix",),
    "e-mail": ("emails",),
    "phone": ("phones",),
    "second phone": ("phones",),
    "workplace": ("company", "emails"),
    **dict.fromkeys(("street", "postcode", "city", "state", "country"), ("addresses",)),
    "job": ("job_title",),
    "birth": ("born_on",),
    "web site": ("website",),
}
"""Under which names the rights on fields speak of what a comparison tells: a suffix is read with the family name."""

BOTH_NAMES = _("both names together")
NAMES = {"given", "family", "company", "workplace"}
SHARED = {"e-mail", "phone"}


def worded(line, population, *, counts=True):
    """Return Evidence in words: "same mobile, shared by 4", "same family name, rare".

    Without `counts` the number of holders is not told: some of them may be hidden from the reader.
    """
    words = str(WORDS[line.comparison].get(line.level, BOTH_NAMES))
    if counts and line.comparison in SHARED and line.holders > 2:
        many = ngettext("shared by %(count)d", "shared by %(count)d", line.holders) % {"count": line.holders}
        return f"{words}, {many}"
    if line.comparison in NAMES and line.level == "same" and line.holders:
        share = line.holders / population
        return f"{words}, {_('rare')}" if share <= RARE else f"{words}, {_('common')}" if share >= COMMON else words
    return words
