"""Every format and encoding becomes the same rows; what is no table is refused soon, and nothing is kept of it."""

import io
import time
import zipfile

import pytest
import xlsxwriter

from crm.importing.rows import Import, ImportFilePart, ImportRow
from crm.tables import limits, refusal
from crm.tables.reader import reading
from crm.tables.refusal import Refused
from tests.importing.conftest import FILES, as_csv, as_ods, as_xlsx, bring

TABLE = [["Vorname", "Nachname", "E-Mail"], ["Jörg", "Müller", "jm@post.example"], ["Zoë", "Ångström", ""]]
SECONDS = 5


def read(raw, encoding=None):
    with reading([raw], encoding) as (about, batches):
        return about, [(number, cells) for batch in batches for number, cells in batch]


def refused(raw):
    began = time.monotonic()
    with pytest.raises(Refused) as error:
        read(raw)
    assert time.monotonic() - began < SECONDS
    return error.value.reason


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (as_csv(TABLE), "csv"),
        (as_csv(TABLE, ";"), "csv"),
        (as_csv(TABLE, "\t"), "csv"),
        (as_csv(TABLE, "|"), "csv"),
        (b"\xef\xbb\xbf" + as_csv(TABLE), "csv"),
        (b"sep=;\r\n" + as_csv(TABLE, ";"), "csv"),
        (as_csv(TABLE, encoding="cp1252"), "csv"),
        (as_csv(TABLE, "\t", encoding="utf-16"), "csv"),
        (as_csv(TABLE, encoding="utf-16-le"), "csv"),
        (as_csv(TABLE, encoding="utf-16-be"), "csv"),
        (as_csv(TABLE, encoding="utf-32"), "csv"),
        (as_csv(TABLE).replace(b"\r\n", b"\n"), "csv"),
        (as_xlsx(TABLE), "xlsx"),
        (as_ods(TABLE), "ods"),
    ],
)
def test_every_way_to_write_a_table_is_the_same_table(raw, form):
    about, rows = read(raw)
    assert (about["format"], about["header"]) == (form, TABLE[0])
    assert [cells for _number, cells in rows] == [TABLE[1], TABLE[2][:2]]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Имя Фамилия Иван Петров Екатерина Смирнова Москва"),
        ("shift_jis", "名前 会社 山田太郎 東京都千代田区 株式会社"),
        ("cp1250", "Łukasz Wójcik Gdańsk Świętosława Łódź Żółkiewski"),
        ("gb18030", "姓名 公司 北京市朝阳区 张伟 王芳 有限公司"),
    ],
)
def test_other_scripts_are_told_by_their_bytes(encoding, words):
    about, rows = read(f"Name,Note\n1,{words}\n".encode(encoding))
    assert rows[0][1][1] == words


def test_an_encoding_that_was_guessed_wrongly_can_be_named():
    raw = "Name\nİbrahim Şahin\n".encode("cp1254")
    assert read(raw, "cp1254")[1][0][1] == ["İbrahim Şahin"]


def test_days_and_numbers_of_spreadsheets_are_written_as_people_write_them():
    about, rows = read((FILES / "people.xls").read_bytes())
    assert about["format"] == "xls"
    assert rows == [(2, ["Zsófia", "Kovács", "zs.kovacs@danuberail.example", "3615550199", "1980-10-04"])]


CARDS = {
    "2.1": "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\n"
    "TEL;CELL;VOICE:+49 170 5550100\nEMAIL;INTERNET:jm@post.example\nEND:VCARD\n",
    "3.0": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Jörg;;;\r\nTEL;TYPE=CELL:+49 170 5550100\r\n"
    "EMAIL;TYPE=INTERNET:jm@post\r\n .example\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n",
    "4.0": "BEGIN:VCARD\r\nVERSION:4.0\r\nN:Müller;Jörg;;;\r\nTEL;VALUE=uri;TYPE=\"cell,voice\":tel:+49 170 5550100\r\n"
    "item1.EMAIL:jm@post.example\r\nEND:VCARD\r\n",
}  # fmt: skip


@pytest.mark.parametrize("version", CARDS)
def test_address_cards_of_every_version(version):
    about, [(_number, cells)] = read(CARDS[version].encode())
    found = dict(zip(about["header"], cells, strict=False))
    assert about["format"] == "vcard"
    assert (found["First Name"], found["Last Name"]) == ("Jörg", "Müller")
    assert (found["Phone Mobile"], found["E-mail Other"]) == ("+49 170 5550100", "jm@post.example")


def packed(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def far_cell():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Name")
        sheet.write(1_048_575, 16_383, "far away")
    return file.getvalue()


HOSTILE = {
    "empty": (b"", refusal.EMPTY),
    "blank": (b" \r\n\r\n", refusal.EMPTY),
    "a header alone is no table, but is read": (b"PK\x03\x04 not packed", refusal.BROKEN),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, refusal.WRONG_TYPE),
    "a PDF": (b"%PDF-1.7\n" + b"x" * 1000, refusal.WRONG_TYPE),
    "a page called .xls": (b"<html><table><tr><td>1</td></tr></table></html>", refusal.WRONG_TYPE),
    "another packed file": (packed({"word/document.xml": "<a/>"}), refusal.WRONG_TYPE),
    "a bomb": (packed({"xl/workbook.xml": b"0" * 300_000_000}), refusal.BOMB),
    "NULs": (b"Name,Mail\nAnna\0,a@b.example\n", refusal.NULS),
    "10,000 columns": (as_csv([[f"c{n}" for n in range(10_000)], ["1"]]), refusal.TOO_MANY_COLUMNS),
    "10,000 cells below": (as_csv([["a"], ["1"] * 10_000]), refusal.TOO_MANY_COLUMNS),
    "one huge cell": (b"Name\n" + b"x" * 3_000_000 + b"\n", refusal.HUGE_CELL),
    "one huge quoted cell": (b'Name,Note\nA,"' + b"x\n" * 3_000_000, refusal.HUGE_CELL),
    "too many rows": (b"N\n" + b"x\n" * (3 * limits.MOST_ROWS), refusal.TOO_MANY_ROWS),
    "a card without an end": (b"BEGIN:VCARD\nFN:Anna\n", refusal.BROKEN),
    "too large": (b"x" * (limits.MOST_BYTES + 1), refusal.TOO_BIG),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_table_is_refused_soon(name):
    raw, reason = HOSTILE[name]
    assert refused(raw) == reason


def test_a_sheet_with_one_cell_at_its_far_end_takes_no_memory():
    assert refused(far_cell()) in (refusal.TOO_MANY_COLUMNS, refusal.TOO_MUCH, refusal.TOO_MANY_ROWS)


def test_random_bytes_are_refused_or_are_rows_of_text():
    raw = bytes((number * 7919 + number // 251) % 256 for number in range(1, 200_000))
    try:
        read(raw)
    except Refused:
        return
    pytest.fail("bytes of all kinds are no table")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["NULs", "a bomb", "one huge cell", "too many rows"])
def test_of_a_refused_file_nothing_is_kept(owner, name):
    there = [model.objects.count() for model in (Import, ImportFilePart, ImportRow)]
    with pytest.raises(Refused):
        bring(owner, HOSTILE[name][0])
    assert [model.objects.count() for model in (Import, ImportFilePart, ImportRow)] == there


@pytest.mark.django_db
def test_a_file_is_kept_as_it_came(owner):
    raw = as_csv([*TABLE, *[["a", "b", "c"]] * 5_000])
    asked = bring(owner, raw)
    assert b"".join(bytes(part.content) for part in asked.parts.order_by("number")) == raw
    assert asked.total == 5_002
