"""Any rule at all: it matches exactly what plain Python says, changes no sum, and keeps its JSON and its words."""

import json
import operator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Person
from crm import conditions
from crm.conditions import Day, Field, Money, Number, Rule, Text, fields, language, stored
from tests.factories import contacts, interactions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
P, T = "contacts.person", "interactions.interaction"
ZONE = ZoneInfo("Europe/Oslo")


# A data set small enough to think through, and what each field of it is in plain Python


def moment(days):
    return NOW - timedelta(days=days, minutes=7)


STRAY = [
    None,
    "x",
    "12",
    12,
    12.5,
    -3,
    True,
    False,
    [],
    {},
    "2026-11-18",
    "2026-02-30",
    "2024-02-29",
    "0000-00-00",
    1e300,
]


@pytest.fixture
def crowd(cast):
    people = [
        contacts.person(
            cast.owner,
            given_name=f"Crowd{at}",
            family_name="Qq",
            stage=("lead", "customer", "lapsed")[at % 3],
            source=("", "referral")[at % 2],
            tags=(["vip"], ["vip", "gold"], [])[at % 3],
            job_title=("", "Head", "head of IT")[at % 3],
            last_contacted_at=(None, moment(1), moment(20), moment(300), moment(-2))[at % 5],
            born_on=(None, moment(0).date(), moment(400).date())[at % 3],
            custom={} if at == 0 else {"7": STRAY[at], "8": "EUR"},
            addresses=[{"city": city} for city in ("Oslo", "Bergen")[: at % 3]],
        )
        for at in range(len(STRAY))
    ]
    talks = {person.pk: [] for person in people}
    for at, person in enumerate(people):
        for days in (2, 40)[: at % 3]:
            talk = interactions.talk(cast.owner, people=[person], at=moment(days), outcome=("reached", "busy")[at % 2])
            talks[person.pk].append(talk)
    return [contacts.reload(person) for person in people], talks


@pytest.fixture
def custom(monkeypatch):
    """Custom fields as a provider gives them: typed values of a JSON column by the id of their field."""
    given = [
        Field(f"{P}.custom.t7", "seven as text", Text(), stored.text("custom", 7), tells=()),
        Field(f"{P}.custom.n7", "seven as number", Number(), stored.number("custom", 7), tells=()),
        Field(f"{P}.custom.d7", "seven as day", Day(), stored.day("custom", 7), tells=()),
        Field(f"{P}.custom.b7", "seven", conditions.Boolean(), stored.flag("custom", 7), tells=()),
        Field(f"{P}.custom.m7", "worth", Money(stored.text("custom", 8)), stored.number("custom", 7), tells=()),
    ]
    monkeypatch.setattr(fields, "_providers", {})
    conditions.provider(P, lambda: given)


def custom_value(person, kind):
    found = person.custom.get("7")
    if kind == "t":
        return found if isinstance(found, str) else ""
    if kind in ("n", "m"):
        return Decimal(repr(found)) if isinstance(found, (int, float)) and not isinstance(found, bool) else None
    if kind == "b":
        return found if isinstance(found, bool) else None
    try:
        return datetime.strptime(found, "%Y-%m-%d").replace(tzinfo=UTC).date() if isinstance(found, str) else None
    except ValueError:
        return None


COMPARED = {
    "is": operator.eq,
    "more": operator.gt,
    "less": operator.lt,
    "at_least": operator.ge,
    "at_most": operator.le,
}


def text_holds(op, asked, value):
    asked, value = asked.casefold(), value.casefold()
    return {"contains": asked in value, "is": asked == value, "begins": value.startswith(asked)}[op]


def day_holds(op, asked, day, today):
    distance = timedelta(days=asked) if isinstance(asked, int) else None
    return {
        "in_last": lambda: today - distance <= day <= today,
        "in_next": lambda: today <= day <= today + distance,
        "before": lambda: day.isoformat() < asked,
        "after": lambda: day.isoformat() > asked,
        "on": lambda: day.isoformat() == asked,
        "within": lambda: day == today,
    }[op]()


def moment_holds(op, asked, at):
    local, today = at.astimezone(ZONE), NOW.astimezone(ZONE).date()
    if (op == "in_last" and at > NOW) or (op == "in_next" and at < NOW):
        return False
    return day_holds(op, asked, local.date(), today)


OPPOSITES = {
    "is_not": "is",
    "contains_not": "contains",
    "none_of": "any_of",
    "empty": "filled",
    "not_in_last": "in_last",
    "no": "yes",
}


def holds(person, leaf, cities):
    """Whether a condition holds for a person, in plain Python."""
    name, op, asked = leaf["field"].removeprefix(f"{P}."), leaf["op"], leaf.get("value")
    if op in OPPOSITES:
        return not holds(person, {**leaf, "op": OPPOSITES[op]}, cities)
    if name == "city":
        return any(op == "filled" or text_holds(op, asked, city) for city in cities)
    value = custom_value(person, name[7]) if name.startswith("custom.") else getattr(person, name)
    if op == "filled" or value in (None, "", []):
        return value not in (None, "", [])
    if name in ("job_title", "custom.t7"):
        return text_holds(op, asked, value)
    if name in ("stage", "source"):
        return value in asked
    if name == "tags":
        return bool(set(asked) & set(value)) if op == "any_of" else set(asked) <= set(value)
    if name == "last_contacted_at":
        return moment_holds(op, asked, value)
    if name in ("born_on", "custom.d7"):
        return day_holds(op, asked, value, NOW.astimezone(ZONE).date())
    if name == "custom.b7":
        return value is True
    if name == "custom.m7":
        same = person.custom.get("8") == asked["currency"]
        return same and COMPARED[op](value, Decimal(asked["amount"]))
    return Decimal(asked[0]) <= value <= Decimal(asked[1]) if op == "between" else COMPARED[op](value, Decimal(asked))


def rule_holds(person, node, cities, talks):
    if "field" in node:
        return holds(person, node, cities)
    if "relation" in node:
        today = NOW.astimezone(ZONE).date()
        since = today - timedelta(days=node.get("within_days") or 10_000)
        wanted = node.get("where", {"all": []})["all"]
        fitting = [
            talk
            for talk in talks
            if since <= talk.at.astimezone(ZONE).date() and all(talk.outcome in one["value"] for one in wanted)
        ]
        count = len(fitting)
        least = node.get("count", 1)
        return {"has": count > 0, "has_not": count == 0, "at_least": count >= least, "at_most": count <= least}[
            node["op"]
        ]
    ((mode, inner),) = node.items()
    if mode == "not":
        return not rule_holds(person, inner, cities, talks)
    return {"all": all, "any": any}[mode](rule_holds(person, part, cities, talks) for part in inner)


# Any rule

DAYS = st.sampled_from(["2026-11-18", "2026-11-17", "2024-02-29", "2025-10-14"])
AMOUNTS = st.sampled_from(["12", "12.5", "-3", "0", "13"])
EMPTY = st.sampled_from([("filled", None), ("empty", None)])


def pairs(ops, values):
    return st.tuples(st.sampled_from(ops), values)


NUMBERS = pairs(["is", "is_not", "more", "less", "at_least", "at_most"], AMOUNTS) | EMPTY
WORDS = pairs(
    ["is", "is_not", "contains", "contains_not", "begins"], st.sampled_from(["head", "HEAD OF", "it", "x", "1", "%"])
)
DATED = (
    pairs(["in_last", "not_in_last", "in_next"], st.sampled_from([1, 2, 20, 21, 400]))
    | pairs(["before", "after", "on"], DAYS)
    | st.just(("within", "today"))
    | EMPTY
)
MONEY = pairs(
    ["is", "more", "at_most"], st.fixed_dictionaries({"amount": AMOUNTS, "currency": st.sampled_from(["EUR", "NOK"])})
)
BY_FIELD = {
    "stage": pairs(["any_of", "none_of"], st.lists(st.sampled_from(["lead", "customer"]), min_size=1, unique=True)),
    "source": pairs(["any_of", "none_of"], st.just(["referral"])) | EMPTY,
    "tags": pairs(
        ["any_of", "all_of", "none_of"], st.lists(st.sampled_from(["vip", "gold", "x"]), min_size=1, unique=True)
    )
    | EMPTY,
    "job_title": WORDS | EMPTY,
    "city": pairs(["is", "is_not", "contains"], st.sampled_from(["oslo", "e", "Rome"])) | EMPTY,
    "last_contacted_at": DATED,
    "born_on": DATED,
    "custom.t7": WORDS | EMPTY,
    "custom.n7": NUMBERS | st.just(("between", ["-3", "12"])),
    "custom.d7": DATED,
    "custom.b7": st.sampled_from([("yes", None), ("no", None)]),
    "custom.m7": MONEY,
}
FIELDS = st.sampled_from(sorted(BY_FIELD)).flatmap(
    lambda name: BY_FIELD[name].map(
        lambda asked: {"field": f"{P}.{name}", "op": asked[0], **({} if asked[1] is None else {"value": asked[1]})}
    )
)
OUTCOMES = st.just({"all": [{"field": f"{T}.outcome", "op": "any_of", "value": ["busy"]}]})
RELATIONS = st.builds(
    lambda op, count, days, where: {
        "relation": f"{P}.talks",
        "op": op,
        **({"count": count} if op in ("at_least", "at_most") else {}),
        **({"within_days": days} if days else {}),
        **({"where": where} if where else {}),
    },
    st.sampled_from(["has", "has_not", "at_least", "at_most"]),
    st.integers(1, 3),
    st.sampled_from([None, 30]),
    st.none() | OUTCOMES,
)
GROUPS = st.recursive(
    FIELDS | RELATIONS,
    lambda inner: (
        st.builds(
            lambda mode, parts: {mode: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
        )
        | st.builds(lambda parts: {"not": {"any": parts}}, st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=6,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rule=GROUPS)
def test_any_rule_matches_what_plain_python_says(cast, crowd, custom, rule):
    people, talks = crowd
    try:
        group = language.parse({"all": [rule]})
    except conditions.BadRule:
        return  # too deep
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(timezone="Europe/Oslo")
    cast.owner.timezone = "Europe/Oslo"
    read = Rule(P, group, conditions.Asker.of(cast.owner, NOW))
    assert read.problems == {}
    with transaction.atomic():
        rows = Person.objects.visible_to(cast.owner).filter(family_name="Qq").filter(read.condition)
        found = list(rows)
        counted = rows.aggregate(rows=Count("pk"), versions=Sum("version"))
    cities = {person.pk: ["Oslo", "Bergen"][: at % 3] for at, person in enumerate(people)}
    expected = {person.pk for person in people if rule_holds(person, rule, cities[person.pk], talks[person.pk])}
    assert {one.pk for one in found} == expected
    assert (counted["rows"], counted["versions"] or 0) == (len(expected), sum(one.version for one in found))
    again = Rule.read(P, json.dumps(read.stored()), cast.owner, NOW)
    assert (again.stored(), again.sentence) == (read.stored(), read.sentence)
    packed = language.unpacked(language.packed(group))
    assert language.stored(packed) == read.stored()


def test_a_provider_that_takes_its_field_back_leaves_a_broken_rule(cast, crowd, custom, monkeypatch):
    given = {"all": [{"field": f"{P}.custom.t7", "op": "is", "value": "x"}]}
    assert Rule.read(P, given, cast.owner).is_sound
    monkeypatch.setattr(fields, "_providers", {})
    assert Rule.read(P, given, cast.owner).problems == {"0": "A deleted field is asked by."}
