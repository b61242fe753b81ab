"""The editor of a list's conditions, as a browser without JavaScript uses it; and the list they lead to."""

import csv
import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.conditions import fields, language
from crm.conditions.editing import Editor
from crm.jobs import work_off
from crm.models import FieldRight
from tests.factories import contacts, interactions
from tests.forms import filled

pytestmark = pytest.mark.django_db
PAGE, P = "/people/conditions/", "contacts.person"


@pytest.fixture
def client(cast, signed_in):
    return signed_in(cast.owner)


@pytest.fixture
def people(cast):
    made = {
        "Ada": contacts.person(cast.owner, given_name="Ada", family_name="Qq", stage="customer"),
        "Bob": contacts.person(cast.owner, given_name="Bob", family_name="Qq", stage="customer", tags=["vip"]),
        "Cyd": contacts.person(cast.owner, given_name="Cyd", family_name="Qq", stage="lead"),
    }
    interactions.talk(cast.owner, people=[made["Ada"], made["Cyd"]])
    return made


def names(response):
    return set(re.findall(r"(\w+) Qq</span></a>", response.content.decode()))


def rule_url(rule, **more):
    return {"rule": language.packed(language.parse(rule)), **more}


def step(client, response, do, **changes):
    """Press a button of the editor after filling in some fields, as a browser does."""
    return client.post(PAGE, filled(response, "rule::mode", do=do, **changes))


def test_conditions_are_put_together_step_by_step_without_javascript(client, people):
    page = client.get(PAGE)
    page = step(client, page, "refresh", **{"rule:0:field": f"{P}.stage"})
    page = step(client, page, "add:", **{"rule:0:value": ["customer"]})
    page = step(client, page, "refresh", **{"rule:1:field": f"{P}.calls"})
    page = step(client, page, "refresh", **{"rule:1:op": "at_least"})
    page = step(client, page, "refresh", **{"rule:1:count": "1", "rule:1:days": "30"})
    said = "Stage is Customer, and has at least 1 call in the last 30 days"
    assert said in unescape(page.content.decode())
    page = step(client, page, "add:1.w")
    page = step(client, page, "refresh", **{"rule:1.w.0:field": "interactions.interaction.outcome"})
    page = step(client, page, "show", **{"rule:1.w.0:value": ["reached"]})
    assert page.status_code == 302
    shown = client.get(page.url)
    assert names(shown) == {"Ada"}
    assert f"{said} where outcome is Reached" in unescape(shown.content.decode())
    again = client.get(f"{PAGE}?{urlsplit(page.url).query}")
    assert filled(again, "rule::mode")["rule:1:count"] == ["1"]
    cleared = step(client, again, "remove:1")
    cleared = step(client, cleared, "show")
    assert names(client.get(cleared.url)) == {"Ada", "Bob"}


def test_groups_are_added_nested_and_removed(client, people):
    page = client.get(PAGE)
    page = step(client, page, "group:")
    page = step(client, page, "refresh", **{"rule:1.0:field": f"{P}.stage", "rule:1:mode": "none"})
    page = step(client, page, "group:1", **{"rule:1.0:value": ["lead"]})
    page = step(client, page, "refresh", **{"rule:1.1.0:field": f"{P}.tags"})
    shown = step(client, page, "show", **{"rule:1.1.0:value": "vip, gold"})
    assert names(client.get(shown.url)) == {"Ada"}
    page = step(client, page, "remove:1.1.0")
    assert "rule:1.1:item" not in page.content.decode(), "a group without a condition goes with its last one"


def test_what_is_wrong_stands_at_its_condition(client, people):
    page = step(client, client.get(PAGE), "refresh", **{"rule:0:field": f"{P}.last_contacted_at"})
    wrong = step(client, page, "show", **{"rule:0:value": "many"})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'id="rule-0-error"' in text and 'aria-describedby="rule-0-error"' in text
    assert "A whole number" in text
    part = client.post(PAGE, filled(wrong, "rule::mode", do="show"), headers={"HX-Request": "true"})
    assert (part.status_code, "<html" in part.content.decode()) == (422, False)


def test_a_changed_field_forgets_the_value_of_the_one_before(client):
    page = step(client, client.get(PAGE), "refresh", **{"rule:0:field": f"{P}.job_title"})
    page = step(client, page, "refresh", **{"rule:0:value": "Head", "rule:0:op": "begins"})
    page = step(client, page, "refresh", **{"rule:0:field": f"{P}.born_on"})
    sent = filled(page, "rule::mode")
    assert (sent["rule:0:op"], sent["rule:0:value"]) == (["in_last"], [""])
    assert page.status_code == 200 and "is-wrong" not in page.content.decode()


def test_conditions_and_filters_narrow_together(client, people):
    rule = {"all": [{"field": f"{P}.stage", "op": "any_of", "value": ["customer"]}]}
    found = client.get("/people/", rule_url(rule, tag="vip"))
    assert names(found) == {"Bob"}
    page = client.get(PAGE, rule_url(rule, tag="vip", sort="name"))
    page = step(client, page, "show", **{"rule:0:value": ["lead"]})
    assert page.status_code == 302
    page = client.post(f"{PAGE}?tag=vip&sort=name", filled(client.get(PAGE), "rule::mode", do="show"))
    assert parse_qs(urlsplit(page.url).query) == {"tag": ["vip"], "sort": ["name"]}


def test_the_file_the_count_and_all_that_match_carry_the_conditions(cast, client, people):
    rule = rule_url({"not": {"any": [{"field": f"{P}.stage", "op": "any_of", "value": ["lead"]}]}}, q="qq")
    rows = list(csv.reader(io.StringIO(client.get("/people/export/", rule).getvalue().decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {"Ada Qq", "Bob Qq"}
    assert "1–2 of 2" in client.get("/people/", rule).content.decode()
    query = "&".join(f"{key}={value}" for key, value in rule.items())
    sent = {"change": "tag", "all": "yes", "confirmed": "yes", "value": "chosen"}
    assert client.post(f"/people/bulk/?{query}", sent).status_code == 302
    work_off()
    tagged = {name for name, one in people.items() if "chosen" in contacts.reload(one).tags}
    assert tagged == {"Ada", "Bob"}


def test_a_broken_rule_shows_nothing_and_says_why(cast, client, people):
    for rule in (
        {"not": {"any": [{"field": f"{P}.custom.99", "op": "is", "value": "x"}]}},
        {"any": [{"field": f"{P}.stage", "op": "any_of", "value": ["nonsense"]}]},
    ):
        found = client.get("/people/", rule_url(rule))
        assert (found.status_code, names(found)) == (200, set())
        assert "These conditions are broken" in found.content.decode()
        assert client.get(PAGE, rule_url(rule)).status_code == 200
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="stage", right="hidden")
    client.force_login(cast.owner)
    found = client.get("/people/", rule_url({"all": [{"field": f"{P}.stage", "op": "none_of", "value": ["lead"]}]}))
    assert (names(found), "You may not ask by this." in found.content.decode()) == (set(), True)
    assert f'value="{P}.stage"' not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("value", [None, "x", 7, 1e999, True, [], [[1]], [{"a": [None]}], [None, "me"], {"a": "b"}])
def test_the_editor_shows_a_rule_with_any_value_behind_any_comparison(cast, value):
    of_people = fields.fields_of(P).values()
    leaves = [{"field": one.id, "op": op, "value": value} for one in of_people for op in one.operators]
    for first in range(0, len(leaves), language.MOST_LEAVES):
        root = language.parse({"any": leaves[first : first + language.MOST_LEAVES]})
        assert Editor.opened(P, cast.owner, root, strict=True).drawn().parts


def test_relations_within_one_that_is_hidden_are_shown_without_a_fault(cast, client):
    inner = {"relation": "contacts.company.people", "op": "has", "where": {"all": [{"field": f"{P}.x", "op": "is"}]}}
    rule = {"all": [{"relation": f"{P}.works_at", "op": "has", "where": {"all": [inner]}}]}
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="company", right="hidden")
    client.force_login(cast.owner)
    assert client.get(PAGE, rule_url(rule)).status_code == 200


def test_a_colleague_who_is_gone_stays_chosen_until_somebody_takes_them_out(cast, client):
    type(cast.other).objects.filter(pk=cast.other.pk).update(is_active=False)
    rule = {"all": [{"field": f"{P}.owner", "op": "any_of", "value": [str(cast.other.pk)]}]}
    page = client.get(PAGE, rule_url(rule))
    assert filled(page, "rule::mode")["rule:0:value"] == [str(cast.other.pk)]


@pytest.mark.parametrize("text", ["x", "{", "[]", '{"all": [[]]}', "eNp1", "é", "A" * 4000, "eJwDAAAAAAE", '{"v": 9}'])
def test_what_is_no_rule_is_a_bad_request_everywhere(client, text):
    for url in ("/people/", PAGE, "/people/export/", "/people/views/new/", "/companies/"):
        assert client.get(url, {"rule": text}).status_code == 400, url
    assert client.post(f"/people/bulk/?rule={text}", {"change": "tag", "pick": "1"}).status_code == 400


NAMES = st.sampled_from(
    [
        f"rule:{path}:{what}"
        for path in ("", "0", "0.w", "0.w.0", "1", "1.0")
        for what in ("item", "mode", "field", "op")
    ]
    + [f"rule:0:{what}" for what in ("value", "value.to", "value_text", "count", "days", "was")]
)
WORDS = st.sampled_from(
    ["0", "1", "all", "none", "x", "", "-1", "٣", "9" * 30, "\ud83d", "é😀", "at_least", "is", "2026-02-30"]
)
IDS = st.sampled_from(
    [f"{P}.{name}" for name in ("stage", "tags", "company", "owner", "city", "born_on", "talks", "works_at")]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.dictionaries(NAMES, st.lists(WORDS | IDS, min_size=1, max_size=3), max_size=14),
    do=st.sampled_from(["show", "refresh", "add:", "add:0.w", "group:0", "remove:0", "remove:", "x:y"]),
)
def test_the_editor_takes_anything_without_a_fault(client, sent, do):
    sent = {key: [one.encode("utf-8", "replace").decode() for one in values] for key, values in sent.items()}
    response = client.post(PAGE, {**sent, "do": do})
    assert response.status_code in (200, 302, 422)
    if response.status_code == 302:
        assert client.get(response.url).status_code == 200


def test_more_conditions_than_there_may_be_are_refused(client):
    sent = {"rule::mode": "all", "rule::item": [str(one) for one in range(70)], "do": "add:"}
    sent |= {f"rule:{one}:field": f"{P}.has_email" for one in range(70)}
    page = client.post(PAGE, sent)
    assert page.status_code == 200
    assert "At most 50 conditions." in page.content.decode()
    assert len(re.findall(r'name="rule:\d+:field"', page.content.decode())) == 50


def test_conditions_too_long_for_an_address_are_refused_in_words(client):
    sent = {"rule::mode": "all", "rule::item": [str(one) for one in range(50)], "do": "show"}
    for one in range(50):
        word = "".join(chr(0x4E00 + (one * 7919 + at * 104729) % 20000) for at in range(150))
        sent |= {f"rule:{one}:field": f"{P}.job_title", f"rule:{one}:was": f"{P}.job_title", f"rule:{one}:value": word}
    page = client.post(PAGE, sent)
    assert (page.status_code, "too long" in page.content.decode()) == (422, True)
