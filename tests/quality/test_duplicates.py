"""The worklist of duplicates: who sees which pairs, in which order, why, and what an answer does."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from contacts.models import Company, Person
from crm import duplicates, history
from crm.duplicates import Suggestion
from crm.jobs import Job
from crm.models import FieldRight
from quality import columns, evidence, worklist
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db
URL = "/quality/duplicates/"
FAMILIES = ("Brunello", "Okonkwo", "Halvorsen", "Tanaka", "Fitzgerald", "Mbeki", "Quist")
WRONG = ("?after=nonsense", "?kind=dog", "?owner=x", "?state=gone", "?order=size", "?source=?")


def person(owner, name="Ada Lovelacing", **fields):
    given, _space, family = name.partition(" ")
    with history.acting(owner, reason="test"):
        return contacts.person(owner, given_name=given, family_name=family, **fields)


def twins(owner, other=None, family="Lovelacing", **fields):
    """Two records of one person, of two owners where `other` is said."""
    email = f"ada@{family.lower()}.example"
    return [person(who, f"Ada {family}", emails=[email], **fields) for who in (owner, other or owner)]


def found():
    duplicates.match_all(Person)
    duplicates.match_all(Company)
    caches["near"].clear()


def pair_of(*records):
    left, right = sorted(record.pk for record in records)
    return Suggestion.objects.get(left=left, right=right)


def entries(client, query=""):
    """Return the ids of the entries of a page, in their order."""
    content = client.get(f"{URL}{query}").content.decode()
    return [int(pk) for pk in re.findall(r'<article class="dup" id="d(\d+)"', content)]


def said(client, pair, answer, **more):
    return client.post(f"{URL}{pair.pk}/answer/", {"answer": answer, **more})


# Who sees what


def test_a_pair_waits_for_those_who_may_change_both_records(rep, mate, signed):
    own, shared = twins(rep), twins(rep, mate, family="Brunello")
    found()
    mine, ours = pair_of(*own).pk, pair_of(*shared).pk
    manager, stranger = crm.user("Mona", role="manager", team=rep.team), crm.user("Stranger")
    assert entries(signed(rep)) == [mine]
    assert set(entries(signed(manager))) == {mine, ours}
    assert entries(signed(mate)) == entries(signed(stranger)) == []
    assert set(entries(signed(crm.user("Boss", role="administrator")))) == {mine, ours}
    assert "changes no people" in signed(crm.user("Audit", role="auditor")).get(URL).content.decode()


def test_what_is_in_the_trash_waits_for_nobody(rep, signed):
    one, _other = twins(rep)
    found()
    assert len(entries(signed(rep))) == 1
    one.trash(by=rep)
    assert entries(signed(rep)) == []


def test_a_narrow_role_finds_its_pairs_among_many(rep, signed):
    busy = crm.user("Busy")
    for number, family in enumerate(FAMILIES):
        twins(busy, family=family, phones=[f"+47 412 07 {700 + number}"])
    mine = twins(rep, family="Zzyzx")
    found()
    assert entries(signed(rep)) == [pair_of(*mine).pk]
    assert worklist.counted(rep) == "1"


def test_the_number_beside_the_section_is_bounded_and_follows_an_answer(rep, signed, monkeypatch):
    pairs = [twins(rep, family=family) for family in FAMILIES[:3]]
    found()
    beside = r'Duplicates</span><span class="count">([^<]+)</span>'
    assert re.search(beside, signed(rep).get("/people/").content.decode())[1] == "3"
    said(signed(rep), pair_of(*pairs[0]), "not_same")
    assert re.search(beside, signed(rep).get("/people/").content.decode())[1] == "2"
    monkeypatch.setattr(worklist, "MOST_COUNTED", 1)
    assert worklist.counted(rep) == "1+"


def test_a_role_that_changes_companies_alone_has_the_section_and_sees_companies_alone(rep, signed):
    from crm.models import Grant

    people, firms = twins(rep), [contacts.company(rep, name=f"Hoffmann Systems{end}") for end in ("", " GmbH")]
    found()
    Grant.objects.filter(role=rep.role, kind="contacts.person", action="edit").update(scope="none")
    assert entries(signed(rep)) == [pair_of(*firms).pk]
    assert "Duplicates</span>" in signed(rep).get("/companies/").content.decode()
    assert said(signed(rep), pair_of(*people), "same").status_code == 404


# In which order


def test_the_surest_come_first_and_every_page_goes_on_where_the_last_ended(rep, signed, monkeypatch):
    for number, family in enumerate(FAMILIES):
        twins(rep, family=family, phones=[f"+47 412 07 70{number}"] if number < 3 else [])
    found()
    monkeypatch.setattr(worklist, "PAGE", 3)
    monkeypatch.setattr(worklist, "WINDOW", 7)
    client, shown, query = signed(rep), [], ""
    for _page in range(5):
        shown += entries(client, query)
        onward = re.search(r'href="\?([^"]*after=[^"]+)"', client.get(f"{URL}{query}").content.decode())
        if not onward:
            break
        query = "?" + onward[1].replace("&amp;", "&")
    weights = dict(Suggestion.objects.likely().values_list("pk", "weight"))
    assert shown == sorted(weights, key=lambda pk: (-weights[pk], -pk))
    assert len(shown) == len(FAMILIES)


def test_a_cluster_is_one_entry_on_one_page_alone(rep, signed, monkeypatch):
    three = [person(rep, emails=["ada@kobelt.example"], phones=["+47 412 07 733"][: number % 2]) for number in range(3)]
    twins(rep, family="Brunello")
    found()
    monkeypatch.setattr(worklist, "PAGE", 1)
    client = signed(rep)
    first = worklist.waiting(rep, worklist.Asked(worklist.kinds_of(rep)))
    second = worklist.waiting(rep, worklist.Asked(worklist.kinds_of(rep)), first.next)
    sets = [set(group.ids) for page in (first, second) for group in page.rows]
    assert {record.pk for record in three} in sets
    assert sorted(map(len, sets)) == [2, 3]
    content = client.get(URL).content.decode()
    assert content.count('name="pick"') in (0, 3)


def test_the_second_order_puts_those_last_contacted_first(rep, signed):
    old, new = twins(rep, family="Brunello"), twins(rep, family="Okonkwo")
    people = Person.objects.unscoped(because="a test plants")
    people.filter(pk=old[0].pk).update(last_contacted_at=timezone.now() - timedelta(days=90))
    people.filter(pk=new[1].pk).update(last_contacted_at=timezone.now())
    found()
    assert entries(signed(rep), "?order=worth") == [pair_of(*new).pk, pair_of(*old).pk]


@pytest.mark.parametrize("query", WRONG)
def test_what_nobody_can_ask_for_is_a_400(query, rep, signed):
    assert signed(rep).get(f"{URL}{query}").status_code == 400


def test_a_cursor_of_another_order_is_a_400(rep, signed):
    at = worklist.Cursor(timezone.now(), 1)
    assert signed(rep).get(f"{URL}?after={at}").status_code == 400
    assert signed(rep).get(f"{URL}?order=worth&after={at}").status_code == 200


def test_the_list_is_narrowed_by_kind_owner_and_source_of_either_record(rep, mate, signed):
    boss = crm.user("Boss", role="administrator")
    ours, fair = twins(rep, mate), twins(mate, family="Brunello", source="trade_fair")
    firms = [contacts.company(rep, name=f"Hoffmann Systems{end}") for end in ("", " GmbH")]
    found()
    client, pairs = signed(boss), {name: pair_of(*two).pk for name, two in
                                   (("ours", ours), ("fair", fair), ("firms", firms))}  # fmt: skip
    assert entries(client, "?kind=company") == [pairs["firms"]]
    assert set(entries(client, f"?owner={rep.pk}")) == {pairs["ours"], pairs["firms"]}
    assert set(entries(client, f"?owner={mate.pk}")) == {pairs["ours"], pairs["fair"]}
    assert entries(client, "?source=trade_fair") == [pairs["fair"]]
    assert entries(client, f"?source=trade_fair&owner={rep.pk}") == []


# Why


def test_evidence_adds_up_to_the_score_and_the_prior_is_any_two_records(rep):
    pair = pair_of(*(twins(rep, phones=["+47 412 07 733"]), found())[0])
    told = duplicates.told(pair)
    assert told.prior + sum(line.weight for line in told.lines) == pytest.approx(pair.weight)
    assert told.population == 1000  # as which a smaller file counts
    shown = evidence.reasons(pair, duplicates.in_use(duplicates.numbered(pair.kind)))
    assert shown.lines[0].label == "Any two records"
    assert sum(line.points for line in shown.lines) == pytest.approx(shown.total.points)
    assert all(line.x >= 0 and line.x + line.width <= evidence.WIDTH for line in [*shown.lines, shown.total])


def test_evidence_of_other_comparisons_than_todays_is_left_out_and_still_adds_up(rep):
    pair = pair_of(*(twins(rep), found())[0])
    pair.levels = bytes(pair.levels)[:-1]
    shown = evidence.reasons(pair, duplicates.in_use(duplicates.numbered(pair.kind)))
    assert [line.label for line in shown.lines] == ["Any two records"]
    assert shown.lines[0].points == shown.total.points


@pytest.mark.parametrize(("weight", "shown"), [(0.1, "52%"), (4.0, "98%"), (5.0, "99.33%"), (30.0, "over 99.99%")])
def test_a_chance_is_never_rounded_up(weight, shown):
    assert evidence.percent(weight) == shown


@pytest.mark.parametrize(
    ("text", "others", "shown"),
    [
        ("Kjaergaard", ["Kjærgaard"], [("Kj", False), ("ae", True), ("rgaard", False)]),
        ("Anna", ["Anna", "Anne"], [("Anna", False)]),
        ("Anna", [], [("Anna", False)]),
        ("Peter", ["Xaver"], [("Peter", False)]),
    ],
)
def test_letters_that_differ_are_marked_in_texts_that_are_alike(text, others, shown):
    assert columns.marked(text, others) == shown


def hide(role, *fields):
    FieldRight.objects.bulk_create(
        FieldRight(role=role, kind="contacts.person", field=field, right="hidden") for field in fields
    )


def test_what_is_hidden_from_a_role_is_neither_shown_nor_told_and_the_score_stays(rep, signed):
    pair = pair_of(*(twins(rep, phones=["+47 412 07 733"], source="partner"), found())[0])
    before = signed(rep).get(URL).content.decode()
    assert "same mobile" in before or "same phone" in before
    hide(rep.role, "phones", "emails", "source", "last_contacted_at")
    after = signed(rep).get(URL).content.decode()
    for words in ("412 07 733", "ada@lovelacing", "same phone", "same mobile", "same e-mail", ">Last contacted</th>"):
        assert words not in after
    assert "Something you may not see" in after
    score = evidence.reasons(pair, duplicates.in_use(duplicates.numbered(pair.kind))).total.signed
    assert score in before and score in after
    assert entries(signed(rep), "?source=partner") == []


def test_a_hidden_company_is_not_named_and_that_it_is_shared_not_told(rep, signed):
    firm = contacts.company(crm.user("Stranger"), name="Kobelt Hidden Services")
    twins(rep, company=firm)
    found()
    content = signed(rep).get(URL).content.decode()
    assert "Kobelt" not in content
    assert "employer" not in content
    assert "Something you may not see" in content


def test_how_many_hold_a_value_is_told_to_those_who_see_all(rep, signed):
    for name in ("Ada Lovelacing", "Ada Lovelacing", "Zoe Brunello", "Max Okonkwo"):
        person(rep, name, emails=["info@kobelt.example"])
    found()
    assert "shared by" not in signed(rep).get(URL).content.decode()
    assert "shared by" in signed(crm.user("Boss", role="administrator")).get(URL).content.decode()


# Answers


@pytest.mark.parametrize(("answer", "tab"), [("same", "answered"), ("not_same", "answered"), ("later", "later")])
def test_an_answer_is_noted_shown_and_can_be_taken_back(answer, tab, rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    client = signed(rep)
    response = client.post(f"{URL}{pair.pk}/answer/", {"answer": answer, "next": f"{URL}?order=worth#d7"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{URL}?order=worth#d7")
    pair.refresh_from_db()
    assert (pair.state, pair.answered_by) == (answer, rep)
    assert entries(client) == []
    content = client.get(f"{URL}?state={tab}").content.decode()
    assert f"{URL}{pair.pk}/reopening/" in content
    assert client.post(f"{URL}{pair.pk}/reopening/").status_code == 302
    pair.refresh_from_db()
    assert (pair.state, pair.answered_by, pair.answered_at) == ("open", None, None)
    assert client.post(f"{URL}{pair.pk}/reopening/").status_code == 302
    assert entries(client) == [pair.pk]


def test_an_old_message_takes_back_the_answer_it_is_of_alone(rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    client = signed(rep)
    said(client, pair, "later")
    undo = f"{URL}{pair.pk}/reopening/?said="
    assert client.post(f"{undo}later").status_code == 302
    said(client, pair, "same")
    assert client.post(f"{undo}later").status_code == 409
    pair.refresh_from_db()
    assert pair.state == "same"
    assert client.post(f"{undo}open").status_code == 400
    Suggestion.objects.update(answered_by=crm.user("Colleague"))
    assert client.post(f"{undo}same").status_code == 409
    Suggestion.objects.update(answered_by=rep)
    assert client.post(f"{undo}same").status_code == 302
    pair.refresh_from_db()
    assert pair.state == "open"


def test_what_is_put_off_waits_again_after_two_weeks(rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    client = signed(rep)
    said(client, pair, "later")
    assert entries(client) == []
    Suggestion.objects.update(answered_at=timezone.now() - timedelta(days=14))
    assert entries(client) == [pair.pk]
    assert f"{URL}{pair.pk}/reopening/" not in client.get(f"{URL}?state=later").content.decode()
    assert said(client, pair, "same").status_code == 302


def test_pressing_twice_holds_once(rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    client = signed(rep)
    assert said(client, pair, "same").status_code == 302
    pair.refresh_from_db()
    at = pair.answered_at
    assert said(client, pair, "same").status_code == 302
    pair.refresh_from_db()
    assert pair.answered_at == at


def test_who_is_slower_is_told_who_was_faster(rep, signed):
    manager = crm.user("Mona", role="manager", team=rep.team)
    pair = pair_of(*(twins(rep), found())[0])
    said(signed(manager), pair, "not_same")
    response = said(signed(rep), pair, "same")
    assert response.status_code == 409
    assert "Mona" in response.content.decode()
    pair.refresh_from_db()
    assert (pair.state, pair.answered_by) == ("not_same", manager)


def test_a_pair_that_is_gone_hidden_or_trashed_meanwhile_is_a_404_that_says_so(rep, mate, signed):
    trashed, foreign = twins(rep), twins(mate, family="Brunello")
    found()
    pairs = [pair_of(*trashed), pair_of(*foreign)]
    trashed[0].trash(by=rep)
    bodies = set()
    for pk in (pairs[0].pk, pairs[1].pk, 2**40):
        for verb, sent in (("answer", {"answer": "same"}), ("reopening", {})):
            response = signed(rep).post(f"{URL}{pk}/{verb}/", sent)
            assert response.status_code == 404
            bodies.add(response.content)
    assert len(bodies) == 1
    assert b"This pair is gone" in bodies.pop()
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"open"}


FOREIGN = (
    {},
    {"answer": "open"},
    {"answer": "same", "pair": "x"},
    {"answer": "same", "pick": "-1", "choosing": "1"},
)


@pytest.mark.parametrize("sent", FOREIGN)
def test_a_form_that_is_none_of_ours_is_a_400(sent, rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    assert signed(rep).post(f"{URL}{pair.pk}/answer/", sent).status_code == 400


def test_nobody_is_led_to_another_site(rep, signed):
    pair = pair_of(*(twins(rep), found())[0])
    for wanted in ("https://evil.example/", "//evil.example", f"{URL}\\@evil.example".replace(URL, "/people/")):
        response = said(signed(rep), pair, "same", next=wanted)
        assert response.headers["Location"] == URL


def cluster(rep):
    records = [person(rep, emails=["ada@kobelt.example"], phones=["+47 412 07 733"]) for _number in range(3)]
    found()
    return records, list(Suggestion.objects.order_by("pk"))


def test_one_answer_holds_for_all_pairs_of_a_cluster_and_is_taken_back_as_one(rep, signed):
    records, pairs = cluster(rep)
    client = signed(rep)
    picked = [record.pk for record in records]
    sent = {"answer": "same", "choosing": "1", "pair": [pair.pk for pair in pairs[1:]], "pick": picked}
    assert client.post(f"{URL}{pairs[0].pk}/answer/", sent).status_code == 302
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"same"}
    client.post(f"{URL}{pairs[1].pk}/reopening/")
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"open"}


def test_of_a_cluster_those_that_are_ticked_are_answered(rep, signed):
    records, pairs = cluster(rep)
    client, out = signed(rep), records[2].pk
    sent = {"answer": "same", "choosing": "1", "pair": [pair.pk for pair in pairs[1:]]}
    few = client.post(f"{URL}{pairs[0].pk}/answer/", {**sent, "pick": [records[0].pk]})
    assert few.status_code == 422
    client.post(f"{URL}{pairs[0].pk}/answer/", {**sent, "pick": [records[0].pk, records[1].pk]})
    states = {(pair.left, pair.right): pair.state for pair in Suggestion.objects.all()}
    assert {state for pair, state in states.items() if out in pair} == {"open"}
    assert states[(records[0].pk, records[1].pk)] == "same"


# Looking


def test_a_fresh_site_says_that_nobody_has_looked_and_an_administrator_starts_it_once(rep, signed):
    content = signed(rep).get(URL).content.decode()
    assert "they have not been yet" in content
    assert "Compare now" not in content
    assert signed(rep).post(f"{URL}look/").status_code == 404
    boss = signed(crm.user("Boss", role="administrator"))
    assert "Compare now" in boss.get(URL).content.decode()
    for _press in range(2):
        assert boss.post(f"{URL}look/").status_code == 302
    assert Job.objects.filter(kind=worklist.JOB).count() == 1
    assert "being compared for the first time" in boss.get(URL).content.decode()
    Job.objects.update(state="done", finished_at=timezone.now())
    content = boss.get(URL).content.decode()
    assert "Last compared" in content
    assert "No duplicates wait" in content
