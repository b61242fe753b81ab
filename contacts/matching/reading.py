"""The columns that people and companies have in common, from texts as somebody wrote them."""

from crm.matching.columns import Column
from crm.matching.companies import company_name, sorted_words
from crm.matching.contact_points import FREE, OWN, SHARED, domain_name, email_address, phone_number
from crm.matching.places import country, line, postcode, street
from crm.matching.words import plain, squashed

COLUMNS = (
    "given_name", "family_name", "full_name", "email", "phone", "mobile", "job_title", "company", "website", "street",
    "house_number", "city", "postcode", "state", "country", "birth_date",
)  # fmt: skip


def texts(columns, name):
    """Return the slots of a column: lists of n texts, one where nothing is known all empty."""
    return columns.get(name) or [[""] * size(columns)]


def size(columns):
    """Return the number of records."""
    return len(next(iter(columns.values()))[0])


def read(columns, name, function):
    """Return the column of the standard texts."""
    return Column.of(*texts(columns, name)).map(function)


def emails(columns):
    """Return the columns email, local, domain and mail_kind; firm_domain and free_mail: the domains of each sort."""
    address, local, domain, kind = Column.of(*texts(columns, "email")).split(email_address, 4)
    parts = {"email": address, "local": local, "domain": domain, "mail_kind": kind}
    parts["domain_name"] = domain.map(lambda name: "".join(filter(str.isalpha, domain_name(name))))
    return {**parts, "firm_domain": _where(domain, kind, (OWN, SHARED)), "free_mail": _kind(kind, FREE)}


def _where(column, kinds, wanted):
    """The column's texts of the slots whose kind is among those wanted."""
    return column.where(kinds.lookup(lambda kind: kind in wanted)[kinds.codes])


def _kind(kinds, wanted):
    return kinds.map(lambda kind: kind if kind == wanted else "")


def numbers(columns):
    """Return the columns number (all of them), phone and mobile."""
    phones, mobiles = texts(columns, "phone"), texts(columns, "mobile")
    number = Column.of(*phones, *mobiles).map(phone_number)
    return {"number": number, "phone": number.slots(0, len(phones)), "mobile": number.slots(len(phones), None)}


def company(columns):
    """Return the columns company, company_words (their order does not matter) and company_squashed."""
    name = read(columns, "company", company_name)
    return {"company": name, "company_words": name.map(sorted_words), "company_squashed": name.map(squashed)}


def address(columns):
    """Return the columns of an address; `address` is street and house together."""
    written, *of_line = Column.of(*texts(columns, "street")).split(line, 4)
    name, house, _flat = written.split(street, 3)
    if "house_number" in columns:
        house = read(columns, "house_number", plain)
    town, region, code = (column.map(plain) for column in of_line)
    return {
        "street": name,
        "house": house,
        "address": name.joined(house),
        "city": _else(read(columns, "city", plain), town),
        "postcode": _else(read(columns, "postcode", postcode), code.map(postcode)),
        "state": _else(read(columns, "state", plain), region),
        "country": read(columns, "country", country),
    }


def _else(column, of_line):
    """The column, and where it holds nothing what stands in the line of the street."""
    return column.or_else(of_line) if of_line.values and column.codes.shape == of_line.codes.shape else column
