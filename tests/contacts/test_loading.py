"""Many rows at once pass the same gate as one, and leave the same history."""

import random
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from pghistory.models import Context

from contacts.loading import settle
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import history, loading
from crm.search_words import SearchWord
from interactions.models import Interaction, Task
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db

PEOPLE = [
    {"given_name": "  ANNE-MARIE ", "family_name": "o'BRIEN", "job_title": "Head\tof  IT", "tags": ["b", "A ", ""]},
    {"given_name": "Søren", "family_name": "Kjærgaard\u200b", "notes": "two\r\n lines ", "currency": "dkk"},
    {"given_name": "", "family_name": "佐藤", "stage": "customer", "language": "ja"},
    {"given_name": "e\u0301lodie", "family_name": "TREMBLAY", "source": "web_form"},
]
IDENTITY = {"id", "created_at", "updated_at", "audience"}


def columns_of(record):
    stored = type(record).objects.unscoped(because="a test looks").get(pk=record.pk)
    return {name: value for name, value in stored.__dict__.items() if not name.startswith("_") and name not in IDENTITY}


@pytest.mark.parametrize("fields", PEOPLE)
def test_a_person_loaded_is_the_person_saved(fields):
    saved = contacts.person(emails=["Anne.OBrien@Acme.Example"], **fields)
    loaded = loading.fresh(Person, **fields)
    address = loading.fresh(EmailAddress, address="Anne.OBrien@Acme.Example", person=loaded)
    settle(loaded, [address])
    loading.store(Person, [loaded])
    loading.store(EmailAddress, [address])
    assert columns_of(loaded) == columns_of(saved)
    assert columns_of(address) | {"person_id": 0} == columns_of(saved.emailaddress_set.of(saved).get()) | {
        "person_id": 0
    }


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Person, {"given_name": "", "family_name": " "}),
        (Person, {"given_name": "A" * 101}),
        (Person, {"given_name": "A", "stage": "nonsense"}),
        (Person, {"given_name": "A", "tags": ["x" * 41]}),
        (Company, {"name": ""}),
        (Company, {"name": "A", "website": "not a site"}),
        (EmailAddress, {"address": "nobody"}),
        (EmailAddress, {"address": "a@b.example", "kind": "nonsense"}),
        (PhoneNumber, {"number": "12"}),
        (PostalAddress, {"street": "  "}),
        (PostalAddress, {"city": "Oslo", "country": "QQ"}),
        (Interaction, {"kind": "call"}),
        (Interaction, {"kind": "nonsense", "subject": "x"}),
        (Interaction, {"kind": "call", "subject": "x", "duration_minutes": 40_000}),
        (Task, {"subject": "x", "due_on": None}),
    ],
)
def test_bulk_and_form_find_the_same(model, fields):
    with pytest.raises(ValidationError) as by_form:
        row = model(**fields)
        row.full_clean(exclude={field.name for field in model._meta.fields if field.is_relation or not field.editable})
    with pytest.raises(ValidationError) as in_bulk:
        loading.check(loading.fresh(model, **fields))
    assert in_bulk.value.messages == by_form.value.messages


def test_ids_come_in_the_order_of_the_rows():
    rows = [loading.fresh(Person, given_name=f"P{number}") for number in range(50)]
    ids = loading.store(Person, iter(rows))
    found = Person.objects.unscoped(because="a test looks").in_bulk(ids)
    assert [found[pk].given_name for pk in ids] == [f"P{number}" for number in range(50)]


def test_chunks_are_one_load(monkeypatch):
    monkeypatch.setattr(loading, "CHUNK_ROWS", 7)
    ids = loading.store(Person, (loading.fresh(Person, given_name=f"P{number}") for number in range(20)))
    assert len(set(ids)) == 20


def test_one_bad_row_leaves_no_trace(monkeypatch):
    monkeypatch.setattr(loading, "CHUNK_ROWS", 2)
    rows = [loading.fresh(Person, given_name=name) for name in ("A", "B", "C", "")]
    with pytest.raises(ValidationError):
        loading.store(Person, rows)
    assert not Person.objects.unscoped(because="a test looks").exists()


def test_the_database_still_holds_its_constraints():
    person = contacts.person()
    rows = [loading.fresh(EmailAddress, address=f"{n}@b.example", person=person, is_primary=True) for n in "ab"]
    with pytest.raises(IntegrityError), transaction.atomic():
        loading.store(EmailAddress, rows)


def test_history_knows_who_loaded_and_why():
    user = crm.user()
    with history.acting(user, reason="Load of a.csv"):
        loading.store(Person, [loading.fresh(Person, given_name="A"), loading.fresh(Person, given_name="B")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT given_name, pgh_label, pgh_context_id FROM contacts_personevent ORDER BY given_name")
        events = cursor.fetchall()
    assert [(name, label) for name, label, _context in events] == [("A", "insert"), ("B", "insert")]
    context = Context.objects.get(pk=events[0][2])
    assert context.metadata["user"] == user.pk
    assert context.metadata["reason"] == "Load of a.csv"


def test_the_words_of_loaded_people_can_be_meant_by_misspelt_ones():
    loading.store(Person, [loading.fresh(Person, given_name="Zsófia", family_name="Kovács")])
    assert set(SearchWord.objects.values_list("word", flat=True)) >= {"zsofia", "kovacs"}


def test_texts_of_any_kind_come_out_as_they_went_in():
    letters = "aä佐\\\t\n'\"{},NULL\u00a0€😀"
    rng = random.Random(1)
    notes = ["x" + "".join(rng.choices(letters, k=40)) + "x" for _ in range(30)]
    rows = [loading.fresh(Person, given_name="A", notes=note, typed={"note": note}) for note in notes]
    ids = loading.store(Person, rows)
    found = Person.objects.unscoped(because="a test looks").in_bulk(ids)
    assert [found[pk].typed["note"] for pk in ids] == notes
    assert [found[pk].notes for pk in ids] == [row.notes for row in rows]


def test_each_row_has_its_own_moment_and_its_own_lists():
    with time_machine.travel("2026-01-01 10:00Z", tick=False):
        first = loading.fresh(Person, given_name="A")
    with time_machine.travel("2026-01-01 11:00Z", tick=False):
        second = loading.fresh(Person, given_name="B")
    assert second.created_at - first.created_at == timedelta(hours=1)
    first.tags.append("x")
    first.typed["x"] = 1
    assert (second.tags, second.typed) == ([], {})


def test_indexes_taken_off_for_a_load_are_all_there_again():
    def indexes(tables="%"):
        with connection.cursor() as cursor:
            where = "WHERE schemaname = 'public' AND tablename LIKE %s"
            cursor.execute(f"SELECT indexdef FROM pg_indexes {where} ORDER BY indexdef", [tables])
            return cursor.fetchall()

    before, of_records = indexes(), len(indexes("contacts%"))
    with loading.unindexed():
        assert len(indexes("contacts%")) < of_records * 0.7
        loading.store(Person, [loading.fresh(Person, given_name="A")])
    assert indexes() == before
