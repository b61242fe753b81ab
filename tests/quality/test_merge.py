"""The merge screen: who sees which records on it, what it proposes, what becomes of the picks, and the way back."""

import re
from html import unescape

import pytest
from django.core.cache import caches

from contacts.models import Person
from contacts.reach import EmailAddress
from crm import duplicates, merging, undo
from crm.duplicates import Suggestion
from crm.merging.relations import every
from crm.models import FieldRight
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload

pytestmark = pytest.mark.django_db
URL = "/quality/merge/"


def three(owner):
    """Three records of one person, the first with talks."""
    common = {"family_name": "Kjaergaard", "phones": ["+47 412 07 733"]}
    first = contacts.person(
        owner, given_name="Søren", emails=["s@nordlys.example"], **{**common, "family_name": "Kjærgaard"}
    )
    second = contacts.person(
        owner, given_name="Soren", emails=["soren@nordlys.example"], job_title="Lead Engineer", **common
    )
    third = contacts.person(owner, given_name="S.", job_title="Engineer", **common)
    for person in (first, first, second):
        interactions.talk(owner, people=[person])
    return first, second, third


def address(*records, kind="person"):
    return f"{URL}?kind={kind}{''.join(f'&pick={one.pk}' for one in records)}"


def form_of(content):
    """Return what the form of the screen sends as it stands: {name: values}."""
    fields: dict[str, list] = {}
    form = content[content.index('id="merge"') :].partition("</form>")[0]
    for tag in re.findall(r"<input [^>]*>", form):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if values.get("type") == "hidden" or (values.get("type") == "radio" and " checked" in tag):
            fields.setdefault(values["name"], []).append(unescape(values["value"]))
    return fields


def opened(client, *records):
    return form_of(client.get(address(*records)).content.decode())


def test_three_records_become_one_and_come_back(rep, signed):
    first, second, third = three(rep)
    client = signed(rep)
    sent = opened(client, first, second, third)
    assert sent["f-name"] == [str(first.pk)], "the fullest spelling is proposed"
    sent["f-job_title"] = [str(second.pk)]
    answer = client.post(URL, sent)
    assert (answer.status_code, answer.url) == (302, first.get_absolute_url())
    person = reload(first)
    assert (str(person), person.job_title) == ("Søren Kjærgaard", "Lead Engineer")
    assert EmailAddress.objects.of(person).count() == 2
    page = client.get(answer.url).content.decode()
    assert "3 records are one now: Søren Kjærgaard." in page
    assert "Merged into this" in page
    told = client.get(f"{first.get_absolute_url()}changes/").content.decode()
    assert "merged Soren Kjaergaard into it" in told and "merged S. Kjaergaard into it" in told
    assert "brought e-mail address along in a merge" in told
    for gone in (second, third):
        redirect = client.get(gone.get_absolute_url())
        assert (redirect.status_code, redirect.url) == (301, first.get_absolute_url())
    act = undo.Act.objects.get(kind="crm.merge")
    assert client.post("/quality/merge/reversal/", {"act": act.pk, "next": first.get_absolute_url()}).status_code == 302
    assert "Taken apart. All are as they were." in client.get(first.get_absolute_url()).content.decode()
    assert client.get(second.get_absolute_url()).status_code == 200


def test_the_screen_tells_why_and_what_moves(rep, signed):
    people = three(rep)
    page = signed(rep).get(address(*people)).content.decode()
    assert "Merge 3 people" in page
    for words in ("Fullest spelling", "All agree", "Newest", "Why we think so", "What moves along", "Undo any time."):
        assert (words in page) is (words != "All agree")
    assert "<mark>" in page
    along = re.search(r"Calls, mails, visits</th>(.*?)</tr>", page).group(1)
    assert re.findall(r">(\d+)<", along) == ["2", "1", "0", "3"]


def test_private_talks_of_others_are_not_counted(rep, mate, signed):
    one, other = contacts.person(rep, family_name="Ek"), contacts.person(rep, family_name="Ek")
    interactions.talk(mate, people=[other], is_private=True)
    assert "Calls, mails, visits" not in signed(rep).get(address(one, other)).content.decode()


@pytest.mark.parametrize("which", ["a stranger's", "missing", "in the trash"])
def test_what_is_not_theirs_to_change_is_missing(rep, signed, which):
    one = contacts.person(rep)
    other = contacts.person(crm.user("Other") if which == "a stranger's" else rep)
    if which == "missing":
        other.pk = 2**40
    if which == "in the trash":
        other.trash(by=rep)
    client = signed(rep)
    assert client.get(address(one, other)).status_code == 404
    sent = {"kind": "person", "pick": [one.pk, other.pk], "seen": [f"{one.pk}:1:", f"{other.pk}:1:"]}
    assert client.post(URL, sent).status_code == 404
    assert client.post("/quality/merge/apart/", sent).status_code == 404
    assert not undo.Act.objects.filter(kind="crm.merge")


@pytest.mark.parametrize("query", ["?kind=dog&pick=1", "?kind=person&pick=x", "?pick=1", "?kind=person&pick=0"])
def test_nonsense_is_refused(rep, signed, query):
    assert signed(rep).get(f"{URL}{query}").status_code in (400, 404)


def test_a_record_changed_meanwhile_is_told_and_nothing_is_merged(rep, signed):
    one, other, _third = three(rep)
    client = signed(rep)
    sent = opened(client, one, other)
    record = reload(other)
    record.job_title = "Head of Engineering"
    record.save()
    answer = client.post(URL, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed in the meantime, nothing was merged." in page
    assert "B: Job title." in page
    assert client.post(URL, form_of(page)).status_code == 302


def test_merged_meanwhile_is_told(rep, signed):
    one, other, third = three(rep)
    client = signed(rep)
    sent = opened(client, one, other, third)
    merging.merge(Person, [one.pk, third.pk], survivor=one.pk, by=rep)
    answer = client.post(URL, sent)
    assert answer.status_code == 409
    assert "Merge 2 people" in answer.content.decode()
    merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=rep)
    answer = client.post(URL, sent)
    assert (answer.status_code, answer.url) == (302, one.get_absolute_url())


def test_hidden_fields_do_not_appear_and_read_only_ones_cannot_be_picked(rep, signed):
    hidden = dict.fromkeys(("job_title", "emails", "source", "last_contacted_at"), "hidden")
    for name, right in {**hidden, "stage": "read_only"}.items():
        FieldRight.objects.create(role=rep.role, kind="contacts.person", field=name, right=right)
    one = contacts.person(rep, job_title="Xylophonist", emails=["secret@x.example"], stage="lead", source="trade_fair")
    other = contacts.person(rep, job_title="Bassoonist", emails=["hidden@x.example"], stage="customer")
    page = signed(rep).get(address(one, other)).content.decode()
    for word in ("Xylophonist", "Bassoonist", "secret@x", "hidden@x", "E-mail", "Trade fair", "Last in touch"):
        assert word not in page
    assert "Read-only for you" in page
    assert 'name="f-stage"' not in page
    sent = form_of(page) | {"f-stage": [other.pk], "f-job_title": [other.pk]}
    signed(rep).post(URL, sent)
    person = reload(one)
    assert (person.stage, person.job_title) == ("lead", "Xylophonist")
    assert every(EmailAddress).filter(person=one).count() == 2, "kept by rule"


def test_a_company_one_may_not_see_is_not_named(rep, signed):
    company = contacts.company(crm.user("Other"), name="Zzyzx Holdings")
    one, other = contacts.person(rep), contacts.person(rep)
    every(Person).filter(pk=other.pk).update(company=company)
    page = signed(rep).get(address(one, other)).content.decode()
    assert "Zzyzx" not in page
    assert "Not yours to see" in page


def test_one_may_choose_whose_link_stays(rep, signed):
    first, second, third = three(rep)
    client = signed(rep)
    sent = opened(client, first, second, third)
    assert sent["survivor"] == [str(first.pk)], "the one made first is proposed"
    answer = client.post(URL, sent | {"survivor": [second.pk]})
    assert answer.url == second.get_absolute_url()
    assert [reload(one).merged_into_id for one in (first, second, third)] == [second.pk, None, second.pk]
    assert client.get(first.get_absolute_url()).url == second.get_absolute_url()
    assert reload(second).given_name == "Søren", "the values are those that were picked"


def test_the_chosen_link_stays_chosen_when_the_form_comes_back(rep, signed):
    first, second, _third = three(rep)
    client = signed(rep)
    sent = opened(client, first, second) | {"survivor": [second.pk]}
    changed = Person.objects.editable_by(rep).get(pk=first.pk)
    changed.job_title = "Somebody else"
    changed.save()
    answer = client.post(URL, sent)
    assert answer.status_code == 409
    again = form_of(answer.content.decode())
    assert again["survivor"] == [str(second.pk)]
    client.post(URL, again)
    assert reload(first).merged_into_id == second.pk


def test_a_link_of_another_record_is_not_taken(rep, signed):
    first, second, third = three(rep)
    client = signed(rep)
    sent = opened(client, first, second) | {"survivor": [third.pk]}
    assert client.post(URL, sent).status_code == 302
    assert [reload(one).merged_into_id for one in (first, second, third)] == [None, first.pk, None]
    for wrong in ("x", "-1", str(2**70)):
        assert client.post(URL, opened(client, first, third) | {"survivor": [wrong]}).status_code == 400


def test_not_the_same_is_an_answer_to_every_pair(rep, signed):
    people = three(rep)
    client = signed(rep)
    sent = {"kind": "person", "pick": [one.pk for one in people], "next": "/quality/duplicates/"}
    assert client.post("/quality/merge/apart/", sent).url == "/quality/duplicates/"
    assert Suggestion.objects.filter(state="not_same").count() == 3


def test_one_record_asks_for_the_other_by_name_too(rep, signed):
    one, other = (
        contacts.person(rep, family_name="Aasen"),
        contacts.person(rep, given_name="Gunn", family_name="Brekke"),
    )
    client = signed(rep)
    assert "Compare the two" in client.get(address(one)).content.decode()
    assert "Merge 2 people" in client.get(f"{address(one)}&pick={other.pk}").content.decode()
    assert "Merge 2 people" in client.get(f"{address(one)}&pick_text=Gunn+Brekke").content.decode()
    answer = client.get(f"{address(one)}&pick_text=Nobodyatall")
    assert (answer.status_code, "Nobody found" in answer.content.decode()) == (422, True)


def test_the_worklist_leads_here_and_back(rep, signed):
    first, second, _third = three(rep)
    duplicates.match_all(Person)
    caches["near"].clear()
    client = signed(rep)
    pair = Suggestion.objects.get(left=first.pk, right=second.pk)
    answer = client.post(
        f"/quality/duplicates/{pair.pk}/answer/", {"answer": "merge", "next": "/quality/duplicates/#d1"}
    )
    assert answer.url.startswith(f"{URL}?kind=person&pick=")
    sent = form_of(client.get(answer.url).content.decode())
    assert client.post(URL, sent).url == "/quality/duplicates/#d1"
    merged = client.get("/quality/duplicates/?state=merged").content.decode()
    assert str(first) in merged and str(second) in merged
    assert "Unmerge" in merged


def test_the_merged_tab_and_the_panel_show_what_one_may_take_apart(rep, mate, signed):
    one, other = contacts.person(rep), contacts.person(mate, family_name="Zebulon")
    boss = crm.user("Boss", role="administrator")
    act = merging.merge(Person, [one.pk, other.pk], survivor=one.pk, picks={"owner": one.pk}, by=boss)
    client = signed(rep)
    assert "Zebulon" not in client.get("/quality/duplicates/?state=merged").content.decode()
    assert "Merged into this" not in client.get(one.get_absolute_url()).content.decode()
    assert client.post("/quality/merge/reversal/", {"act": act.pk}).status_code == 302
    act.refresh_from_db()
    assert act.state == "done", "it takes the right to change all of them"
    stranger = signed(crm.user("Stranger"))
    assert stranger.post("/quality/merge/reversal/", {"act": act.pk}).status_code == 404


def test_the_records_own_history_offers_the_way_back(rep, mate, signed):
    one, other, _third = three(rep)
    act = merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=rep)
    client = signed(rep)
    content = client.get(f"{one.get_absolute_url()}changes/").content.decode()
    link = unescape(re.search(r'href="(/quality/merge/reversal/[^"]+)"', content).group(1))
    page = client.get(link).content.decode()
    assert str(other) in page and "All come back as they were." in page
    assert reload(other).merged_into_id == one.pk, "looking changes nothing"
    form = page[page.index('action="/quality/merge/reversal/"') :].partition("</form>")[0]
    sent = dict(re.findall(r'name="(act|next)" value="([^"]*)"', form))
    assert client.post("/quality/merge/reversal/", sent).url == one.get_absolute_url()
    assert reload(other).merged_into_id is None
    assert "reversal" not in client.get(f"{one.get_absolute_url()}changes/").content.decode()
    assert "It was taken apart already." in client.get(f"/quality/merge/reversal/?act={act.pk}").content.decode()


def test_the_way_back_is_offered_to_those_who_may_take_it(rep, mate, signed):
    one, other = contacts.person(rep), contacts.person(mate)
    boss, auditor = crm.user("Boss", role="administrator"), crm.user("Audit", role="auditor")
    act = merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=boss)
    shown = {
        boss: (f"{one.get_absolute_url()}changes/", "/history/"), rep: (f"{one.get_absolute_url()}changes/",),
        auditor: (f"{one.get_absolute_url()}changes/", "/history/"),
    }  # fmt: skip
    for user, pages in shown.items():
        for page in pages:
            answer = signed(user).get(page)
            assert answer.status_code == 200
            offered = f"/quality/merge/reversal/?act={act.pk}" in answer.content.decode()
            assert str(other) in answer.content.decode() or user == rep, "what was merged keeps its name"
            assert offered is (user == boss), f"{user} {page}"
    assert signed(auditor).get(f"/quality/merge/reversal/?act={act.pk}").status_code == 404
    stranger = signed(crm.user("Stranger"))
    assert stranger.get(f"/quality/merge/reversal/?act={act.pk}").status_code == 404
    assert stranger.get("/quality/merge/reversal/?act=999999999").status_code == 404


def test_the_list_leads_here(rep, signed):
    one, other, _third = three(rep)
    client = signed(rep)
    answer = client.post("/people/bulk/", {"change": "merge", "pick": [one.pk, other.pk]})
    assert answer.url == address(one, other)
    assert client.post("/people/bulk/", {"change": "merge", "all": "yes"}).url.startswith("/people/?")
    assert 'value="merge"' in client.get("/people/").content.decode()


# Old ids


def test_old_ids_lead_on_for_those_who_may_see_the_survivor(rep, signed):
    one, other, _third = three(rep)
    merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=rep)
    client = signed(rep)
    for page in ("", "edit/", "changes/", "shares/"):
        answer = client.get(f"/people/{other.pk}/{page}")
        assert (answer.status_code, answer.url) == (301, f"/people/{one.pk}/{page}")
    answer = client.post(f"/people/{other.pk}/trash/")
    assert (answer.status_code, answer.url) == (302, f"/people/{one.pk}/")
    assert not reload(one).is_trashed, "what was sent to the old one is not done to another"
    stranger = signed(crm.user("Stranger"))
    assert stranger.get(f"/people/{other.pk}/").status_code == 404
    assert stranger.get(f"/people/{2**40}/").status_code == 404


def test_a_form_sent_with_an_old_id_lands_on_the_survivor(rep, signed):
    one, other, _third = three(rep)
    merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=rep)
    client = signed(rep)
    client.post(f"/people/{other.pk}/log/", {"kind": "call", "body": "Said after the merge"})
    assert "Said after the merge" in client.get(f"/people/{one.pk}/").content.decode()
    sent = {"person": other.pk, "kind": "call", "body": "Picked by an old id", "outcome": "reached"}
    form = client.get("/calls/new/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    client.post("/calls/new/", {**hidden, **sent, "at_0": "2026-11-20", "at_1": "10:00"})
    assert "Picked by an old id" in client.get(f"/people/{one.pk}/").content.decode()
    assert f'value="{one.pk}"' in client.get(f"/calls/new/?person={other.pk}").content.decode()


def test_recent_changes_do_not_count_what_one_does_not_see(rep, mate, signed):
    one, other = contacts.person(rep), contacts.person(rep)
    for _number in range(3):
        interactions.talk(mate, people=[other], is_private=True)
    act = merging.merge(Person, [one.pk, other.pk], survivor=one.pk, by=rep)
    assert act.rows > 3
    client = signed(rep)
    row = re.search(r"<tr.*?Merged 2 people.*?</tr>", client.get("/undo/").content.decode(), re.DOTALL).group()
    assert re.search(r'undo-count">(\d+)<', row).group(1) == "2"
    page = client.get(f"/undo/{act.pk}/").content.decode()
    assert "not yours to see" not in page
    assert f"Person: {other}" in page or str(other) in page, "the merged record is named"
    client.post(f"/undo/{act.pk}/reversal/")
    assert reload(other).merged_into_id is None
