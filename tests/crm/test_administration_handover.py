"""A leaver's records change hands: all of them once, with a reason, whatever happens to the worker."""

from datetime import time

import pytest
from django.utils import timezone

from crm import changes, handover, jobs
from crm.administration import services
from crm.jobs import Job
from crm.models import Role
from interactions.models import Interaction, Task
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload
from tests.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db):
    return crm.user("Ada", role="administrator")


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def leaver(db):
    return crm.user("Lea", family_name="Ver", team=crm.team("South"), timezone="Asia/Tokyo")


@pytest.fixture
def heir(db):
    return crm.user("Hei", family_name="Re", team=crm.team("North"), timezone="Europe/Oslo")


def page_of(user):
    return f"/settings/users/{user.pk}/hand-over/"


def hand_over(client, giver, **chosen):
    return client.post(page_of(giver), filled(client.get(page_of(giver)), "taker", **chosen))


def owners(*records):
    return [(record.owner_id, record.team_id) for record in map(reload, records)]


def test_everything_goes_to_one_heir_and_what_was_said_stays(admin, leaver, heir):
    company = contacts.company(leaver)
    person = contacts.person(leaver, company=company)
    trashed = contacts.person(leaver)
    trashed.trash(by=leaver)
    theirs = contacts.person(heir)
    talk = interactions.talk(leaver, people=[person])
    task = interactions.task(leaver, person=person)
    done = interactions.services.set_done(task=interactions.task(leaver, person=person), done=True, by=leaver)
    response = hand_over(admin, leaver, taker=heir.pk)
    job = Job.objects.get()
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert owners(person) == [(leaver.pk, leaver.team_id)], "nothing moves before the job"
    jobs.work_off()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 4, 4)
    assert owners(company, person, trashed, task) == [(heir.pk, heir.team_id)] * 4
    assert owners(talk, done) == [(leaver.pk, leaver.team_id)] * 2
    assert owners(theirs) == [(heir.pk, heir.team_id)]


def test_kinds_go_to_different_heirs(admin, leaver, heir, ada):
    company, person = contacts.company(leaver), contacts.person(leaver)
    response = hand_over(admin, leaver, **{"to:contacts.person": ada.pk, "to:contacts.company": heir.pk})
    assert response["Location"] == "/jobs/"
    jobs.work_off()
    assert owners(company, person) == [(heir.pk, heir.team_id), (ada.pk, None)]


def test_a_kind_without_an_heir_stays(admin, leaver, heir):
    company, person = contacts.company(leaver), contacts.person(leaver)
    hand_over(admin, leaver, **{"to:contacts.person": heir.pk})
    jobs.work_off()
    assert owners(company, person) == [(leaver.pk, leaver.team_id), (heir.pk, heir.team_id)]


def test_what_is_private_stays_and_is_told_as_a_number_alone(admin, leaver, heir):
    person = contacts.person(leaver)
    task = interactions.task(leaver, person=person, subject="Whisper", is_private=True)
    talk = interactions.talk(leaver, people=[person], body="Secret", is_private=True)
    page = admin.get(page_of(leaver)).content.decode()
    assert "Private: nobody else reads them." in page
    assert "Whisper" not in page
    hand_over(admin, leaver, taker=heir.pk)
    jobs.work_off()
    assert owners(task, talk) == [(leaver.pk, leaver.team_id)] * 2


def test_versions_history_and_dates_stay_right(admin, leaver, heir, ada):
    person = contacts.person(leaver)
    interactions.talk(leaver, people=[person])
    before = reload(person)
    task = interactions.task(leaver, person=person, in_days=2, due_time=time(9))
    hand_over(admin, leaver, taker=heir.pk)
    jobs.work_off()
    after, moved = reload(person), reload(task)
    assert after.version == before.version + 1
    assert after.last_contacted_at == before.last_contacted_at
    assert (moved.due_at - task.due_at).total_seconds() == 8 * 3600, "nine o'clock in Oslo, not in Tokyo"
    assert after.next_activity_at == moved.due_at
    last = changes.of(after, ada)[0]
    assert (last.who, last.reason) == (ada, "handed over from Lea Ver to Hei Re")
    assert {one.label: (one.before, one.after) for one in last.differences} == {
        "Owner": ("Lea Ver", "Hei Re"),
        "Team": ("South", "North"),
    }


class Killed(BaseException):
    """What SIGKILL is to a process: nothing after it runs."""


def test_a_worker_that_is_killed_leaves_whole_steps_and_another_goes_on(admin, leaver, heir, ada, monkeypatch):
    monkeypatch.setattr(handover, "STEP", 3)
    people = [contacts.person(leaver) for _ in range(8)]
    hand_over(admin, leaver, taker=heir.pk)
    move, calls = handover.move, []

    def dies_in_the_third_step(rows, *, owner):
        calls.append(rows)
        moved = move(rows, owner=owner)
        if len(calls) == 3:
            raise Killed
        return moved

    monkeypatch.setattr(handover, "move", dies_in_the_third_step)
    with pytest.raises(Killed):
        jobs.work_off()
    assert sum(owner == heir.pk for owner, _team in owners(*people)) == 6
    monkeypatch.setattr(handover, "move", move)
    Job.objects.update(lease_until=timezone.now())
    jobs.work_off()
    job = Job.objects.get()
    assert (job.state, job.tries, job.done, job.total) == ("done", 2, 8, 8)
    assert {owner for owner, _team in owners(*people)} == {heir.pk}
    assert [len(changes.of(person, ada)) for person in people] == [2] * 8, "made, and handed over once"


def test_a_second_hand_over_waits_for_the_first(admin, leaver, heir, ada):
    contacts.person(leaver)
    hand_over(admin, leaver, taker=heir.pk)
    response = hand_over(admin, leaver, taker=ada.pk)
    assert response.status_code == 422
    assert "under way" in response.content.decode()
    assert Job.objects.count() == 1


def test_the_form_sent_twice_asks_for_one_job(admin, leaver, heir):
    body = filled(admin.get(page_of(leaver)), "taker", taker=heir.pk)
    assert [admin.post(page_of(leaver), body).status_code for _turn in range(2)] == [302, 302]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("who", ["nobody", "leaver", "inactive", "unknown"])
def test_records_go_to_an_active_colleague_or_nowhere(admin, leaver, who):
    inactive = crm.user("Ina", is_active=False)
    taker = {"nobody": "", "leaver": leaver.pk, "inactive": inactive.pk, "unknown": 2**31 - 1}[who]
    assert hand_over(admin, leaver, taker=taker).status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize("what", ["the heir left", "the asker left", "the asker may no more"])
def test_what_was_asked_for_is_looked_at_again_when_it_is_done(admin, ada, leaver, heir, what):
    person = contacts.person(leaver)
    hand_over(admin, leaver, taker=heir.pk)
    if what == "the asker may no more":
        ada.role = Role.objects.get(key="rep")
    gone = heir if what == "the heir left" else ada
    gone.is_active = what == "the asker may no more"
    gone.save()
    jobs.work_off()
    assert Job.objects.get().state == "dead"
    assert owners(person) == [(leaver.pk, leaver.team_id)]


def test_deactivating_offers_it(admin, leaver):
    contacts.person(leaver)
    page = admin.post(f"/settings/users/{leaver.pk}/deactivation/", follow=True).content.decode()
    assert "Hand them over" in page
    services.activate(user=leaver, by=crm.User.objects.get(role__key="administrator"))
    assert "Hand them over" not in admin.get(f"/settings/users/{leaver.pk}/").content.decode()


# A change of team


def test_records_follow_their_owner_into_another_team(admin, leaver, heir):
    person, task = contacts.person(leaver), interactions.task(leaver, person=contacts.person(leaver))
    talk = interactions.talk(leaver, people=[person])
    url = f"/settings/users/{leaver.pk}/"
    body = filled(admin.get(url), "given_name", team=heir.team_id, with_records="on")
    admin.post(url, body)
    jobs.work_off()
    assert owners(person, task, talk) == [(leaver.pk, heir.team_id)] * 3
    assert Job.objects.get().done == 4


@pytest.mark.parametrize("changes_made", [{"with_records": "on"}, {"team": "north"}])
def test_without_the_wish_or_without_a_change_no_record_moves(admin, leaver, heir, changes_made):
    person = contacts.person(leaver)
    url = f"/settings/users/{leaver.pk}/"
    given = {name: heir.team_id if value == "north" else value for name, value in changes_made.items()}
    admin.post(url, filled(admin.get(url), "given_name", **given))
    assert not Job.objects.exists()
    assert reload(person).team_id != heir.team_id


def test_every_kind_of_record_is_known_here():
    assert set(handover.models().values()) >= {Interaction, Task}
    assert handover.habit(Interaction).keeps_all
