"""Whatever way a person or a company is written, the keys kept with it are those derived anew."""

import csv
import io

import pytest
from django.core.management import call_command
from django.db import connection

from contacts.models import Company, Person
from crm import duplicates, history, jobs, undo
from crm.duplicates import BuiltKeys, MatchKey
from crm.duplicates.keeping import keys_of, keys_of_one
from crm.events import Held, delivering
from crm.importing.running import act_of
from crm.undo import Act
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.contacts.test_people import lines, send
from tests.factories import contacts
from tests.forms import filled
from tests.importing.conftest import fates, imported

pytestmark = pytest.mark.django_db
MAIL = lines("emails", {"address": "ada@kobelt.example", "kind": "work"})


@pytest.fixture
def client(rep, client):
    client.force_login(rep)
    return client


def stored():
    return set(MatchKey.objects.values_list("kind", "key", "record"))


def derived():
    """The keys of all live records as their specifications give them now."""
    found = set()
    for kind in duplicates.kinds():
        ids, columns = kind.read(None)
        if ids:
            places, keys, _caps = keys_of(kind.specification, kind.specification.standardise(columns))
            found |= {(kind.number, key, ids[place]) for place, key in zip(places.tolist(), keys.tolist(), strict=True)}
    return found


def right():
    delivering.deliver()
    assert list(Held.objects.values_list("error", flat=True)) == []
    assert stored() == derived() != set()


def new():
    return Person.objects.unscoped(because="a test looks").order_by("-pk").first()


def test_forms(client, rep):
    firm = contacts.company(rep, name="Kobelt KG")
    send(client, "/people/new/", given_name="Ada", family_name="Lovelacing", company=firm.pk, **MAIL)
    right()
    page = client.get(f"/people/{new().pk}/edit/")
    sent = filled(page, "given_name", family_name="Byroning", **{"emails-0-DELETE": "on"})
    assert client.post(f"/people/{new().pk}/edit/", sent).status_code == 302
    right()
    send(client, "/people/quick/", given_name="Grace", family_name="Hopperling", email="grace@navy.example")
    assert new().given_name == "Grace"
    right()
    send(client, f"/companies/{firm.pk}/edit/", having="website", name="Renamed Works AG")
    right()


def test_a_load(tmp_path):
    path = tmp_path / "people.csv"
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["given_name", "family_name", "email", "company", "city", "country"])
    writer.writerows(
        [f"Ada{n}", f"Lovelacing{n}", f"ada{n}@kobelt.example", f"Firm{n % 3}", "Oslo", "NO"] for n in range(150)
    )
    path.write_text(rows.getvalue())
    call_command("load_people", path, stdout=io.StringIO())
    assert Person.objects.unscoped(because="a test counts").count() == 150
    right()


def test_trash_restore_and_their_undo(client, rep):
    ada = contacts.person(rep, given_name="Ada", family_name="Lovelacing", emails=["ada@kobelt.example"])
    contacts.person(rep, given_name="Grace", family_name="Hopperling")
    client.post(f"/people/{ada.pk}/trash/")
    right()
    client.post(f"/people/{ada.pk}/restoration/")
    right()
    with history.acting(rep, reason="test"):
        undo.undo(Act.objects.order_by("pk").last(), by=rep)
    right()


def test_many_changed_and_trashed_at_once(client, rep):
    made = [contacts.person(rep, given_name=f"Bulk{n}", family_name="Lovelacing") for n in range(3)]
    picked = {"pick": [one.pk for one in made[:2]], "confirmed": "yes"}
    assert client.post("/people/bulk/", {**picked, "change": "tag", "value": "New"}).status_code == 302
    right()
    assert client.post("/people/bulk/", {**picked, "change": "trash"}).status_code == 302
    right()


def test_keys_of_one_record_are_those_of_many(rep):
    firm = contacts.company(rep, name="Kobelt KG", website="kobelt.example", phones=["+4741207733"])
    contacts.person(
        rep, given_name="Bob J.", family_name="van der Lovelacing", company=firm, emails=["a@b.example", "b@c.example"],
        phones=["+4741207733", "+4741207734"], addresses=[{"street": "Storgata 5", "city": "Oslo", "postcode": "0150"}],
    )  # fmt: skip
    for kind in duplicates.kinds():
        frame = kind.specification.standardise(kind.read(None)[1])
        _places, keys, caps = keys_of(kind.specification, frame)
        assert keys_of_one(kind.specification, frame) == dict(zip(keys.tolist(), caps.tolist(), strict=True))


@pytest.mark.parametrize("before", ["no keys", "keys of another specification"])
def test_records_from_before_an_upgrade_get_their_keys(rep, before):
    contacts.person(rep, given_name="Ada", family_name="Lovelacing")
    contacts.company(rep, name="Kobelt KG")
    MatchKey.objects.all().delete()
    BuiltKeys.objects.all().delete()
    if before != "no keys":
        MatchKey.objects.create(kind=1, key=1, record=new().pk)
        BuiltKeys.objects.create(kind=1, specification=1)
    for model in (Person, Company):
        duplicates.match_all(model)
    assert stored() == derived() != set()


def test_keys_and_what_is_known_of_them_are_lost_together():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname IN ('crm_matchkey', 'crm_builtkeys')")
        assert cursor.fetchall() == [("u",), ("u",)]


def test_keys_lost_with_a_crash_are_built_by_the_next_look(rep):
    contacts.person(rep, given_name="Ada", family_name="Lovelacing")
    for model in (Person, Company):
        duplicates.match_all(model)
    assert not duplicates.without_keys()
    for rows in (MatchKey, BuiltKeys):
        rows.objects.all().delete()
    contacts.person(rep, given_name="Grace", family_name="Brunello")
    jobs.enqueue("crm.mend_match_keys")
    jobs.work_off()
    assert stored() == derived()
    assert not duplicates.without_keys()


def test_keys_that_are_right_are_not_built_again(rep):
    contacts.person(rep, given_name="Ada", family_name="Lovelacing")
    duplicates.match_all(Person)
    MatchKey.objects.create(kind=1, key=7, record=new().pk)
    duplicates.match_all(Person)
    assert MatchKey.objects.filter(key=7).exists()


def test_an_import_and_its_undoing(rep):
    contacts.person(rep, given_name="Ada", family_name="Kobelt", emails=["ada@kobelt.example"])
    kobelt = contacts.company(rep, name="Kobelt Works", website="kobelt.example")
    contacts.person(rep, given_name="Bo", family_name="Kobelt", company=kobelt)
    people = [["Given name", "Family name", "E-mail", "Mobile", "Company", "City"],
              ["Ada", "Kobelt-Ruiz", "ada@kobelt.example", "+47 412 07 733", "Kobelt Works", "Oslo"],
              ["Cy", "Twombling", "cy@twombling.example", "", "Twombling Art", "Bergen"]]  # fmt: skip
    asked = imported(rep, people)
    assert sorted(fates(asked).values()) == ["new", "update"]
    right()
    renamed = imported(rep, [["Name", "Web site"], ["Kobelt Workshops", "kobelt.example"]], slug="companies")
    assert list(fates(renamed).values()) == ["update"]
    right()
    for one in (renamed, asked):
        undo.undo(act_of(one), by=rep)
        right()
