"""The made-up firm: the same seed gives the same rows, the shares are right, and what is kept besides is true."""

import hashlib
import io
from collections import Counter
from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Min

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.demo_labels import DemoLabel
from crm.duplicates import MatchKey, Suggestion
from crm.models import Tag, Team, User
from interactions import contact_dates
from interactions.models import Interaction, Participation, Task

pytestmark = pytest.mark.django_db
SIZES = {"people": 900, "users": 60, "today": date(2026, 11, 20)}
PARTS = (EmailAddress, PhoneNumber, PostalAddress)
TABLES = (Team, User, Tag, Company, Person, *PARTS, Interaction, Participation, Task, DemoLabel)
NOT_MADE_UP = {"password", "created_at"}  # of users: salts, and the moment they were written


def everything(model):
    rows = model.objects
    return rows.unscoped(because="a test looks") if hasattr(rows, "unscoped") else rows.all()


def seeded(**options):
    said = io.StringIO()
    call_command("seed", stdout=said, **{**SIZES, **options})
    return said.getvalue()


def checksums():
    """Return {table: checksum of its rows}, ids counted from the first of their table."""
    first = {
        model: everything(model).aggregate(first=Min("pk"))["first"] or 0
        for model in apps.get_models()
        if model in TABLES
    }
    return {model._meta.label: _checksum(model, first) for model in TABLES}


def _checksum(model, first):
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    fields = [
        f
        for f in fields
        if not (model is User and f.name in NOT_MADE_UP) and f.name not in {"path", "record_id", "cluster"}
    ]
    digest = hashlib.sha256()
    for values in everything(model).order_by("pk").values_list(*(f.attname for f in fields)):
        digest.update(repr([_counted(f, value, first) for f, value in zip(fields, values, strict=True)]).encode())
    return digest.hexdigest()


def _counted(field, value, first):
    target = field.related_model if field.is_relation else field.model if field.primary_key else None
    return value - first[target] if value and target in first else str(value)


def test_the_same_seed_gives_the_same_rows():
    found = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            seeded(seed=seed, people=400, demo=True)
            found.append(checksums())
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0]["contacts.Person"] != found[2]["contacts.Person"]


def test_the_sizes_are_those_asked_for():
    seeded(companies=120, interactions=2000)
    assert everything(Person).count() == 900
    assert everything(Interaction).count() == pytest.approx(2000, abs=25)
    assert everything(Company).count() == pytest.approx(120, rel=0.7)
    assert User.objects.count() == 60
    assert Suggestion.objects.waiting().likely().exists()
    assert MatchKey.objects.filter(kind=1, record=everything(Person).earliest("pk").pk).exists()


def test_a_second_seed_writes_nothing_and_says_so():
    seeded(people=60)
    assert "already" in seeded(people=60)
    assert everything(Person).count() == 60


@pytest.mark.parametrize("asked", [True, False])
def test_demo_sign_ins_exist_only_when_asked_for(asked, settings, client):
    seeded(people=60, demo=asked)
    sign_ins = User.objects.filter(email__endswith="@demo.example")
    names = "admin manager rep newrep teammate otherteam marketer agent auditor"
    assert {user.email.split("@")[0] for user in sign_ins} == (set(names.split()) if asked else set())
    others = User.objects.exclude(email__endswith="@demo.example")
    assert all(user.check_password(settings.DEMO_PASSWORD) for user in sign_ins)
    assert not any(user.has_usable_password() for user in others)


def test_the_cast_sees_what_it_is_there_to_see(monkeypatch):
    monkeypatch.setattr("crm.demo.firm.SMALLEST_HOME_SHARE", 10)
    seeded(people=4000, interactions=0, users=200, demo=True)
    cast = {user.email.split("@")[0]: user for user in User.objects.filter(email__endswith="@demo.example")}
    seen = {name: Person.objects.visible_to(user).count() for name, user in cast.items()}
    assert seen["rep"] == seen["teammate"] == 20  # .5 %
    assert seen["newrep"] == 0
    assert 0.10 < seen["manager"] / 4000 < 0.15
    assert seen["otherteam"] > 20
    assert seen["admin"] == seen["auditor"] == seen["marketer"] == seen["agent"] == 4000
    assert Person.objects.visible_to(cast["rep"]).filter(owner=cast["rep"]).count() >= 8


def test_what_is_kept_besides_is_what_stands_in_the_tables():
    seeded(demo=True)
    for whole, model in contact_dates.WHOLES.items():
        kept = everything(model).annotate(
            last=contact_dates.last_contact(whole), due=contact_dates.next_activity(whole)
        )
        assert [row.pk for row in kept if (row.last_contacted_at, row.next_activity_at) != (row.last, row.due)] == []
    assert all(sorted(person.search_words()) == person.words for person in everything(Person)[:300])
    assert not everything(Participation).exclude(at=F("interaction__at")).exists()
    assert not everything(Person).exclude(owner=None).exclude(team=F("owner__team")).exists()


def test_rep_has_a_day_before_her():
    seeded(demo=True)
    rep = User.objects.get(email="rep@demo.example")
    due = [task.due_on.isoformat() for task in Task.objects.visible_to(rep).filter(owner=rep).open()]
    days = Counter("late" if day < "2026-11-20" else "today" if day == "2026-11-20" else "next" for day in due)
    assert (days["late"], days["today"]) == (2, 5)
    assert days["next"] >= 7


def test_dirt_is_labelled_and_the_rest_is_clean():
    seeded(people=2500, interactions=2500)
    labels = set(DemoLabel.objects.values_list("label", "variant"))
    assert {label for label, _variant in labels} == set(DemoLabel.Label.values)
    assert len(labels) >= 24
    copies = DemoLabel.objects.filter(kind="contacts.person", label="duplicate").exclude(variant="original").count()
    assert 0.04 < copies / 2500 < 0.08
    odd = everything(PhoneNumber).filter(is_valid=False).values_list("person", flat=True)
    assert set(odd) <= set(DemoLabel.objects.filter(variant="phone_unknown").values_list("record_id", flat=True))
    live = set(everything(Person).values_list("pk", flat=True))
    assert set(DemoLabel.objects.filter(kind="contacts.person").values_list("record_id", "cluster")) <= {
        (pk, cluster) for pk, cluster in DemoLabel.objects.values_list("record_id", "cluster") if pk in live
    }


def test_nobody_real_is_reached():
    seeded()
    reserved = (
        ".example",
        ".con",
        "mailinator.com",
        "yopmail.com",
        "guerrillamail.com",
        "10minutemail.com",
        "trashmail.com",
    )
    assert [row.address for row in everything(EmailAddress) if not row.address.endswith(reserved)] == []


def test_many_countries_and_scripts():
    seeded(people=1500, interactions=0)
    people = list(everything(Person).values_list("country", "given_name"))
    assert len({country for country, _name in people if country}) >= 30
    scripts = {chr(ord(name[0]) & ~0xFF) for _country, name in people}
    assert len(scripts) >= 7


def test_one_person_can_be_much_talked_to():
    seeded(people=60, interactions=100, heavy=500)
    most = Counter(everything(Participation).exclude(person=None).values_list("person", flat=True)).most_common(1)
    assert most[0][1] >= 500
