"""Files as strangers send them, and imports of them."""

import csv
import io
import zipfile
from hashlib import md5
from pathlib import Path

import pytest
import xlsxwriter

from crm.importing import files, running
from crm.importing.kinds import of_slug
from crm.importing.rows import Import
from crm.jobs import work_off
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.factories import contacts

FILES = Path(__file__).parent / "files"
ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="People">'
)
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry'
    ' manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def as_csv(rows, delimiter=",", encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("People")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def as_ods(rows):
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", MANIFEST)
        content = f"{ODS_HEAD}{cells}</table:table></office:spreadsheet></office:body></office:document-content>"
        packed.writestr("content.xml", content)
    return file.getvalue()


HEAD = ["Given name", "Family name", "E-mail", "Job title", "Company"]


def word(number):
    """Return a name like no other."""
    return "".join(chr(97 + int(digit, 16)) for digit in md5(str(number).encode()).hexdigest()[:9]).capitalize()


def rows(number, job="Clerk"):
    """Return a table of so many people at three companies."""
    people = ([word(n), word(n + 1_000), f"p{n}@many.example", job, f"Firm {n % 3}"] for n in range(number))
    return [HEAD, *people]


def bring(user, raw, slug="people", **changed):
    """Return an import of a file, mapped as it is guessed; `changed`: options, or "mapping" and "values"."""
    if isinstance(raw, list):
        raw = as_csv(raw)
    asked = files.bring(importable=of_slug(slug), name="list.csv", pieces=[raw], by=user)
    asked.mapping = changed.pop("mapping", asked.mapping)
    asked.values = changed.pop("values", asked.values)
    asked.options |= changed
    asked.save()
    return asked


def check(asked):
    """Try an import out, and wait for it; return it as it stands."""
    running.ask_to_check(asked)
    work_off()
    return Import.objects.select_related("user").get(pk=asked.pk)


def run(asked):
    """Run an import that is checked, and wait for it; return it as it stands."""
    running.ask_to_run(asked)
    work_off()
    return Import.objects.select_related("user").get(pk=asked.pk)


def imported(user, raw, slug="people", **changed):
    """Return a file's import after its run."""
    return run(check(bring(user, raw, slug, **changed)))


def fates(asked):
    """Return {row's number: fate}, in the file's order."""
    return dict(asked.rows.order_by("number").values_list("number", "fate"))


def told(asked):
    """Return [(number, fate, record's being there, what was found)] of all rows, as they compare."""
    return [(row.number, row.fate, row.found, row.leader) for row in asked.rows.order_by("number")]


@pytest.fixture
def owner(cast):  # noqa: F811
    return cast.owner


@pytest.fixture
def firm(owner):
    return contacts.company(owner, name="Nordlys Kraft", emails=["info@nordlys.example"])


@pytest.fixture
def anna(owner, firm):
    return contacts.person(
        owner, given_name="Anna", family_name="Berg", company=firm, emails=["anna@nordlys.example"],
        phones=["+47 412 08 991"],
    )  # fmt: skip


@pytest.fixture
def bo(owner):
    return contacts.person(owner, given_name="Bo", family_name="Dahl", emails=["bo@fjord.example"])
