"""The firm's profile: one row, in standard form, with a logo that is what it says."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.firm import Firm, Logo, firm, kept
from crm.models import User
from tests.factories import crm
from tests.forms import filled

pytestmark = pytest.mark.django_db
PAGE = "/settings/firm/"


@pytest.fixture
def admin(client):
    client.force_login(crm.user("Ada", role="administrator"))
    return client


def png(width=3, height=2):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"".join(b"\0" + b"\0" * width for _ in range(height)))
    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width=3, height=2):
    app0 = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    return b"\xff\xd8" + app0 + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" * 12 + b"\xff\xd9"


def sent(content, name="logo.png"):
    return SimpleUploadedFile(name, content, content_type="image/png")


def save(client, **changes):
    body = filled(client.get(PAGE), "legal_name", **{"name": "Stones", **changes})
    return client.post(PAGE, body)


def test_there_is_one_firm_and_it_cannot_go():
    assert Firm.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Firm(pk=2).save(force_insert=True)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Firm.objects.all().delete()


def test_the_profile_is_kept_in_standard_form(admin):
    given = {
        "legal_name": "Stones AS",
        "postcode": "se-111 20",
        "country": "NO",
        "vat_number": "no 995 525 828 mva",
        "email": " Post@Stones.Example ",
        "phone": "41 20 77 33",
        "website": "stones.example",
        "fiscal_month": "7",
        "currency": "NOK",
        "timezone": "Europe/Oslo",
        "hours_1_0": "08:30",
        "hours_1_1": "16:00",
        "hours_5_0": "",
        "hours_5_1": "",
    }
    assert save(admin, **given)["Location"] == PAGE
    now = firm()
    assert (now.vat_number, now.email, now.phone) == ("995525828MVA", "post@stones.example", "+4741207733")
    assert (now.website, now.postcode, now.fiscal_month) == ("https://stones.example", "SE-111 20", 7)
    assert (now.hours["1"], "5" in now.hours, now.hours["2"]) == (["08:30", "16:00"], False, ["09:00", "17:00"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("email", "post"),
        ("phone", "1"),
        ("website", "javascript:alert(1)"),
        ("vat_number", "DE123"),
        ("currency", "XXX"),
        ("timezone", "Mars/Olympus"),
        ("language", "tlh"),
        ("country", "ZZ"),
        ("fiscal_month", "13"),
        ("hours_1_1", "08:00"),
        ("hours_1_0", ""),
        ("hours_1_0", "25:00"),
    ],
)
def test_a_wrong_value_changes_nothing(admin, name, value):
    response = save(admin, **{"country": "DE", "city": "Bergen", name: value})
    assert response.status_code == 422
    assert firm().city == ""


@pytest.mark.parametrize(
    ("country", "number", "kept_as"),
    [
        ("DE", "136 695 976", "DE136695976"),
        ("GR", "EL 094259216", "EL094259216"),
        ("GB", "GB 980 7806 84", "980780684"),
        ("US", "12-3456789", "12-3456789"),
    ],
)
def test_vat_numbers_follow_the_rule_of_the_country(admin, country, number, kept_as):
    assert save(admin, country=country, vat_number=number).status_code == 302
    assert firm().vat_number == kept_as


# The logo


@pytest.mark.parametrize(("content", "kind"), [(png(), "image/png"), (jpeg(), "image/jpeg")])
def test_a_logo_is_served_as_what_it_is_and_kept_for_ever(admin, content, kind):
    save(admin, picture=sent(content))
    digest = firm().logo_id
    response = admin.get(f"/settings/firm/logo/?v={digest}")
    assert (response.status_code, response["Content-Type"], response.content) == (200, kind, content)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert admin.get("/settings/firm/logo/")["Cache-Control"] == "private, no-store"
    assert Client().get(f"/settings/firm/logo/?v={digest}").status_code == 302
    colleague = Client()
    colleague.force_login(crm.user("Rep"))
    assert colleague.get("/settings/firm/logo/").status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\x89PNG\r\n\x1a\n",
        png()[:-20],
        jpeg()[:-2],
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",
        png(2001, 1),
        png(0, 0),
        png() + b"\0" * 1024 * 1024,
    ],
    ids=["empty", "gif", "svg", "no header", "cut off", "jpeg cut off", "no frame", "too wide", "no size", "too heavy"],
)
def test_what_is_no_picture_is_refused(admin, content):
    response = save(admin, picture=sent(content))
    assert response.status_code == 422
    assert not Logo.objects.exists()


def test_another_logo_takes_the_place_of_the_first_and_can_be_removed(admin):
    save(admin, picture=sent(png()))
    first = firm().logo_id
    save(admin, picture=sent(jpeg()))
    assert list(Logo.objects.values_list("pk", flat=True)) == [firm().logo_id]
    assert admin.get(f"/settings/firm/logo/?v={first}").status_code == 404
    save(admin, remove_logo="on")
    assert (firm().logo_id, Logo.objects.count()) == (None, 0)
    assert admin.get("/settings/firm/logo/").status_code == 404


def test_a_save_over_somebody_elses_is_refused_and_says_what_differs(admin):
    opened = filled(admin.get(PAGE), "legal_name", name="Mine")
    save(admin, name="Theirs", city="Oslo")
    response = admin.post(PAGE, opened)
    assert response.status_code == 422
    assert "Saved now: Theirs" in response.content.decode()
    assert (firm().name, firm().city) == ("Theirs", "Oslo")
    again = filled(response, "legal_name")
    assert admin.post(PAGE, again).status_code == 302
    assert firm().name == "Mine"


def test_a_profile_sent_twice_is_no_contradiction(admin):
    body = filled(admin.get(PAGE), "legal_name", name="Stones", hours_1_0="08:00")
    assert [admin.post(PAGE, body).status_code for _turn in range(2)] == [302, 302]


# Where it is used


def test_the_firm_is_asked_for_once_a_request(django_assert_num_queries):
    with kept(), django_assert_num_queries(1):
        assert firm() is firm()


def test_an_ordinary_page_does_not_ask_for_it(admin):
    with CaptureQueriesContext(connection) as captured:
        admin.get("/people/")
    assert not [q for q in captured if "crm_firm" in q["sql"] and "apps_off" not in q["sql"]]


def test_the_sign_in_page_says_whose_site_it_is(admin):
    save(admin, name="Stones & Sons")
    assert "Stones &amp; Sons" in Client().get("/accounts/login/").content.decode()


def test_new_users_take_zone_and_language(admin):
    save(admin, timezone="Asia/Tokyo", language="ja")
    body = filled(admin.get("/settings/users/invitation/"), "email", email="new@firm.example", role=_role())
    admin.post("/settings/users/invitation/", body)
    made = User.objects.get(email="new@firm.example")
    assert (made.timezone, made.language) == ("Asia/Tokyo", "ja")


def _role():
    return crm.Role.objects.get(key="rep").pk
