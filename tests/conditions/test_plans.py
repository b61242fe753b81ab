"""How the database goes about conditions at 100,000 people: no table of many rows is walked once for each person."""

import json

import pytest
from django.db import connection

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.conditions import Asker, Rule
from interactions.models import Interaction, Participation, Task
from tests.conditions import samples
from tests.factories import contacts, interactions

pytestmark = [pytest.mark.django_db, pytest.mark.long]
SIZE = 100_000
MODELS = (Person, Company, EmailAddress, PhoneNumber, PostalAddress, Participation, Interaction, Task)
TABLES = {model._meta.db_table for model in MODELS}


def clones(model, row, **values):
    """Write SIZE copies of a row with some columns given as SQL, in which `g` counts. Return the id before them."""
    table, columns = (
        model._meta.db_table,
        [f for f in model._meta.concrete_fields if not (f.primary_key or f.generated)],
    )
    named = ", ".join(f'"{field.column}"' for field in columns)
    taken = ", ".join(values.get(field.column, f'source."{field.column}"') for field in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {table}_id_seq")
        before = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO {table} ({named}) SELECT {taken} FROM {table} AS source, generate_series(1, {SIZE}) AS g"
            f" WHERE source.id = %s ORDER BY g",
            [row.pk],
        )
    return before


@pytest.fixture(scope="module")
def ground(world):
    """100,000 people of the owner's team with companies, ways to reach them, talks and tasks."""
    owner = world.cast.owner
    firm = contacts.company(owner, name="Source")
    person = contacts.person(
        owner, company=firm, emails=["a@b.example"], phones=["+4741207733"], addresses=[{"city": "Oslo"}], tags=["vip"]
    )
    talk, task = interactions.talk(owner, people=[person]), interactions.task(owner, person=person)
    spread = {"created_at": "now() - g * interval '1 hour'", "sort_name": "'name' || g"}
    whose = {"owner_id": f"CASE WHEN g %% 20 = 0 THEN {owner.pk} END", "team_id": "NULL"}
    stage = {"stage": "(ARRAY['lead', 'customer', 'lapsed'])[1 + g %% 3]", "tags": "ARRAY['tag' || g %% 50]"}
    seen = {"last_contacted_at": "CASE WHEN g %% 3 > 0 THEN now() - g * interval '1 minute' END"}
    company = clones(Company, firm, **spread, **whose, **stage)
    first = clones(Person, person, **spread, **whose, **stage, **seen, company_id=f"{company} + 1 + g / 4")
    mine = {"person_id": f"{first} + g"}
    part = lambda model: model.objects.of(person).get()  # noqa: E731
    clones(EmailAddress, part(EmailAddress), **mine, address="'mail' || g || '@firm' || g %% 900 || '.example'")
    clones(PhoneNumber, part(PhoneNumber), **mine)
    clones(PostalAddress, part(PostalAddress), **mine, city="'City ' || g %% 500")
    talks = clones(Interaction, talk, **{key: whose[key] for key in whose})
    at = "now() - g * interval '20 minutes'"
    clones(
        Participation, Participation.objects.of(talk).get(company=None), **mine, interaction_id=f"{talks} + g", at=at
    )
    firms, at_firm = {"company_id": f"{company} + 1 + g / 4"}, Participation.objects.of(talk).get(person=None)
    clones(Participation, at_firm, **firms, interaction_id=f"{talks} + g", at=at)
    done = "CASE WHEN g %% 2 = 0 THEN now() - g * interval '20 minutes' END"
    clones(Task, task, **mine, **firms, **whose, done_at=done)
    for model in (EmailAddress, PhoneNumber, PostalAddress):
        clones(model, part(model), person_id="NULL", company_id=f"{company} + g")
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
    return {Company: firm.pk, Person: person.pk}


def walks(plan, parent="", hashed="", inner=False):
    """Yield the tables that a plan walks from end to end once for each row of something else."""
    filters = " ".join(
        str(plan.get(key, "")) for key in ("Filter", "Join Filter", "One-Time Filter", "Index Cond", "Output")
    )
    is_sub = plan.get("Parent Relationship") == "SubPlan" and f"hashed {plan.get('Subplan Name')}" not in hashed
    repeated = inner or is_sub
    if repeated and plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in TABLES:
        yield plan["Relation Name"]
    if plan["Node Type"] == "Materialize":
        repeated = False  # walked once, kept
    for child in plan.get("Plans", ()):
        is_inner = plan["Node Type"] == "Nested Loop" and child.get("Parent Relationship") == "Inner"
        yield from walks(child, plan["Node Type"], filters, repeated or is_inner)


def plans(rows):
    """Return the plans of a list's count and of its first page."""
    for found in (rows.order_by().values("pk")[:1001], rows.order_by("sort_name", "pk")[:51]):
        yield json.loads(found.explain(format="json"))[0]["Plan"]


@pytest.mark.parametrize("who", ["administrator", "owner"])
@pytest.mark.parametrize("model", [Person, Company])
def test_no_condition_walks_a_table_for_each_person(cast, ground, who, model):
    user, kind = getattr(cast, who), model.record_kind()
    conditions = [*samples.leaves(kind, Asker.of(user), ground), *samples.related(kind)]
    assert len(conditions) > 80
    wrong = []
    for given in conditions:
        rule = Rule.read(kind, {"all": [given]}, user)
        assert rule.is_sound, (given, rule.problems)
        for plan in plans(model.objects.visible_to(user).filter(rule.condition)):
            wrong += [(given, table) for table in set(walks(plan))]
    assert wrong == []


def test_the_walker_sees_a_table_walked_for_each_row(cast, ground):
    """What the test above looks for is found where it is: without indexes, each person walks all talks."""
    kind, settings = Person.record_kind(), ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan")
    given = {"relation": f"{kind}.calls", "op": "at_least", "count": 3}
    rule = Rule.read(kind, {"all": [given]}, cast.owner)
    with connection.cursor() as cursor:
        for name in settings:
            cursor.execute(f"SET LOCAL {name} = off")
        rows = Person.objects.visible_to(cast.owner).filter(rule.condition)
        found = [table for plan in plans(rows) for table in walks(plan)]
        for name in settings:
            cursor.execute(f"SET LOCAL {name} = on")
    assert Participation._meta.db_table in found
