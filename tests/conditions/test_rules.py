"""Rules: what they match, for whom, at which moment; what they say; a broken one matches nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Count, Sum

from contacts.models import Company, Person
from crm.conditions import BadRule, Rule
from crm.models import FieldRight
from interactions.models import Interaction
from tests.factories import contacts, crm, interactions

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
P, C, T = "contacts.person", "contacts.company", "interactions.interaction"


def ago(**distance):
    return NOW - timedelta(**distance)


@pytest.fixture
def people(cast):
    """Some people by what is special about them, all given a family name of their own."""
    firm = contacts.company(cast.owner, name="Nordlys", industry="Energy")
    hidden = contacts.company(cast.other, name="Hidden Works")
    made = {
        "plain": {},
        "customer": {"stage": "customer", "source": "referral"},
        "vip": {"tags": ["vip", "gold"]},
        "gold": {"tags": ["gold"]},
        "recent": {"last_contacted_at": ago(days=3)},
        "quiet": {"last_contacted_at": ago(days=45)},
        "late": {"next_activity_at": ago(days=1)},
        "soon": {"next_activity_at": ago(days=-2)},
        "norwegian": {"addresses": [{"city": "Oslo", "country": "NO"}, {"city": "Bergen", "country": "NO"}]},
        "reachable": {"emails": ["a@Firm.example", "b@other.example"], "phones": ["+47 412 07 733"]},
        "employed": {"company": firm, "job_title": "Head of 100% _Sales_"},
        "elsewhere": {"company": hidden},
        "born": {"born_on": date(1980, 2, 29)},
        "teammates": {"owner": cast.teammate},
        "nobodys": {"owner": None},
    }
    found = {}
    for name, fields in made.items():
        owner = fields.pop("owner", cast.owner)
        found[name] = contacts.person(owner, family_name=f"Zz{name}", **fields)
    rows = Person.objects.unscoped(because="a test sets the clock")
    rows.filter(pk__in=[one.pk for one in found.values()]).update(created_at=ago(days=400), updated_at=ago(days=10))
    rows.filter(pk=found["nobodys"].pk).update(team=cast.owner.team)
    return found


def matched(user, rule, kind=P, now=NOW):
    model = {P: Person, C: Company}[kind]
    found = Rule.read(kind, rule, user, now)
    rows = model.objects.visible_to(user).filter(found.condition)
    return {str(one).rpartition("Zz")[2] for one in rows if "Zz" in str(one)}, found


def leaf(name, op, value=None, kind=P):
    return {"all": [{"field": f"{kind}.{name}", "op": op, "value": value}]}


EVERYBODY = "*"
CASES = [
    ("stage", "any_of", ["customer"], {"customer"}, "Stage is Customer"),
    ("stage", "none_of", ["lead", "lapsed"], {"customer"}, "Stage is not Lapsed or Lead"),
    ("source", "filled", None, {"customer"}, "Source is filled in"),
    ("tags", "any_of", ["vip", "none"], {"vip"}, "Tags include none or vip"),
    ("tags", "all_of", ["vip", "gold"], {"vip"}, "Tags include gold and vip"),
    ("tags", "filled", None, {"vip", "gold"}, "Tags are filled in"),
    ("last_contacted_at", "in_last", 30, {"recent"}, "Last contacted in the last 30 days"),
    ("last_contacted_at", "filled", None, {"recent", "quiet"}, "Last contacted is filled in"),
    ("last_contacted_at", "before", "2026-11-01", {"quiet"}, "Last contacted before 1 Nov 2026"),
    ("last_contacted_at", "within", "this_month", {"recent"}, "Last contacted this month"),
    ("next_activity_at", "in_next", 7, {"soon"}, "Next activity in the next 7 days"),
    ("next_activity_at", "within", "yesterday", {"late"}, "Next activity yesterday"),
    ("city", "is", "bergen", {"norwegian"}, "City is “bergen”"),
    ("email", "contains", "@FIRM.", {"reachable"}, "E-mail address contains “@FIRM.”"),
    ("has_email", "yes", None, {"reachable"}, "An e-mail address is known"),
    ("has_phone", "yes", None, {"reachable"}, "A phone number is known"),
    ("country", "any_of", ["NO"], {"norwegian"}, "Country is Norway"),
    ("job_title", "contains", "100% _", {"employed"}, "Job title contains “100% _”"),
    ("job_title", "contains", "100_", set(), "Job title contains “100_”"),
    ("job_title", "begins", "head", {"employed"}, "Job title begins with “head”"),
    ("company", "filled", None, {"employed"}, "Company is filled in"),
    ("born_on", "on", "1980-02-29", {"born"}, "Born on 29 Feb 1980"),
    ("owner", "none_of", ["me"], {"teammates", "nobodys"}, "Owner is not me"),
    ("owner", "any_of", ["nobody"], {"nobodys"}, "Owner is nobody"),
]


@pytest.mark.parametrize(("name", "op", "value", "expected", "sentence"), CASES)
def test_a_condition_matches_and_its_opposite_matches_the_rest(cast, people, name, op, value, expected, sentence):
    found, rule = matched(cast.owner, leaf(name, op, value))
    assert (found, rule.problems) == (expected, {})
    assert rule.sentence == sentence
    opposite, _rule = matched(cast.owner, {"not": leaf(name, op, value)})
    assert opposite == set(people) - expected


def test_every_operator_with_an_opposite_divides_the_people_in_two(cast, people):
    for name, one, other, value in [
        ("tags", "any_of", "none_of", ["gold"]),
        ("last_contacted_at", "in_last", "not_in_last", 30),
        ("city", "contains", "contains_not", "o"),
        ("city", "filled", "empty", None),
        ("job_title", "is", "is_not", "x"),
        ("company", "filled", "empty", None),
        ("born_on", "filled", "empty", None),
        ("email", "filled", "empty", None),
    ]:
        first, second = (matched(cast.owner, leaf(name, op, value))[0] for op in (one, other))
        assert (first | second, first & second) == (set(people), set()), name


def test_groups_and_the_sentence_of_nested_ones(cast, people):
    rule = {
        "all": [
            {"any": [leaf("stage", "any_of", ["customer"])["all"][0], leaf("tags", "any_of", ["vip"])["all"][0]]},
            {"not": {"any": [leaf("source", "any_of", ["referral"])["all"][0]]}},
        ]
    }
    found, read = matched(cast.owner, rule)
    assert found == {"vip"}
    assert read.sentence == "(stage is Customer, or tags include vip), and none of (source is Referral)"
    again = Rule.read(P, read.stored(), cast.owner)
    assert (again.stored(), again.sentence) == (read.stored(), read.sentence)


# Relations


def related(name, op, count=None, days=None, where=None, kind=P):
    found = {"relation": f"{kind}.{name}", "op": op, "count": count, "within_days": days, "where": where}
    return {"all": [{key: value for key, value in found.items() if value is not None}]}


@pytest.fixture
def talked(cast, people):
    for days in (5, 50, 100):
        interactions.talk(cast.owner, people=[people["plain"]], at=ago(days=days))
    interactions.talk(cast.owner, people=[people["vip"], people["gold"]], at=ago(days=5), outcome="no_answer")
    interactions.talk(cast.owner, people=[people["gold"]], at=ago(days=5), kind="email")
    interactions.talk(cast.teammate, people=[people["quiet"]], at=ago(days=5), is_private=True)
    interactions.task(cast.owner, person=people["late"])
    return people


TALKS = [
    (related("talks", "has"), {"plain", "vip", "gold"}, "Has a talk"),
    (related("calls", "at_least", 2, 90), {"plain"}, "Has at least 2 calls in the last 90 days"),
    (related("calls", "at_least", 3), {"plain"}, "Has at least 3 calls"),
    (related("calls", "at_least", 4), set(), "Has at least 4 calls"),
    (related("talks", "at_most", 1, 60), None, "Has at most 1 talk in the last 60 days"),
    (related("open_tasks", "has"), {"late"}, "Has an open task"),
    (related("mails", "has"), {"gold"}, "Has a mail"),
    (
        related("calls", "has", where=leaf("outcome", "any_of", ["reached"], T)),
        {"plain"},
        "Has a call where outcome is Reached",
    ),
    (
        related("works_at", "has", where=leaf("industry", "is", "energy", C)),
        {"employed"},
        "Has a company where industry is “energy”",
    ),
]


@pytest.mark.parametrize(("rule", "expected", "sentence"), TALKS)
def test_relations_are_counted(cast, talked, rule, expected, sentence):
    found, read = matched(cast.owner, rule)
    expected = set(talked) - {"plain", "gold"} if expected is None else expected
    assert (found, read.problems, read.sentence) == (expected, {}, sentence)


def test_has_not_is_the_rest(cast, talked):
    assert matched(cast.owner, related("talks", "has_not"))[0] == set(talked) - {"plain", "vip", "gold"}


def test_what_others_keep_private_or_may_not_be_seen_changes_nothing(cast, talked):
    assert "quiet" not in matched(cast.owner, related("talks", "has"))[0]
    assert "quiet" in matched(cast.teammate, related("talks", "has"))[0]
    company = contacts.company(cast.owner, name="Zzfirm")
    rule = related("people", "has", kind=C)
    contacts.person(cast.other, company=company)
    assert matched(cast.owner, rule, C)[0] == set()
    contacts.person(cast.owner, company=company)
    assert matched(cast.owner, rule, C)[0] == {"firm"}


def test_a_record_that_cannot_be_seen_is_as_one_that_is_not_there(cast, people):
    hidden = Company.objects.unscoped(because="a test").get(name="Hidden Works")
    for pk in (hidden.pk, 2**40):
        found, rule = matched(cast.owner, leaf("company", "is_not", pk))
        assert (found, rule.problems) == (set(), {"0": "There is no such record any more."})
        assert rule.sentence == "Company is not a record that is gone"


def test_no_condition_makes_a_row_come_twice(cast, talked):
    rule = Rule.read(
        P,
        {
            "any": [one for given in TALKS for one in given[0]["all"]]
            + [leaf("city", "contains", "")["all"][0] | {"op": "filled"}]
        },
        cast.owner,
        NOW,
    )
    rows = Person.objects.visible_to(cast.owner).filter(rule.condition)
    together = rows.aggregate(rows=Count("pk"), kinds=Count("pk", distinct=True), versions=Sum("version"))
    assert together["rows"] == together["kinds"] > 0
    assert together["versions"] == sum(one.version for one in rows)


# Who may ask what


def test_a_hidden_field_may_not_be_asked_by(cast, people):
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="addresses", right="hidden")
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="company", right="hidden")
    for given in (leaf("city", "is", "Oslo"), leaf("country", "any_of", ["NO"]), related("works_at", "has")):
        found, rule = matched(cast.owner, {"not": given})
        assert (found, rule.hides, list(rule.problems.values())) == (set(), True, ["You may not ask by this."])
        assert "a field you may not ask by" in rule.sentence
    assert Rule.read(C, related("people", "has", kind=C), cast.owner).hides
    inner = related("talks", "has", where=leaf("outcome", "any_of", ["reached"], T))
    FieldRight.objects.create(role=cast.owner.role, kind=T, field="outcome", right="hidden")
    assert matched(cast.owner, inner)[1].hides


def test_a_deleted_field_makes_the_rule_say_so_and_match_nothing(cast, people):
    for given in (
        {"not": leaf("gone", "is", "x")},
        {"any": [leaf("gone", "is", "x"), leaf("stage", "any_of", ["lead"])]},
    ):
        found, rule = matched(cast.owner, given)
        assert found == set()
        assert "a deleted field" in rule.sentence.lower()
        assert list(rule.problems.values()) == ["A deleted field is asked by."]


WRONG = [
    ("stage", "any_of", ["nonsense"]),
    ("stage", "any_of", []),
    ("stage", "any_of", [["x"]]),
    ("stage", "contains", "x"),
    ("last_contacted_at", "in_last", 0),
    ("last_contacted_at", "in_last", 10**9),
    ("last_contacted_at", "in_last", True),
    ("last_contacted_at", "on", "2026-02-30"),
    ("last_contacted_at", "on", {"a": 1}),
    ("job_title", "is", "a\0b"),
    ("job_title", "is", "x" * 201),
    ("job_title", "is", "\ud800"),
    ("job_title", "is", None),
    ("job_title", "empty", "x"),
    ("company", "is", "9" * 30),
    ("owner", "any_of", ["-1"]),
    ("owner", "any_of", ["٣"]),
    ("team", "any_of", ["x"]),
]


@pytest.mark.parametrize(("name", "op", "value"), WRONG)
def test_a_wrong_value_is_named_by_its_path_and_matches_nothing(cast, people, name, op, value):
    found, rule = matched(cast.owner, leaf(name, op, value))
    assert (found, list(rule.problems)) == (set(), ["0"])
    assert rule.sentence


MALFORMED = [
    "",
    "x",
    "[]",
    "1",
    "null",
    '{"all": 1}',
    '{"all": [1]}',
    '{"all": [{}]}',
    '{"all": [[]]}',
    '{"v": 2, "all": []}',
    '{"v": true, "all": []}',
    '{"field": 1, "op": "is"}',
    '{"field": "x"}',
    '{"relation": "x", "op": "has", "count": 0, "where": 5}',
    '{"relation": "x", "op": "at_least"}',
    '{"relation": "x", "op": "at_least", "count": true}',
    '{"relation": "x", "op": "at_least", "count": 1e3}',
    '{"relation": "x", "op": "DROP"}',
    '{"all": [], "any": []}',
    '{"all": [{"all": []}]}',
    '{"not": 1}',
    '{"all": [NaN]}',
    '{"all": ' * 500,
    '{"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}',
    '{"any": [' * 6 + '{"field": "a", "op": "is"}' + "]}" * 6,
    '{"all": [' + '{"field": "a", "op": "is"},' * 60 + '{"field": "a", "op": "is"}]}',
    '{"v": true, "x": 1}',
    '{"field": "' + "x" * 300 + '", "op": "is"}',
    '{"field": "a\\u0000", "op": "is"}',
]


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_rule_is_refused(cast, text):
    with pytest.raises(BadRule):
        Rule.read(P, text, cast.owner)


# Days where the asker is


def test_days_begin_where_the_asker_is(cast):
    """At 23:30 in Oslo it is tomorrow in Tokyo and still morning in Los Angeles."""
    now = datetime(2026, 11, 18, 22, 30, tzinfo=UTC)
    person = contacts.person(cast.owner, family_name="Zzborder")
    for zone, moment, inside in [
        ("Europe/Oslo", datetime(2026, 11, 17, 23, 0, tzinfo=UTC), True),
        ("Europe/Oslo", datetime(2026, 11, 17, 22, 59, tzinfo=UTC), False),
        ("Asia/Tokyo", datetime(2026, 11, 18, 14, 59, tzinfo=UTC), False),
        ("Asia/Tokyo", datetime(2026, 11, 18, 15, 0, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 11, 18, 8, 0, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 11, 18, 7, 59, tzinfo=UTC), False),
    ]:
        user = crm.user(role="rep", team=cast.owner.team, timezone=zone)
        Person.objects.unscoped(because="a test").filter(pk=person.pk).update(last_contacted_at=moment)
        assert (matched(user, leaf("last_contacted_at", "within", "today"), now=now)[0] == {"border"}) == inside


def test_days_are_whole_over_a_change_of_the_clock(cast):
    """In Oslo 25 October 2026 has 25 hours; "the last 2 days" still begins at midnight of the 24th."""
    user = crm.user(role="rep", team=cast.owner.team, timezone="Europe/Oslo")
    person, now = contacts.person(cast.owner, family_name="Zzclock"), datetime(2026, 10, 26, 8, tzinfo=UTC)
    for moment, inside in [
        (datetime(2026, 10, 23, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 23, 21, 59, tzinfo=UTC), False),
    ]:
        Person.objects.unscoped(because="a test").filter(pk=person.pk).update(last_contacted_at=moment)
        assert (matched(user, leaf("last_contacted_at", "in_last", 2), now=now)[0] == {"clock"}) == inside
    talk = interactions.talk(cast.owner, people=[person])
    for moment, inside in [
        (datetime(2026, 10, 23, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 23, 21, 59, tzinfo=UTC), False),
    ]:
        talk.at = moment
        talk.save()
        assert (matched(user, related("talks", "has", days=2), now=now)[0] == {"clock"}) == inside


def test_interactions_are_a_kind_of_their_own(cast, talked):
    rule = Rule.read(T, leaf("outcome", "any_of", ["no_answer"], T), cast.owner, NOW)
    assert Interaction.objects.visible_to(cast.owner).filter(rule.condition).count() == 1
