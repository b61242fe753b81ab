"""A field hidden from a role is told to it nowhere, and cannot be guessed; a read-only one cannot be set."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import save_with_parts
from crm.access import policies, policy_of
from crm.door import HiddenField
from crm.models import FieldRight, Role
from interactions.models import Interaction, Task
from tests.architecture.test_hidden import addresses, difference, pages, still  # noqa: F401
from tests.factories import contacts
from tests.factories.contacts import reload
from tests.forms import filled

pytestmark = pytest.mark.django_db

ONE, OTHER = "Zyzzyva", "Quokkaland"
MARKS = (ONE.lower().encode(), OTHER.lower().encode())


def restrict(right, kind, *fields, role="rep"):
    role = Role.objects.get(key=role)
    FieldRight.objects.bulk_create(FieldRight(role=role, kind=kind, field=field, right=right) for field in fields)


def hide_everything():
    for kind, policy in policies().items():
        restrict("hidden", kind, *policy.hideable)


def values(mark, *, of, company):
    """Return {field: value} of every field of a kind that can be hidden, with the mark where text may stand."""
    first = mark == ONE
    moment = datetime(2024, 1, 2, tzinfo=UTC) if first else datetime(2026, 11, 1, tzinfo=UTC)
    texts = dict.fromkeys(("job_title", "notes", "subject", "body", "industry"), mark)
    found = texts | {
        "website": f"https://{mark.lower()}.example",
        "prefix": mark, "suffix": mark, "language": mark[:8], "currency": mark[:3].upper(), "tags": [mark],
        "company": company if first else None, "born_on": date(1970, 1, 1) if first else date(1999, 9, 9),
        "stage": "customer" if first else "blocked", "source": "partner" if first else "campaign",
        "size": "10" if first else "1000", "direction": "in" if first else "",
        "outcome": "message" if first else "busy", "duration_minutes": 17 if first else 91,
        "last_contacted_at": moment, "next_activity_at": moment,
    }  # fmt: skip
    return {name: found[name] for name in policy_of(of).hideable if name in found}


PARTS = {
    "emails": lambda mark: EmailAddress(address=f"{mark}@{mark}.example"),
    "phones": lambda mark: PhoneNumber(number="+47 412 07 001" if mark == ONE else "+47 412 07 002"),
    "addresses": lambda mark: PostalAddress(city=mark, country="SE" if mark == ONE else "DK"),
}


def plant(world, mark, only=None):
    """Write the mark into every field that can be hidden, of one of each kind (or into one field of one kind)."""
    there = Company.objects.unscoped(because="a test plants").get(name="Marked Works")
    for name in ("person", "company", "interaction", "task"):
        record = reload(world[name])
        marked = values(mark, of=type(record), company=there)
        wanted = {field: value for field, value in marked.items() if only in (None, (record.record_kind(), field))}
        if wanted:
            rows = type(record).objects.unscoped(because="a test plants").filter(pk=record.pk)
            rows.update(**wanted)
        for field, part in PARTS.items():
            if field in policy_of(type(record)).hideable and only in (None, (record.record_kind(), field)):
                save_with_parts(record=reload(record), parts=[part(mark)])


@pytest.fixture(autouse=True)
def there(world):
    return contacts.company(world.cast.owner, name="Marked Works")


def urls(world):
    yield from addresses(world)
    for query in (ONE, OTHER, "zyzz", f"{ONE}@{ONE}.example".lower(), "+47 412 07 001", "41207002", ONE[:4]):
        yield from (f"{path}?q={query}" for path in ("/search/", "/people/", "/companies/", "/people/choices/"))
    for filtered in ("stage=customer", "stage=blocked", "source=partner", f"tag={ONE}", "country=SE", "country=DK"):
        yield from (f"/people/?{filtered}", f"/companies/?{filtered}", f"/people/export/?{filtered}")
    yield from ("/people/?contacted=not60", "/people/?contacted=30", "/people/?next=late", "/people/?next=none")
    yield from (f"/companies/?industry={ONE}", "/companies/?size=10", "/companies/?size=1000")


def looked_at(world, client, mark, only=None):
    """Return what every page says with the mark planted; all of it is taken back."""
    with transaction.atomic():
        plant(world, mark, only)
        shown = pages(client, list(dict.fromkeys(urls(world))))
        transaction.set_rollback(True)
    return shown


def assert_untold(one, other):
    assert {status for status, _content in one.values()} <= {200, 302, 404}
    differing = [url for url in one if one[url] != other[url]]
    assert not differing, difference(one[differing[0]][1], other[differing[0]][1]) + "\n".join(differing)


def test_the_values_of_hidden_fields_change_no_byte_of_any_page(world, signed_in, still):  # noqa: F811
    hide_everything()
    client = signed_in(world.cast.owner)
    one, other = (looked_at(world, client, mark) for mark in (ONE, OTHER))
    assert_untold(one, other)
    own = [f"/people/{world['person'].pk}/", f"/people/{world['person'].pk}/changes/", "/people/"]
    assert [mark for url in own for mark in MARKS if mark in one[url][1].lower()] == []


def test_what_is_not_hidden_does_change_pages(world, signed_in):
    """The test above would see it: without the rights nearly every page of these records differs."""
    client = signed_in(world.cast.owner)
    one, other = (looked_at(world, client, mark) for mark in (ONE, OTHER))
    differing = {url for url in one if one[url] != other[url]}
    assert {f"/people/{world['person'].pk}/", "/people/?stage=customer", f"/search/?q={ONE}"} <= differing
    assert {f"/companies/{world['company'].pk}/", "/companies/?country=SE", "/people/?sort=last_contacted"} <= differing
    assert len(differing) > 40


EVERY = [(kind, field) for kind, policy in policies().items() for field in policy.hideable]


@pytest.mark.long
@pytest.mark.parametrize(("kind", "field"), EVERY, ids=[f"{kind}.{field}" for kind, field in EVERY])
def test_a_field_hidden_by_itself_changes_no_byte_of_any_page(kind, field, world, signed_in, still):  # noqa: F811
    restrict("hidden", kind, field)
    client = signed_in(world.cast.owner)
    one, other = (looked_at(world, client, mark, (kind, field)) for mark in (ONE, OTHER))
    assert_untold(one, other)


def test_the_door_itself_refuses_to_ask_by_a_hidden_field(world):
    restrict("hidden", "contacts.person", "stage", "company", "addresses")
    owner = world.cast.owner
    people = Person.objects.visible_to(owner)
    for asked in (
        people.filter(stage="lead"),
        people.exclude(stage="lead"),
        people.order_by("stage"),
        people.order_by("-country"),
        people.filter(company=world["company"]),
        people.values("stage"),
        people.values_list("country", flat=True),
        Company.objects.visible_to(owner).get(pk=world["company"].pk).people.visible_to(owner),
        Person.objects.mine(owner).filter(stage="lead"),
        Person.objects.editable_by(owner).filter(stage="lead"),
    ):
        with pytest.raises(HiddenField):
            list(asked)
    with pytest.raises(HiddenField):
        people.filter(stage="lead").count()
    assert Person.objects.visible_to(world.cast.teammate).filter(pk=world["person"].pk).exists()


def test_a_record_opened_without_its_hidden_fields_cannot_be_saved_over_them(world):
    restrict("hidden", "contacts.person", "stage", "emails")
    person = Person.objects.visible_to(world.cast.owner).only("given_name").get(pk=world["person"].pk)
    assert (person.stage, list(EmailAddress.objects.of(person))) == ("", [])
    with pytest.raises(TypeError):
        person.save()
    whole = Person.objects.editable_by(world.cast.owner).get(pk=world["person"].pk)
    assert whole.stage == "lead"


def hidden_or_fixed(world, signed_in, right):
    restrict(right, "contacts.person", "stage", "job_title", "emails", "notes", "company")
    client, person = signed_in(world.cast.owner), world["person"]
    url = f"/people/{person.pk}/edit/"
    body = filled(client.get(url), "given_name")
    tampered = {
        "stage": "blocked", "job_title": "Emperor", "notes": "Taken over", "company": "",
        "emails-TOTAL_FORMS": "1", "emails-INITIAL_FORMS": "0", "emails-0-address": "new@mail.example",
        "emails-0-kind": "work",
    }  # fmt: skip
    before = reload(person)
    answer = client.post(url, {**body, "suffix": "PhD", **tampered})
    assert answer.status_code == 302, answer.content
    after = reload(person)
    assert after.suffix == "PhD"
    assert [getattr(after, name) for name in ("stage", "job_title", "notes", "company_id")] == [
        getattr(before, name) for name in ("stage", "job_title", "notes", "company_id")
    ]
    assert [one.address for one in EmailAddress.objects.of(after)] == ["nordlys@mail.example"]
    return client.get(url).content.decode()


def test_hidden_fields_are_not_in_the_form_and_stay_whatever_is_sent(world, signed_in):
    shown = hidden_or_fixed(world, signed_in, "hidden")
    assert 'name="stage"' not in shown
    assert "nordlys@mail.example" not in shown


def test_read_only_fields_are_shown_and_stay_whatever_is_sent(world, signed_in):
    shown = hidden_or_fixed(world, signed_in, "read_only")
    assert 'name="stage"' in shown
    assert "nordlys@mail.example" in shown
    assert "emails-TOTAL_FORMS" not in shown


def test_a_new_record_takes_its_name_even_where_names_are_read_only_and_nothing_fixed(world, signed_in):
    restrict("read_only", "contacts.person", "given_name", "family_name", "stage")
    client = signed_in(world.cast.owner)
    body = filled(client.get("/people/new/"), "given_name", given_name="Fresh", family_name="Name")
    assert client.post("/people/new/", {**body, "stage": "customer"}).status_code == 302
    made = Person.objects.visible_to(world.cast.owner).get(given_name="Fresh")
    assert made.stage == "lead"
    edit = filled(client.get(f"/people/{made.pk}/edit/"), "given_name")
    client.post(f"/people/{made.pk}/edit/", {**edit, "given_name": "Other"})
    assert reload(made).given_name == "Fresh"


def test_what_may_not_be_set_is_not_changed_in_bulk(world, signed_in):
    restrict("read_only", "contacts.person", "tags", "owner")
    client, person = signed_in(world.cast.owner), world["person"]
    assert b'value="tag"' not in client.get("/people/").content
    for change, value in (("tag", "vip"), ("assign", world.cast.owner.pk)):
        sent = {"change": change, "pick": person.pk, "confirmed": "yes", "value": value}
        assert client.post("/people/bulk/", sent).status_code == 404
    assert reload(person).tags == []


def test_rights_on_fields_hold_from_the_next_request_on(world, signed_in):
    client, person = signed_in(world.cast.owner), world["person"]
    url = f"/people/{person.pk}/"
    assert b"nordlys@mail.example" in client.get(url).content
    restrict("hidden", "contacts.person", "emails")
    assert b"nordlys@mail.example" not in client.get(url).content
    FieldRight.objects.all().delete()
    assert b"nordlys@mail.example" in client.get(url).content


def test_the_history_tells_nothing_of_hidden_fields(world, signed_in):
    person = reload(world["person"])
    person.notes, person.job_title = "Notorious words", "Known title"
    person.save()
    client = signed_in(world.cast.owner)
    url = f"/people/{person.pk}/changes/"
    assert b"Notorious" in client.get(url).content
    restrict("hidden", "contacts.person", "notes", "emails")
    content = client.get(url).content
    assert b"Known title" in content
    assert b"Notorious" not in content
    assert b"nordlys@mail" not in content


def test_every_field_named_by_a_policy_is_one(world):
    for policy in policies().values():
        names = {field.name for field in policy.model._meta.concrete_fields}
        parts = {"emails", "phones", "addresses"}
        assert set(policy.hideable) | set(policy.fixable) <= names | parts
        assert not set(policy.hideable) & set(policy.fixable)
    assert {Interaction, Task} <= {policy.model for policy in policies().values()}
