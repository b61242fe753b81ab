"""What matching compares: the parts of names, numbers, companies and addresses."""

import pytest

from crm.matching import companies, contact_points, names, places, words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mr Gary", ("gary", "", "")),
        ("Ruediger Sandro", ("rudiger", "sandro", "")),
        ("Zachary K.", ("zachary", "k", "")),
        ("John Jr.", ("john", "", "2")),
        ("Morris I", ("morris", "", "1")),
        ("n/a", ("", "", "")),
        ("Dr.", ("dr", "", "")),
        ("", ("", "", "")),
        ("\u202eאברהם", ("vrhm", "", "")),
    ],
)
def test_a_given_name_is_without_title_accents_and_generation(text, parts):
    assert names.given_name(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("FOGAZZARO, CHIARA", ("chiara", "", "fogazzaro", "")),
        ("Kylie D Rivera", ("kylie", "d", "rivera", "")),
        ("Ron van Nes", ("ron", "", "van nes", "")),
        ("Sammy Davis, Jr.", ("sammy", "", "davis", "2")),
        ("Herr Müller", ("", "", "muller", "")),
        ("Kärkkäinen, Sinikka", ("sinikka", "", "karkkainen", "")),
    ],
)
def test_a_whole_name_is_taken_apart(text, parts):
    assert names.full_name(text) == parts


@pytest.mark.parametrize("spelt", ["Müller", "Mueller", "MULLER", "mu\u0308ller"])
def test_umlauts_spelt_any_way_are_one_name(spelt):
    assert names.family_name(spelt) == ("muller", "")


def test_short_forms_share_a_formal_name():
    assert names.formal_names("bob") & names.formal_names("robert")
    assert names.formal_names("pepe") & names.formal_names("jose")
    assert not names.formal_names("anna") & names.formal_names("peter")


@pytest.mark.parametrize(
    "spelt",
    ["+49 (0) 250 3561383", "0049 2503561383", "0250/3561383", "+492503561383", "0250 356 1383", "0250-3561383 x12"],
)
def test_a_number_written_any_way_is_one(spelt):
    assert contact_points.phone_number(spelt) == "2503561383"


@pytest.mark.parametrize("spelt", ["", "n/a", "123456789", "0000000000", "999-999-9999", "12345", "+", "()", "x"])
def test_a_number_that_is_none_says_nothing(spelt):
    assert contact_points.phone_number(spelt) == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ada.Lovelace+crm@Gmail.com", ("adalovelace@gmail.com", "adalovelace", "gmail.com", "free")),
        ("<info@acme.co.uk>", ("info@acme.co.uk", "info", "acme.co.uk", "shared")),
        ("a.b@acme.io", ("a.b@acme.io", "a.b", "acme.io", "own")),
        ("noemail@noemail.com", ("", "", "", "")),
        ("no address", ("", "", "", "")),
        ("@acme.io", ("", "", "", "")),
    ],
)
def test_an_address_is_taken_apart_and_its_kind_told(text, kind):
    assert contact_points.email_address(text) == kind


@pytest.mark.parametrize(
    "spelt",
    ["The Hoffmann & Sons GmbH", "HOFFMANN UND SONS", "Hoffmann, Sons Ltd.", "Hoffmann & Sons S.A. (Berlin)"],
)
def test_a_company_is_without_legal_form_and_joining_words(spelt):
    assert companies.company_name(spelt) == "hoffmann sons"


def test_a_company_that_is_nothing_but_a_legal_form_keeps_it():
    assert companies.company_name("KG") == "kg"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("4468 Waloovstraße 44", ("waloovstreet 44", "4468", "")),
        ("Waloovstr. 44", ("waloovstreet", "44", "")),
        ("3727 Receive Way, Suite 787", ("receive way", "3727", "787")),
        ("942 Coach Ave.", ("coach avenue", "942", "")),
        ("", ("", "", "")),
    ],
)
def test_a_street_is_taken_apart(text, parts):
    assert places.street(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("123 Main Street, Las Vegas NV 89132", ("123 Main Street", "Las Vegas", "NV", "89132")),
        ("3212 W. 32nd St Palm Harbor, FL 60527", ("3212 W. 32nd St Palm Harbor", "", "FL", "60527")),
        ("6371 E Foothill Dr, 95915", ("6371 E Foothill Dr", "", "", "95915")),
        ("Hauptstr. 5, 10115 Berlin", ("Hauptstr. 5", "Berlin", "", "10115")),
        ("3727 Receive Way, Suite 787", ("3727 Receive Way, Suite 787", "", "", "")),
        ("12 High Street", ("12 High Street", "", "", "")),
        (",", (",", "", "", "")),
    ],
)
def test_an_address_in_one_line_is_taken_apart(text, parts):
    assert places.line(text) == parts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1978-12-11", "19781211"),
        ("12/11/1978", "19781211"),
        ("25.6.08", "19080625"),
        ("25-Jun-08", "19080625"),
        ("Mar 1 1970", "19700301"),
        ("1st march 1970", "19700301"),
        ("1954-51-29", "19545129"),
        ("soon", ""),
    ],
)
def test_a_birthday_is_read_and_its_typing_errors_kept(text, day):
    assert places.birth_date(text) == day


def test_words_that_sound_alike_have_one_sound():
    assert words.sound("philip") == words.sound("filipp")
    assert words.sound("schmidt") == words.sound("smit")
    assert words.sound("") == ""
