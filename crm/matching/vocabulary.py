"""Words that say little about whom they name: titles, legal forms, placeholders, free mail, kinds of streets."""

from pathlib import Path

from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

WORD_LISTS = Path(__file__).with_name("word_lists")


def _listed(name):
    return frozenset(WORD_LISTS.joinpath(f"{name}.txt").read_text().splitlines())


COUNTRY_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
FORMS_OF_ADDRESS = _listed("forms_of_address")
GENERATIONS = {
    "i": "1", "sr": "1", "senior": "1", "jr": "2", "junior": "2", "ii": "2", "2nd": "2", "filho": "2", "iii": "3",
    "3rd": "3", "iv": "4",
}  # fmt: skip
PARTICLES = _listed("particles")
PLACEHOLDERS = _listed("placeholders")
LEGAL_FORMS = _listed("legal_forms")
JOINING_WORDS = frozenset(["and", "und", "et", "y", "og", "och", "ja", "en", "e"])
SHORT_FORMS_OF_COMPANIES = {
    "intl": "international", "int": "international", "pharma": "pharmaceuticals", "mfg": "manufacturing",
    "tech": "technologies", "technology": "technologies", "eng": "engineering", "assoc": "associates",
    "bros": "brothers", "svcs": "services", "svc": "services", "service": "services", "natl": "national",
    "mgmt": "management", "ind": "industries", "sys": "systems", "system": "systems", "grp": "group", "ctr": "center",
    "centre": "center", "univ": "university", "banking": "bank", "ins": "insurance", "transports": "transport",
    "electronic": "electronics", "gebr": "brothers", "saint": "st",
}  # fmt: skip
FREE_MAIL = _listed("free_mail")
SHARED_MAILBOXES = _listed("shared_mailboxes")
NO_MAILBOXES = _listed("no_mailboxes")
SHORT_FORMS_IN_STREETS = {
    "st": "street", "str": "street", "strasse": "street", "rd": "road", "ave": "avenue", "av": "avenue",
    "blvd": "boulevard", "blv": "boulevard", "dr": "drive", "ln": "lane", "la": "lane", "ct": "court", "crt": "court",
    "pl": "place", "pkwy": "parkway", "pwy": "parkway", "pky": "parkway", "wy": "way", "sq": "square",
    "hwy": "highway", "ter": "terrace", "cir": "circle", "cct": "circuit", "cl": "close", "cres": "crescent",
    "cr": "crescent", "gr": "grove", "pde": "parade", "n": "north", "s": "south", "e": "east", "w": "west", "no": "",
    "nr": "", "ste": "suite", "apt": "apartment",
}  # fmt: skip
PARTS_OF_HOUSES = frozenset(["suite", "apartment", "unit", "flat", "room", "floor", "level"])
COUNTRIES = {
    "usa": "us", "united states": "us", "united states of america": "us", "america": "us", "uk": "gb",
    "united kingdom": "gb", "great britain": "gb", "england": "gb", "scotland": "gb", "wales": "gb",
    "deutschland": "de", "germany": "de", "france": "fr", "india": "in", "spain": "es", "espana": "es",
    "netherlands": "nl", "the netherlands": "nl", "nederland": "nl", "italy": "it", "italia": "it", "sweden": "se",
    "sverige": "se", "brazil": "br", "brasil": "br", "denmark": "dk", "danmark": "dk", "finland": "fi", "suomi": "fi",
    "czech republic": "cz", "czechia": "cz", "norway": "no", "norge": "no", "turkey": "tr", "turkiye": "tr",
    "hungary": "hu", "magyarorszag": "hu", "austria": "at", "osterreich": "at", "switzerland": "ch", "schweiz": "ch",
    "poland": "pl", "polska": "pl", "belgium": "be", "portugal": "pt", "ireland": "ie", "canada": "ca", "mexico": "mx",
    "australia": "au", "japan": "jp", "china": "cn", "greece": "gr", "romania": "ro", "russia": "ru", "ukraine": "ua",
}  # fmt: skip
