"""Planning and ticking off, and My day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from contacts.models import Person
from interactions.models import Task
from tests.factories import contacts, crm
from tests.factories.contacts import reload
from tests.factories.interactions import services, talk, task
from tests.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast, signed_in):
    return signed_in(cast.owner)


@pytest.fixture
def ada(cast):
    company = contacts.company(cast.owner, name="Engines")
    return contacts.person(cast.owner, given_name="Ada", family_name="Lovelace", company=company)


def send(client, url, **changes):
    return client.post(url, filled(client.get(url), "due_on", **changes))


def newest():
    return Task.objects.unscoped(because="a test looks").order_by("-pk").first()


# Planning


def test_a_task_is_planned_about_somebody(client, ada, cast):
    planned = {"subject": " Send   the offer ", "due_on": "2027-01-04", "person": str(ada.pk)}
    assert send(client, "/tasks/new/", **planned).url == f"/people/{ada.pk}/"
    found = newest()
    assert (found.subject, found.due_on, found.owner) == ("Send the offer", date(2027, 1, 4), cast.owner)
    assert (found.person_id, found.company_id) == (ada.pk, ada.company_id)
    for url in (f"/people/{ada.pk}/", f"/companies/{ada.company_id}/"):
        assert "Send the offer" in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("zone", "due_time", "moment"),
    [
        ("UTC", None, "2027-01-04T23:59+00:00"),
        ("Asia/Tokyo", time(9), "2027-01-04T00:00+00:00"),
        ("America/New_York", None, "2027-01-05T04:59+00:00"),
    ],
)
def test_when_a_task_is_due_follows_from_its_owners_zone(cast, zone, due_time, moment):
    owner = crm.user(team=cast.north, timezone=zone)
    planned = task(owner, due_on=date(2027, 1, 4), due_time=due_time)
    assert reload(planned).due_at == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("about nothing", {"subject": ""}),
        ("on no day", {"due_on": ""}),
        ("at the end of time", {"due_on": "9999-12-31"}),
        ("for somebody of another team", {"owner": "other"}),
        ("about somebody hidden", {"person": "other_person"}),
        ("about a hidden company", {"company": "other_company"}),
        ("about nobody there is", {"person": "987654321"}),
    ],
)
def test_what_cannot_be_planned_is_refused(client, world, _case, changes):
    before = Task.objects.unscoped(because="a test counts").count()
    changes = {name: _id_in(world, value) for name, value in changes.items()}
    assert send(client, "/tasks/new/", **{"subject": "Think", "due_on": "2027-01-04", **changes}).status_code == 422
    assert Task.objects.unscoped(because="a test counts").count() == before


def _id_in(world, value):
    if value == "other":
        return str(world.cast.other.pk)
    return str(world[value].pk) if value in world.records else value


def test_a_task_about_somebody_hidden_by_now_can_still_be_changed(client, world):
    """The reference stays: its owner sees the task, not the person."""
    planned = world["task"]
    Person._base_manager.filter(pk=planned.person_id).update(owner=world.cast.other, team=world.cast.abroad)
    assert send(client, f"/tasks/{planned.pk}/edit/", subject="Ask who took over").status_code == 302
    changed = reload(planned)
    assert (changed.subject, changed.person_id) == ("Ask who took over", planned.person_id)


def test_a_task_moves_from_one_person_to_another(client, ada, cast):
    grace = contacts.person(cast.owner, given_name="Grace")
    planned = task(cast.owner, person=ada)
    send(client, f"/tasks/{planned.pk}/edit/", person=str(grace.pk))
    assert reload(ada).next_activity_at is None
    assert reload(grace).next_activity_at == planned.due_at


def test_a_stale_task_is_refused(client, ada, cast, signed_in):
    planned = task(cast.owner, person=ada)
    page = filled(client.get(f"/tasks/{planned.pk}/edit/"), "due_on", subject="Mine")
    send(signed_in(cast.manager), f"/tasks/{planned.pk}/edit/", subject="Theirs")
    assert client.post(f"/tasks/{planned.pk}/edit/", page).status_code == 422
    assert reload(planned).subject == "Theirs"


# Ticking off


def test_a_task_is_done_once_and_opened_again(client, ada, cast):
    planned = task(cast.owner, person=ada)
    assert client.post(f"/tasks/{planned.pk}/completion/").url == f"/people/{ada.pk}/"
    done = reload(planned)
    assert (done.done_by, reload(ada).next_activity_at) == (cast.owner, None)
    client.post(f"/tasks/{planned.pk}/completion/")
    assert (reload(planned).done_at, reload(planned).version) == (done.done_at, done.version)
    assert "did" in client.get(f"/people/{ada.pk}/").content.decode()
    client.post(f"/tasks/{planned.pk}/reopening/")
    assert reload(planned).done_at is None
    assert reload(ada).next_activity_at == planned.due_at


def test_a_tick_answers_htmx_with_the_line(client, ada, cast):
    planned = task(cast.owner, person=ada)
    text = client.post(f"/tasks/{planned.pk}/completion/", headers={"HX-Request": "true"}).content.decode()
    assert f"/tasks/{planned.pk}/reopening/" in text
    assert "<html" not in text


# Next activity


def test_the_first_open_task_is_the_next_activity(cast, ada):
    later, sooner = task(cast.owner, person=ada, in_days=5), task(cast.teammate, person=ada, in_days=2)
    task(cast.owner, person=ada, in_days=1, is_private=True)
    assert reload(ada).next_activity_at == reload(ada.company).next_activity_at == sooner.due_at
    services.set_done(task=sooner, done=True, by=cast.teammate)
    assert reload(ada).next_activity_at == later.due_at
    services.trash_task(task=later, by=cast.owner)
    assert reload(ada).next_activity_at is None
    services.restore_task(task=later, by=cast.owner)
    assert reload(ada).next_activity_at == later.due_at


# My day


@pytest.fixture
def noon():
    """Wednesday noon in London."""
    with time_machine.travel(datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("UTC")), tick=False):
        yield


def test_my_day_shows_what_is_due_late_and_next_of_mine_alone(client, ada, cast, noon, signed_in):
    for days, subject in ((-3, "Late one"), (0, "Due one"), (1, "Next one"), (-2, "Done one")):
        task(cast.owner, in_days=days, subject=subject, person=ada)
    services.set_done(task=newest(), done=True, by=cast.owner)
    task(cast.teammate, subject="Not mine", in_days=0, person=ada)
    text = client.get("/").content.decode()
    assert all(words in text for words in ("Late one", "Due one", "Next one", "Lovelace"))
    assert "Not mine" not in text
    assert "Done one" not in text
    assert "Late one" not in signed_in(cast.manager).get("/").content.decode()


def test_my_day_is_the_users_own_day(cast, noon, signed_in):
    """At noon in London it is already tomorrow on Kiritimati."""
    user = crm.user(team=cast.north, timezone="Pacific/Kiritimati")
    task(user, due_on=date(2026, 11, 19), subject="Today there")
    text = signed_in(user).get("/").content.decode()
    today, following = text.index("Today there"), text.index("Nothing planned")
    assert today < following


def test_who_was_not_talked_to_for_long_stands_on_my_day(client, cast, noon):
    quiet = contacts.person(cast.owner, given_name="Quiet", family_name="Customer", stage="customer")
    talk(cast.owner, people=[quiet], at=timezone.now() - timedelta(days=90))
    contacts.person(cast.teammate, given_name="Foreign", family_name="Customer", stage="customer")
    text = client.get("/").content.decode()
    assert "Quiet Customer" in text
    assert "Foreign Customer" not in text


def test_a_name_hidden_by_now_is_left_out_of_my_day(client, ada, cast):
    task(cast.owner, in_days=0, subject="Ring up", person=ada)
    Person._base_manager.filter(pk=ada.pk).update(owner=cast.other, team=cast.abroad)
    text = client.get("/").content.decode()
    assert "Ring up" in text
    assert "Lovelace" not in text
