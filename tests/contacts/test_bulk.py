"""Many records at once: those picked, or all that match; never more than one may change."""

import re

import pytest

from contacts.models import Person
from crm.jobs import Job, work_off
from crm.models import Grant, User
from tests.factories import contacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(cast):
    """Two people of the owner, and one of the teammate that the owner sees but may not change."""
    made = [contacts.person(who, given_name=f"Bulk{n}", tags=["Old"]) for n, who in enumerate([cast.owner] * 2)]
    return [*made, contacts.person(cast.other, given_name="Bulk2", tags=["Old"])]


def again(record):
    return Person.objects.unscoped(because="a test looks").get(pk=record.pk)


def send(client, change, records=(), query="q=bulk", **more):
    picked = {"pick": [record.pk for record in records], "change": change}
    return client.post(f"/people/bulk/?{query}", picked | more)


def confirm(client, change, records=(), **more):
    return send(client, change, records, confirmed="yes", **more)


def test_a_change_is_confirmed_first_with_how_many(cast, signed_in, three):
    text = send(signed_in(cast.owner), "tag", three[:2]).content.decode()
    assert "Add a tag: 2 people" in text
    assert len(re.findall(r'name="pick" value="\d+"', text)) == 2
    assert again(three[0]).tags == ["Old"]


def test_those_picked_are_changed_and_others_left(cast, signed_in, three):
    client = signed_in(cast.owner)
    response = confirm(client, "trash", three)
    assert response.url == "/people/?q=bulk"
    assert [bool(again(record).trashed_at) for record in three] == [True, True, False]
    text = client.get("/people/").content.decode()
    assert ("2 changed." in text, "1 left as they were." in text) == (True, True)


def test_an_owner_is_given_only_within_reach(cast, signed_in, three):
    client = signed_in(cast.manager)
    assert confirm(client, "assign", three[:1], value=cast.other.pk).status_code == 422
    assert confirm(client, "assign", three[:1], value=cast.teammate.pk).status_code == 302
    assert again(three[0]).owner == cast.teammate


def test_tags_come_and_go_through_the_gate(cast, signed_in, three):
    client = signed_in(cast.owner)
    confirm(client, "tag", three[:2], value="  Key   account ")
    assert again(three[0]).tags == ["Key account", "Old"]
    confirm(client, "untag", three[:2], value="old")
    assert again(three[1]).tags == ["Key account"]
    assert confirm(client, "tag", three[:2], value="x" * 41).status_code == 422


def test_what_the_list_no_longer_shows_is_not_changed(cast, signed_in, three):
    confirm(signed_in(cast.owner), "trash", three[:2], query="q=bulk1")
    assert [bool(again(record).trashed_at) for record in three[:2]] == [False, True]


def test_all_that_match_are_changed_by_a_job_with_the_rights_of_its_asker(cast, signed_in, three, monkeypatch):
    monkeypatch.setattr("crm.tasks.STEP_ROWS", 1)
    client = signed_in(cast.owner)
    page = confirm(client, "tag", value="Autumn", all="yes").url
    assert "Autumn" not in again(three[0]).tags
    work_off()
    assert ["Autumn" in again(record).tags for record in three] == [True, True, False]
    job = Job.objects.get(pk=page.split("/")[-2])
    assert (job.state, job.result) == ("done", {"changed": 2})


def test_a_right_withdrawn_meanwhile_stops_the_job(cast, signed_in, three):
    confirm(signed_in(cast.owner), "tag", value="Autumn", all="yes")
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action="edit").delete()
    work_off()
    assert "Autumn" not in again(three[0]).tags
    assert Job.objects.get(kind="crm.change_many").state == "dead"


def test_days_are_the_askers_in_the_job_too(cast, signed_in, three):
    """What the page counts and what the job changes are the same records, whatever the zone."""
    User.objects.filter(pk=cast.owner.pk).update(timezone="Asia/Tokyo")
    rows = Person.objects.unscoped(because="a test dates a record")
    rows.filter(pk=three[0].pk).update(created_at="2026-03-01T23:30:00Z")
    asked = {"query": "created_after=2026-03-02&created_before=2026-03-02", "all": "yes"}
    client = signed_in(cast.owner)
    confirm(client, "tag", value="Autumn", **asked)
    work_off()
    assert ["Autumn" in again(record).tags for record in three] == [True, False, False]


def test_what_the_gate_refuses_is_left_and_listed_for_its_asker(cast, signed_in, three):
    Person.objects.unscoped(because="an old row that today's gate would refuse").filter(pk=three[0].pk).update(
        source="nowhere"
    )
    client = signed_in(cast.owner)
    page = confirm(client, "tag", value="Autumn", all="yes").url
    work_off()
    assert ["Autumn" in again(record).tags for record in three[:2]] == [False, True]
    assert str(three[0]) in client.get(f"{page}file/").getvalue().decode()


def test_nothing_selected_and_no_such_change_are_said(cast, signed_in):
    client = signed_in(cast.owner)
    assert send(client, "trash").url == "/people/?q=bulk"
    assert send(client, "explode", all="yes").status_code == 404


def test_the_trash_alone_is_no_button_that_leads_nowhere(cast, signed_in, three):
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action="edit").update(scope="none")
    assert "data-bulk" not in signed_in(cast.owner).get("/people/").content.decode()


def test_who_may_change_nothing_gets_neither_boxes_nor_the_address(cast, signed_in, three):
    client = signed_in(cast.auditor)
    assert "data-bulk" not in client.get("/people/").content.decode()
    assert confirm(client, "trash", three).status_code == 404
    assert again(three[0]).trashed_at is None
