"""Logging what happened: with whom, how it went, what follows; and the dates kept on people and companies."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Person
from crm.models import FieldRight
from interactions import services
from interactions.models import Interaction, Participation, Task
from tests.factories import contacts, crm
from tests.factories.contacts import reload
from tests.factories.interactions import talk, task
from tests.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast, signed_in):
    return signed_in(cast.owner)


@pytest.fixture
def ada(cast):
    company = contacts.company(cast.owner, name="Engines")
    return contacts.person(cast.owner, given_name="Ada", family_name="Lovelace", company=company)


def send(client, url, having="body", **changes):
    return client.post(url, filled(client.get(url), having, **changes))


def everything(model):
    return model.objects.unscoped(because="a test looks")


def newest(model=Interaction):
    return everything(model).order_by("-pk").first()


def participants(interaction):
    rows = Participation.objects.of(interaction).values_list("person", "company")
    return {person or -company for person, company in rows}


def written():
    """Return what a refused act must leave as it was."""
    return tuple(everything(model).count() for model in (Interaction, Participation, Task))


def test_older_history_alone_asks_for_nothing_of_the_panels_around_it(client, ada, cast):
    for day in range(25):
        talk(cast.owner, people=[ada], at=timezone.now() - timedelta(days=day))
    task(cast.owner, person=ada)
    page = client.get(f"/people/{ada.pk}/").content.decode()
    older = re.search(r"\?before=[^\"]+", page)[0]
    with CaptureQueriesContext(connection) as asked_for:
        part = client.get(f"/people/{ada.pk}/{older}", headers={"HX-Request": "true"})
    assert "event" in part.content.decode()
    assert not [one["sql"] for one in asked_for if 'ORDER BY "interactions_task"."due_at"' in one["sql"]]


@pytest.mark.parametrize("kind", Interaction.Kind.values)
def test_a_talk_of_any_kind_is_told_to_those_who_may_not_know_its_direction(client, ada, cast, kind):
    talk(cast.owner, people=[ada], kind=kind, body="Said so")
    FieldRight.objects.create(role=cast.owner.role, kind="interactions.interaction", field="direction", right="hidden")
    client.force_login(cast.owner)
    assert "Said so" in client.get(f"/people/{ada.pk}/").content.decode()


# Logging


def test_a_call_stands_on_the_person_and_the_company_at_once(client, ada, cast):
    response = send(client, "/calls/new/", person=str(ada.pk), body="Budget approved", duration_minutes="12")
    assert response.url == f"/people/{ada.pk}/"
    call = newest()
    assert (call.kind, call.outcome, call.direction, call.duration_minutes) == ("call", "reached", "out", 12)
    assert (call.owner, call.team) == (cast.owner, cast.north)
    assert participants(call) == {ada.pk, -ada.company_id}
    for url in (f"/people/{ada.pk}/", f"/companies/{ada.company_id}/", "/"):
        assert "Budget approved" in client.get(url).content.decode()
    assert reload(ada).last_contacted_at == reload(ada.company).last_contacted_at == call.at


@pytest.mark.parametrize("kind", ["calls", "mails", "meetings", "notes"])
def test_each_kind_is_logged_from_its_own_page(client, ada, kind):
    page = filled(client.get(f"/{kind}/new/?person={ada.pk}"), "body")
    assert page["person"] == [str(ada.pk)]
    assert client.post(f"/{kind}/new/", {**page, "body": "Said"}).status_code == 302
    assert newest().kind == {"calls": "call", "mails": "email", "meetings": "meeting", "notes": "note"}[kind]


def test_a_talk_with_a_company_alone(client, ada):
    assert send(client, "/meetings/new/", company=str(ada.company_id), body="All hands").status_code == 302
    assert participants(newest()) == {-ada.company_id}


def test_a_next_step_becomes_a_task_about_the_person(client, ada, cast):
    following = {"next_on": "2027-01-04", "next_time": "09:30", "next_subject": "Send the offer"}
    send(client, "/calls/new/", person=str(ada.pk), body="Interested", **following)
    planned = newest(Task)
    assert (planned.subject, str(planned.due_on), str(planned.due_time)) == ("Send the offer", "2027-01-04", "09:30:00")
    assert (planned.person_id, planned.company_id, planned.owner) == (ada.pk, ada.company_id, cast.owner)
    assert reload(ada).next_activity_at == reload(ada.company).next_activity_at == planned.due_at


def test_a_next_step_without_words_is_named_by_what_was_said(client, ada):
    send(client, "/calls/new/", person=str(ada.pk), body="Call again\nafter Easter", next_on="2027-03-29")
    assert newest(Task).subject == "Call again"
    send(client, "/calls/new/", person=str(ada.pk), body="\u200b", outcome="reached", next_on="2027-03-29")
    assert newest(Task).subject == "Follow up"


@pytest.mark.parametrize(
    ("_case", "changes", "told"),
    [
        ("with nobody", {"person": "", "company": ""}, "With whom?"),
        ("about nothing", {"body": "", "outcome": ""}, "Say what it was about"),
        ("a next step on no day", {"next_subject": "Call"}, "Which day?"),
        ("an outcome of a meeting", {"outcome": "held"}, "held"),
        ("minutes below nothing", {"duration_minutes": "-1"}, "greater than or equal to 0"),
        ("a very long call", {"duration_minutes": "99999"}, "less than or equal to"),
        ("no such day", {"at_0": "2026-02-30"}, "valid date"),
        ("a day before there were telephones", {"at_0": "0001-01-01"}, "year"),
        ("a day nobody will see", {"at_0": "9999-12-31", "at_1": "23:59"}, "year"),
        ("a next step at the end of time", {"next_on": "9999-12-31"}, "year"),
    ],
)
def test_what_cannot_be_is_refused_whole(client, ada, _case, changes, told):
    before = written()
    response = send(client, "/calls/new/", **{"person": str(ada.pk), "body": "Spoke", **changes})
    assert response.status_code == 422
    assert told in response.content.decode()
    assert written() == before


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_no_day_that_was_accepted_breaks_a_page(cast, ada, signed_in, zone):
    """A moment outside the calendar would be stored and never read again."""
    user = crm.user("Islander", team=cast.north, timezone=zone)
    client = signed_in(user)
    for day in ("0001-01-01", "1899-12-31", "9999-12-31", "1900-01-01", "2200-12-31"):
        send(client, "/calls/new/", person=str(ada.pk), body="Spoke", at_0=day, at_1="00:00", next_on=day)
        send(client, "/tasks/new/", "due_on", subject="Think", due_on=day, person=str(ada.pk))
    for url in ("/", f"/people/{ada.pk}/", f"/companies/{ada.company_id}/", "/people/", "/people/export/"):
        response = client.get(url)
        response.getvalue()
        assert response.status_code == 200, url


@pytest.mark.parametrize("name", ["person", "company"])
@pytest.mark.parametrize("kind", ["calls", "notes", "meetings"])
def test_nobody_is_logged_with_whom_one_does_not_see(client, world, name, kind):
    before = written()
    answers = [
        send(client, f"/{kind}/new/", **{name: str(pk), "body": "Spoke"}) for pk in (world[f"other_{name}"].pk, 2**40)
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert written() == before


def test_the_service_refuses_too(cast, world):
    before = written()
    with pytest.raises(PermissionDenied):
        services.log(interaction=Interaction(kind="call", body="x"), people=[world["other_person"]], by=cast.owner)
    with pytest.raises(PermissionDenied):
        services.log(interaction=Interaction(kind="call", body="x"), people=[world["person"]], by=cast.auditor)
    assert written() == before


def test_a_call_sent_twice_is_one_call(client, ada):
    page = filled(client.get(f"/calls/new/?person={ada.pk}"), "body", body="Only once")
    client.post("/calls/new/", page)
    client.post("/calls/new/", page)
    assert everything(Interaction).filter(body="Only once").count() == 1


# The quick log


def test_the_bar_over_the_history_logs_and_shows_it(client, ada):
    page = filled(client.get(f"/people/{ada.pk}/"), "kind", body="Left word", outcome="message", next_on="2027-01-04")
    response = client.post(f"/people/{ada.pk}/log/", page, headers={"HX-Request": "true"})
    assert response.status_code == 200
    text = response.content.decode()
    assert "Left word" in text
    assert "<html" not in text
    assert (newest().outcome, newest(Task).subject) == ("message", "Left word")


def test_the_bar_shows_what_is_wrong_with_it(client, ada):
    before = written()
    page = filled(client.get(f"/companies/{ada.company_id}/"), "kind", kind="note", body="", outcome="reached")
    response = client.post(f"/companies/{ada.company_id}/log/", page)
    assert response.status_code == 422
    assert "Not an outcome of this kind." in response.content.decode()
    assert written() == before


def test_an_auditor_has_no_bar(world, signed_in):
    client = signed_in(world.cast.auditor)
    assert f"/people/{world['person'].pk}/log/" not in client.get(f"/people/{world['person'].pk}/").content.decode()


# Changing and putting away


def test_a_talk_is_changed_and_the_dates_follow(client, ada, cast):
    call = talk(cast.owner, people=[ada])
    send(client, f"/interactions/{call.pk}/edit/", at_0="2026-01-05", at_1="10:00", body="Earlier than thought")
    moment = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert reload(call).at == reload(ada).last_contacted_at == moment
    assert set(Participation.objects.of(call).values_list("at", flat=True)) == {moment}
    assert reload(call).owner == cast.owner


def test_saving_what_nobody_changed_is_no_change(client, ada, cast):
    call = talk(cast.owner, people=[ada], at=timezone.now() - timedelta(days=1, seconds=17))
    before = (reload(call).at, reload(call).version)
    assert send(client, f"/interactions/{call.pk}/edit/").status_code == 302
    assert (reload(call).at, reload(call).version) == before


def test_a_stale_talk_is_refused(client, ada, cast, signed_in):
    call = talk(cast.owner, people=[ada])
    page = filled(client.get(f"/interactions/{call.pk}/edit/"), "body", body="Mine")
    send(signed_in(cast.manager), f"/interactions/{call.pk}/edit/", body="Theirs")
    assert client.post(f"/interactions/{call.pk}/edit/", page).status_code == 422
    assert reload(call).body == "Theirs"


def test_a_talk_in_the_trash_no_longer_counts_and_comes_back(client, ada, cast):
    first = talk(cast.owner, people=[ada], at=timezone.now() - timedelta(days=3))
    second = talk(cast.owner, people=[ada])
    client.post(f"/interactions/{second.pk}/trash/")
    assert reload(ada).last_contacted_at == first.at
    assert client.post(f"/interactions/{second.pk}/restoration/").url == f"/people/{ada.pk}/"
    assert reload(ada).last_contacted_at == second.at


def test_the_changes_of_a_talk_say_who(client, ada, cast, signed_in):
    call = talk(cast.owner, people=[ada])
    send(signed_in(cast.manager), f"/interactions/{call.pk}/edit/", body="Put right by the boss")
    text = client.get(f"/interactions/{call.pk}/changes/").content.decode()
    assert "Manager" in text
    assert "Put right by the boss" in text


# Last contacted


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"kind": "call", "outcome": "reached"}, True),
        ({"kind": "call", "outcome": "message"}, True),
        ({"kind": "call", "outcome": "no_answer"}, False),
        ({"kind": "call", "outcome": "busy"}, False),
        ({"kind": "call", "outcome": "wrong"}, False),
        ({"kind": "email", "outcome": ""}, True),
        ({"kind": "meeting", "outcome": "held"}, True),
        ({"kind": "meeting", "outcome": "no_show"}, False),
        ({"kind": "note", "outcome": ""}, False),
        ({"kind": "call", "outcome": "reached", "is_private": True}, False),
    ],
)
def test_what_counts_as_contact(cast, ada, fields, counts):
    call = talk(cast.owner, people=[ada], **fields)
    assert reload(ada).last_contacted_at == (call.at if counts else None)
    assert reload(ada.company).last_contacted_at == (call.at if counts else None)


def test_the_newest_contact_counts_whatever_is_logged_last(cast, ada):
    newer = talk(cast.owner, people=[ada])
    talk(cast.owner, people=[ada], at=timezone.now() - timedelta(days=30))
    assert reload(ada).last_contacted_at == newer.at


def test_logging_makes_no_open_form_of_the_person_stale(client, ada, cast):
    page = filled(client.get(f"/people/{ada.pk}/edit/"), "given_name", job_title="Countess")
    talk(cast.teammate, people=[ada])
    task(cast.teammate, person=ada)
    assert client.post(f"/people/{ada.pk}/edit/", page).status_code == 302
    assert reload(ada).last_contacted_at is not None


# Who sees a talk


def test_a_talk_with_one_whom_one_sees_is_seen_without_the_others(cast, ada, signed_in):
    foreign = contacts.person(cast.other, given_name="Zebulon", family_name="Pike")
    call = talk(cast.agent, people=[ada, foreign], body="About a merger")
    for name, own, others in (("owner", ada, "Zebulon"), ("other", foreign, "Ada")):
        text = signed_in(getattr(cast, name)).get(f"/people/{own.pk}/").content.decode()
        assert "About a merger" in text
        assert others not in text
        assert call in Interaction.objects.visible_to(getattr(cast, name))
    assert call not in Interaction.objects.visible_to(cast.newrep)


def test_its_author_sees_a_talk_when_the_person_is_in_another_team_by_now(cast, ada, signed_in):
    call = talk(cast.teammate, people=[ada])
    Person._base_manager.filter(pk=ada.pk).update(owner=cast.other, team=cast.abroad, company=None)
    assert call in Interaction.objects.visible_to(cast.teammate)
    response = send(signed_in(cast.teammate), f"/interactions/{call.pk}/edit/", body="Still mine")
    assert response.status_code == 302
    assert reload(call).body == "Still mine"


def test_a_role_that_may_read_no_talks_reads_none_on_a_page(cast, ada, signed_in):
    from crm.models import Grant

    talk(cast.owner, people=[ada], body="Said in confidence")
    task(cast.owner, person=ada, subject="Send the papers")
    Grant.objects.filter(role__key="rep", kind__startswith="interactions.", action="view").delete()
    client = signed_in(cast.teammate)
    for url in (f"/people/{ada.pk}/", f"/companies/{ada.company_id}/", "/people/"):
        text = client.get(url).content.decode()
        assert "Said in confidence" not in text
        assert "Send the papers" not in text


def test_what_was_private_stays_so_when_the_talk_is_opened(client, ada, cast, signed_in):
    call = talk(cast.owner, people=[ada], body="Between us: they are broke", is_private=True)
    send(client, f"/interactions/{call.pk}/edit/", body="They think it over")
    send(client, f"/interactions/{call.pk}/edit/", is_private=[])
    send(client, f"/interactions/{call.pk}/edit/", body="They said yes")
    url = f"/interactions/{call.pk}/changes/"
    assert "they are broke" in client.get(url).content.decode()
    text = signed_in(cast.teammate).get(url).content.decode()
    assert "They said yes" in text
    assert "they are broke" not in text
