"""Sharing a record with one more user or team: what it opens, until when, and who may."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from contacts.models import Company, Person
from crm import sharing
from crm.models import Grant, Share
from interactions.models import Interaction, Task
from tests.architecture.conftest import sign_in
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.factories import crm
from tests.factories.contacts import reload

pytestmark = pytest.mark.django_db


def sees(user, record, action="visible_to"):
    """Whether the door opens the record, by one condition and by one of the branches; both must agree."""
    user.__dict__.pop("access", None)
    user = type(user).objects.get(pk=user.pk)
    narrow = getattr(type(record).objects, action)(user).filter(pk=record.pk).exists()
    by_action = {"visible_to": "view", "editable_by": "edit", "trashable_by": "trash", "exportable_by": "export"}
    branches = type(record).objects.branches(user, by_action[action])
    assert narrow == any(branch.filter(pk=record.pk).exists() for branch in branches)
    return narrow


def test_a_share_opens_one_record_to_one_user(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    assert not sees(other, person)
    sharing.share(person, user=other, by=world.cast.owner)
    assert sees(other, person)
    assert not sees(other, world["company"])
    for action in ("editable_by", "trashable_by", "exportable_by"):
        assert not sees(other, person, action)
    assert not sees(world.cast.newrep, person)


def test_a_share_with_the_right_to_change_opens_that_too_and_no_more(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    sharing.share(person, user=other, may_edit=True, by=world.cast.owner)
    assert sees(other, person, "editable_by")
    assert not sees(other, person, "trashable_by")
    assert not sees(other, person, "exportable_by")


def test_a_share_reaches_no_further_than_the_role(world):  # noqa: F811
    person, auditor, newrep = world["person"], world.cast.auditor, world.cast.newrep
    sharing.share(person, user=auditor, may_edit=True, by=world.cast.owner)
    assert not sees(auditor, person, "editable_by")
    sharing.share(person, user=newrep, by=world.cast.owner)
    Grant.objects.filter(role__key="rep", kind="contacts.person", action="view").delete()
    assert not sees(newrep, person)


def test_a_share_with_a_team_is_for_it_and_the_teams_below(world):  # noqa: F811
    below = crm.user("Below", team=crm.team("Abroad South", parent=world.cast.abroad))
    person = world["person"]
    sharing.share(person, team=world.cast.abroad, by=world.cast.owner)
    assert sees(world.cast.other, person)
    assert sees(below, person)
    assert not sees(world.cast.newrep, person)


def test_a_share_opens_no_more_from_its_end_on_even_before_it_is_cleared(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    sharing.share(person, user=other, may_edit=True, until=timezone.now() + timedelta(hours=1), by=world.cast.owner)
    assert sees(other, person, "editable_by")
    Share.objects.update(until=timezone.now() - timedelta(days=1))
    assert not sees(other, person)
    assert not sees(other, person, "editable_by")
    assert reload(person).shared_with
    assert sharing.end_lapsed() == 1
    assert (reload(person).shared_with, Share.objects.count()) == ([], 0)
    assert not sees(other, person)


def test_door_page_and_clearing_go_by_one_clock(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    sharing.share(person, user=other, until=timezone.now() + timedelta(hours=1), by=world.cast.owner)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert not sees(other, person)
        assert not sharing.of(person)
        assert sharing.end_lapsed() == 1


def test_what_is_over_for_the_user_still_opens_for_their_team(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    sharing.share(person, user=other, until=timezone.now() + timedelta(hours=1), by=world.cast.owner)
    sharing.share(person, team=world.cast.abroad, by=world.cast.owner)
    Share.objects.filter(user=other).update(until=timezone.now() - timedelta(days=1))
    assert sees(other, person)
    sharing.end_lapsed()
    assert sees(other, person)


def test_shared_again_a_share_takes_the_new_right_and_end(world):  # noqa: F811
    person, other, owner = world["person"], world.cast.other, world.cast.owner
    sharing.share(person, user=other, may_edit=True, by=owner)
    sharing.share(person, user=other, by=owner)
    assert Share.objects.count() == 1
    assert not sees(other, person, "editable_by")


def test_only_those_who_may_change_a_record_share_it(world):  # noqa: F811
    for stranger in (world.cast.teammate, world.cast.other, world.cast.auditor):
        with pytest.raises(ObjectDoesNotExist):
            sharing.share(world["person"], user=stranger, by=stranger)
    assert not Share.objects.exists()


def test_a_share_is_no_new_version_and_stands_in_the_audience_alone(world):  # noqa: F811
    before = reload(world["person"])
    sharing.share(before, user=world.cast.other, by=world.cast.owner)
    after = reload(before)
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    after.job_title = "Head"
    after.save()
    assert reload(after).shared_with == [world.cast.other.pk * 4 + 2]


def test_what_is_shared_is_found_listed_and_tells_its_history(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    client = sign_in(other)
    assert b"Shared with me" not in client.get("/people/").content
    sharing.share(person, user=other, by=world.cast.owner)
    for url in (
        "/people/",
        "/people/?shared=me",
        "/people/?sort=name",
        "/search/?q=okonkwo",
        "/people/choices/?q=ngozi",
    ):
        assert b"Okonkwo" in client.get(url).content, url
    assert b"Shared with me" in client.get("/people/").content
    page = client.get(f"/people/{person.pk}/").content
    assert b"Spoke about Nordlys" in page
    assert b"Secret of Nordlys" not in page
    assert b"/edit/" not in page
    assert b"Nordlys Energi" not in page, "the company is not shared"
    assert b"Okonkwo" not in client.get("/people/export/").getvalue()
    other = type(other).objects.get(pk=other.pk)
    assert Interaction.objects.visible_to(other).filter(pk=world["interaction"].pk).exists()
    assert Task.objects.visible_to(other).filter(pk=world["task"].pk).exists()
    assert not Interaction.objects.editable_by(other).filter(pk=world["interaction"].pk).exists()


def test_a_list_of_own_and_shared_records_pages_each_once(world):  # noqa: F811
    other = world.cast.other
    sharing.share(world["other_person"], user=other, by=other)
    sharing.share(world["person"], user=other, by=world.cast.owner)
    content = sign_in(other).get("/people/?sort=name").content.decode()
    assert (content.count("Farquhar</"), content.count("Okonkwo</")) == (1, 1)


# The dialog


def test_sharing_and_ending_it_in_the_dialog(world):  # noqa: F811
    person, other = world["person"], world.cast.other
    client, url = sign_in(world.cast.owner), f"/people/{world['person'].pk}/shares/"
    day = timezone.localdate() + timedelta(days=3)
    sent = {"whom": f"user-{other.pk}", "right": "edit", "until_day": day.isoformat()}
    assert client.post(url, sent).status_code == 302
    [share] = Share.objects.all()
    assert (share.user, share.may_edit, timezone.localtime(share.until).date()) == (other, True, day)
    assert str(other).encode() in client.get(url).content
    assert str(other).encode() in client.get(f"/people/{person.pk}/").content
    assert client.post(f"{url}end/", {"share": share.pk}).status_code == 302
    assert not sees(other, person)


@pytest.mark.parametrize(
    "wrong",
    [
        {"whom": "user-987654321"},
        {"whom": "user-"},
        {"whom": "galaxy-1"},
        {"whom": ""},
        {"right": "own"},
        {"until_day": "2020-01-01"},
        {"until_day": "9999-12-31"},
        {"until_day": "soon"},
    ],
)
def test_what_cannot_be_is_said_and_nothing_shared(wrong, world):  # noqa: F811
    sent = {"whom": f"user-{world.cast.other.pk}", "right": "view", "until_day": "", **wrong}
    answer = sign_in(world.cast.owner).post(f"/people/{world['person'].pk}/shares/", sent)
    assert answer.status_code == 422
    assert not Share.objects.exists()


def test_a_share_of_another_record_is_not_ended_by_its_number(world):  # noqa: F811
    sharing.share(world["other_person"], user=world.cast.owner, by=world.cast.other)
    [share] = Share.objects.all()
    sign_in(world.cast.owner).post(f"/people/{world['person'].pk}/shares/end/", {"share": share.pk})
    assert Share.objects.filter(pk=share.pk).exists()
    for bad in ("", "x", "0", "99999999999999999999"):
        answer = sign_in(world.cast.owner).post(f"/people/{world['person'].pk}/shares/end/", {"share": bad})
        assert answer.status_code in (302, 400, 404)


def test_somebody_whose_role_sees_no_such_records_cannot_be_shared_with(world):  # noqa: F811
    Grant.objects.filter(role__key="agent", kind="contacts.company").delete()
    sent = {"whom": f"user-{world.cast.agent.pk}", "right": "view"}
    answer = sign_in(world.cast.owner).post(f"/companies/{world['company'].pk}/shares/", sent)
    assert answer.status_code == 422
    assert b"Their role opens no companies" in answer.content


def test_companies_are_shared_just_so(world):  # noqa: F811
    company, other = world["company"], world.cast.other
    before = set(Person.objects.visible_to(other).values_list("pk", flat=True))
    sharing.share(company, user=other, by=world.cast.owner)
    assert sees(other, company)
    assert Company.objects.visible_to(world.cast.teammate).filter(pk=company.pk).exists()
    again = type(other).objects.get(pk=other.pk)
    assert set(Person.objects.visible_to(again).values_list("pk", flat=True)) == before  # its people are not shared
