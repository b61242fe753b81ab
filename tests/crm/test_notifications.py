"""Notifications: who is told, once, on the bell and by mail when they like it, and never more than they may know."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from crm import events, history, jobs, notifications, sharing
from crm.events import delivering
from crm.jobs import Job
from crm.mailing import OutgoingMail
from crm.models import Team
from crm.notifications import Habit, Notification, Setting, mailed, times
from crm.notifications.reading import lines
from interactions.tasks import remind
from tests.factories import contacts, interactions

pytestmark = pytest.mark.django_db
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


@pytest.fixture
def boss(make_user):
    return make_user("boss@firm.example", role="administrator")


@pytest.fixture
def rep(make_user):
    return make_user("rep@firm.example", role="rep")


@pytest.fixture
def ada(boss):
    return contacts.person(boss, given_name="Ada", family_name="Lovelace")


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk"))


def said(user):
    return [line.text for line in lines(told(user), user)]


class TestWhoIsTold:
    def test_the_new_owner_is_told_by_whom(self, ada, boss, rep):
        delivering.deliver()
        Notification.objects.all().delete()
        with history.acting(boss, reason="test"):
            ada.owner = rep
            ada.save()
        delivering.deliver()
        assert said(rep) == [f"{boss} gave you Ada Lovelace"]
        assert not told(boss)

    def test_many_at_once_are_one_notification(self, boss, rep):
        people = [contacts.person(boss, given_name="P", family_name=f"Q{n}") for n in range(5)]
        delivering.deliver()
        with history.acting(boss, reason="test"):
            for person in people:
                person.owner = rep
                person.save()
        delivering.deliver()
        assert said(rep) == [f"{boss} gave you 5 records"]

    def test_what_was_read_is_not_added_to(self, ada, boss, rep):
        notifications.notify(rep, "crm.assigned", record=ada, by=boss)
        Notification.objects.update(read_at=timezone.now())
        notifications.notify(rep, "crm.assigned", record=ada, by=boss)
        assert [row.count for row in told(rep)] == [1, 1]

    def test_a_team_is_told_of_a_share_and_the_teams_below_it(self, ada, boss, make_user):
        north = Team.objects.create(name="North")
        south = Team.objects.create(name="South", parent=north)
        there = [make_user(f"{n}@firm.example", role="rep", team=team) for n, team in enumerate((north, south))]
        away = make_user("gone@firm.example", role="rep", team=north, is_active=False)
        sharing.share(ada, team=north, by=boss)
        delivering.deliver()
        assert [said(user) for user in there] == [[f"{boss} shared Ada Lovelace with you"]] * 2
        assert not told(away)

    def test_a_share_with_fifty_takes_no_more_queries_than_one_with_two(
        self, ada, boss, make_user, django_assert_max_num_queries
    ):
        team = Team.objects.create(name="Many")
        for number in range(50):
            make_user(f"u{number}@firm.example", role="rep", team=team)
        sharing.share(ada, team=team, by=boss)
        event = events.Event.objects.get(name="crm.share.made")
        from crm.listeners import tell_of_share

        with django_assert_max_num_queries(12):
            tell_of_share(event)
        assert Notification.objects.filter(kind="crm.shared").count() == 50

    def test_who_asked_for_work_is_told_when_it_is_over_and_the_system_is_not(self, boss):
        jobs.enqueue("crm.export_list", by=boss, kind="contacts.person", query="", form="csv")
        jobs.work_off()
        assert said(boss) == ["Export a list: done"]

    def test_work_that_was_given_up_and_is_done_after_all_is_told_of_again(self, boss):
        row = jobs.enqueue("crm.export_list", by=boss, kind="nothing", query="", form="csv")
        jobs.work_off()
        Job.objects.filter(pk=row.pk).update(arguments={"kind": "contacts.person", "query": "", "form": "csv"})
        jobs.retry(row)
        jobs.work_off()
        assert said(boss) == ["Export a list: given up", "Export a list: done"]

    def test_nobody_is_told_of_what_they_did(self, ada, boss):
        notifications.notify(boss, "crm.assigned", record=ada, by=boss)
        assert not told(boss)

    def test_once_is_once(self, ada, rep):
        for _time in range(3):
            notifications.notify(rep, "crm.assigned", record=ada, once="x")
        assert len(told(rep)) == 1

    def test_who_wants_to_hear_nothing_of_it_hears_nothing(self, ada, rep):
        Setting.objects.create(user=rep, kind="crm.assigned", bell=False, mail="never")
        notifications.notify(rep, "crm.assigned", record=ada)
        assert not told(rep)

    def test_an_undeclared_kind_is_refused(self, rep):
        with pytest.raises(LookupError):
            notifications.notify(rep, "crm.nothing")


class TestReading:
    def test_the_name_of_a_record_that_is_not_to_be_seen_is_not_told(self, boss, make_user):
        stranger = make_user("s@firm.example", role="rep")
        hidden = contacts.person(boss, given_name="Secret", family_name="Person")
        notifications.notify(stranger, "crm.shared", record=hidden, by=boss)
        [line] = lines(told(stranger), stranger)
        assert (line.text, line.url) == (f"{boss} shared a record with you", "")

    def test_the_bell_counts_and_opening_reads_and_leads_to_the_record(self, client, ada, boss, make_user):
        chief = make_user("chief@firm.example", role="administrator")
        notifications.notify(chief, "crm.assigned", record=ada, by=boss)
        [row] = told(chief)
        client.force_login(chief)
        assert b"Notifications, 1 unread" in client.get(reverse("notifications")).content
        response = client.post(reverse("notification_opening", args=[row.pk]))
        assert response.url == ada.get_absolute_url()
        assert b"unread" not in client.get(reverse("notifications")).content

    def test_of_others_nothing_can_be_opened_or_read(self, client, ada, rep, boss):
        notifications.notify(rep, "crm.assigned", record=ada, by=boss)
        [row] = told(rep)
        client.force_login(boss)
        assert client.post(reverse("notification_opening", args=[row.pk])).status_code == 404
        client.post(reverse("notifications_reading"), {"to": row.pk + 100})
        row.refresh_from_db()
        assert row.read_at is None

    def test_what_came_after_the_page_was_made_stays_unread(self, client, ada, rep, boss):
        for number in (1, 2):
            notifications.notify(rep, "crm.assigned", record=ada, once=number)
        client.force_login(rep)
        client.post(reverse("notifications_reading"), {"to": told(rep)[0].pk})
        assert [row.read_at is None for row in told(rep)] == [False, True]

    def test_what_is_wanted_by_mail_alone_is_not_read_with_the_bell(self, client, ada, rep, boss):
        Setting.objects.create(user=rep, kind="crm.shared", bell=False, mail="digest")
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        notifications.notify(rep, "crm.assigned", record=ada, by=boss)
        client.force_login(rep)
        client.post(reverse("notifications_reading"), {"to": told(rep)[-1].pk})
        assert {row.kind: row.read_at is None for row in told(rep)} == {"crm.shared": True, "crm.assigned": False}

    def test_a_thousand_take_as_many_queries_as_three(self, client, boss, rep, django_assert_max_num_queries):
        people = [contacts.person(boss, given_name="P", family_name=f"Q{n}") for n in range(3)]
        for number in range(60):
            notifications.notify(rep, "crm.assigned", record=people[number % 3], once=number, by=boss)
        client.force_login(rep)
        client.get(reverse("notifications"))  # the first page of a session notes it
        with django_assert_max_num_queries(6):
            assert client.get(reverse("notifications")).content.count(b"told-line") == 30

    def test_habits_are_kept_and_half_a_quiet_time_is_refused(self, client, rep):
        client.force_login(rep)
        url = reverse("notification_habits")
        form = {"digest_at": "07:30", "quiet_from": "20:00", "quiet_to": "07:00"}
        form |= {f"{key}:mail": "digest" for key in notifications.declared()}
        assert client.post(url, form).status_code == 302
        assert Habit.objects.get(user=rep).digest_at == time(7, 30)
        assert set(Setting.objects.filter(user=rep).values_list("bell", "mail")) == {(False, "digest")}
        assert client.post(url, form | {"quiet_to": ""}).status_code == 422


class TestTimes:
    @pytest.mark.parametrize(
        ("quiet", "at", "after"),
        [
            ((time(20), time(7)), "2026-03-10T19:00", "2026-03-10T19:00"),
            ((time(20), time(7)), "2026-03-10T23:00", "2026-03-11T07:00"),
            ((time(20), time(7)), "2026-03-10T03:00", "2026-03-10T07:00"),
            ((time(20), time(7)), "2026-03-28T23:00", "2026-03-29T07:00"),  # the night is an hour shorter
            ((time(1), time(2, 30)), "2026-03-29T01:30", "2026-03-29T03:30"),  # its end is leapt over
            ((time(12), time(13)), "2026-03-10T12:59", "2026-03-10T13:00"),
            ((None, None), "2026-03-10T03:00", "2026-03-10T03:00"),
        ],
    )
    def test_quiet_hours_are_the_clocks_of_the_user(self, quiet, at, after):
        habit = Habit(quiet_from=quiet[0], quiet_to=quiet[1])
        moments = [datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (at, after)]
        assert times.after_quiet(moments[0], habit, BERLIN) == moments[1]

    @pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
    def test_a_digest_comes_once_each_day_of_a_year_at_the_same_time_by_the_clock(self, zone):
        habit, now, seen = Habit(digest_at=time(2, 30)), datetime(2026, 1, 1, tzinfo=zone), []
        while len(seen) < 365:
            now = times.next_digest(habit, zone, now)
            seen.append(now.astimezone(zone))
        assert [moment.date() for moment in seen] == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
        assert sum(moment.time() != time(2, 30) for moment in seen) == 1  # the day on which there is no 2:30


class TestReminders:
    @pytest.mark.parametrize(
        ("minutes", "local"),
        [(0, "2026-03-29T08:00"), (15, "2026-03-29T07:45"), (60, "2026-03-29T07:00"), (1440, "2026-03-28T08:00")],
    )
    def test_it_comes_by_the_clock_of_its_owner_over_a_change_of_time(self, rep, minutes, local):
        rep.timezone = "Europe/Berlin"
        rep.save()
        with time_machine.travel(datetime(2026, 3, 20, tzinfo=UTC), tick=False):
            task = interactions.task(
                rep, subject="Call", due_on=date(2026, 3, 29), due_time=time(8), remind_minutes=minutes
            )
        assert task.remind_at.astimezone(BERLIN).isoformat()[:16] == local

    def test_each_is_told_once_however_often_the_job_runs(self, rep):
        start = datetime(2026, 5, 4, 6, tzinfo=UTC)
        with time_machine.travel(start, tick=False) as clock:
            task = interactions.task(rep, subject="Call Ada", due_on=start.date(), due_time=time(7), remind_minutes=15)
            for _minute in range(90):
                clock.shift(60)
                jobs.enqueue("interactions.remind")
                jobs.work_off()
            with history.acting(rep, reason="test"):
                task.refresh_from_db()
                task.body = "changed"
                task.save()
            jobs.enqueue("interactions.remind")
            jobs.work_off()
        [row] = [row for row in told(rep) if row.kind == "interactions.due"]
        assert row.made_at == start + timedelta(minutes=45)
        assert lines([row], rep)[0].text == "Call Ada, due Mon 4 May, 07:00"

    def test_twelve_take_as_many_queries_as_one(self, rep, boss, django_assert_num_queries):
        start = datetime(2026, 5, 4, 6, tzinfo=UTC)
        with time_machine.travel(start, tick=False) as clock:
            for day, number in enumerate((1, 12)):
                clock.move_to(start + timedelta(days=day))
                for n in range(number):
                    owner = (rep, boss)[n % 2]
                    interactions.task(owner, due_on=timezone.now().date(), due_time=time(7), remind_minutes=0)
                clock.shift(timedelta(hours=2))
                with django_assert_num_queries(14):
                    assert remind(None) == {"reminded": number}

    def test_a_task_put_off_reminds_anew_and_one_that_is_done_does_not(self, rep):
        start = datetime(2026, 5, 4, 6, tzinfo=UTC)
        with time_machine.travel(start, tick=False) as clock, history.acting(rep, reason="test"):
            task = interactions.task(rep, subject="A", due_on=start.date(), due_time=time(7), remind_minutes=0)
            done = interactions.task(rep, subject="B", due_on=start.date(), due_time=time(7), remind_minutes=0)
            from interactions import services

            services.set_done(task=done, done=True, by=rep)
            clock.shift(3601)
            _remind()
            task.refresh_from_db()
            task.due_on = date(2026, 5, 5)
            task.save()
            clock.shift(24 * 3600)
            _remind()
        assert [line.text for line in lines(told(rep), rep)] == ["A, due Mon 4 May, 07:00", "A, due Tue 5 May, 07:00"]


class TestMail:
    """What is mailed stands in the outbox, written with the note that it was."""

    @pytest.fixture
    def clock(self, rep):
        rep.timezone = "Europe/Berlin"
        rep.save()
        with time_machine.travel(datetime(2026, 3, 10, 9, 0, tzinfo=BERLIN), tick=False) as clock:
            yield clock

    def mails(self, rep):
        rows = OutgoingMail.objects.filter(to__contains=rep.email, purpose="notification").order_by("pk")
        return list(rows.values_list("subject", flat=True))

    def run(self, clock, minutes):
        for _minute in range(minutes):
            clock.shift(60)
            mailed.mail_due()

    def test_what_is_mailed_at_once_is_mailed_once(self, clock, ada, boss, rep):
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        self.run(clock, 30)
        assert self.mails(rep) == [f"{boss} shared a record with you"]

    def test_the_digest_gathers_what_was_not_read(self, clock, ada, boss, rep):
        for number in range(3):
            notifications.notify(rep, "crm.assigned", record=ada, by=boss, once=number)
        Notification.objects.filter(pk=told(rep)[0].pk).update(read_at=timezone.now())
        self.run(clock, 30)
        assert self.mails(rep) == []
        clock.move_to(datetime(2026, 3, 11, 7, 59, tzinfo=BERLIN))
        self.run(clock, 5)
        assert self.mails(rep) == ["2 things for you"]

    def test_quiet_hours_put_it_off_also_when_they_were_set_afterwards(self, clock, ada, boss, rep):
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        Habit.objects.create(user=rep, quiet_from=time(8), quiet_to=time(10))
        self.run(clock, 50)
        assert self.mails(rep) == []
        self.run(clock, 15)
        assert len(self.mails(rep)) == 1

    def test_a_name_that_looks_like_a_mark_stays_a_name(self, clock, boss):
        odd = contacts.person(boss, given_name="[Press", family_name="here](https://evil.example) <b>")
        notifications.notify(boss, "crm.shared", record=odd)
        self.run(clock, 2)
        mail = OutgoingMail.objects.get(to__contains=boss.email)
        assert str(odd).replace("<", "&lt;").replace(">", "&gt;") in mail.html
        assert 'href="https://evil' not in mail.html
        assert str(odd) in mail.subject

    def test_what_is_read_in_time_is_not_mailed(self, clock, ada, boss, rep):
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        Notification.objects.filter(user=rep).update(read_at=timezone.now())
        self.run(clock, 5)
        assert self.mails(rep) == []

    def test_one_that_cannot_be_told_holds_up_nobody_elses_mail(self, clock, ada, boss, rep, make_user):
        later = make_user("later@firm.example", role="rep")
        notifications.notify_all([rep, later], "crm.shared", record=ada, by=boss)
        Notification.objects.filter(user=rep).update(kind="interactions.due")  # which says when, and here is no day
        clock.shift(60)
        with pytest.raises(KeyError):
            mailed.mail_due()
        assert (len(self.mails(rep)), len(self.mails(later))) == (0, 1)

    def test_many_who_are_gone_are_not_looked_at(self, clock, ada, boss, rep, make_user, monkeypatch):
        gone = make_user("gone@firm.example", role="rep")
        for number in range(3):
            notifications.notify(gone, "crm.shared", record=ada, once=number)
        notifications.notify(rep, "crm.shared", record=ada)
        gone.is_active = False
        gone.save()
        monkeypatch.setattr(mailed, "MOST", 1)
        monkeypatch.setattr(mailed, "USERS", 1)
        self.run(clock, 1)
        assert len(self.mails(rep)) == 1

    def test_a_zone_that_is_none_any_more_is_read_as_utc(self, clock, client, ada, boss, rep):
        type(rep).objects.filter(pk=rep.pk).update(timezone="Mars/Olympus")
        rep.refresh_from_db()
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        task = interactions.task(rep, due_on=date(2026, 3, 11), due_time=time(7))
        assert task.due_at == datetime(2026, 3, 11, 7, tzinfo=UTC)
        self.run(clock, 1)
        assert len(self.mails(rep)) == 1
        client.force_login(rep)
        rule = '{"all": [{"field": "contacts.person.created_at", "op": "in_last", "value": 3}]}'
        assert client.get("/people/", {"rule": rule}).status_code == 200

    def test_who_cannot_sign_in_any_more_gets_none(self, clock, ada, boss, rep):
        notifications.notify(rep, "crm.shared", record=ada, by=boss)
        rep.is_active = False
        rep.save()
        self.run(clock, 5)
        assert self.mails(rep) == []


def _remind():
    jobs.enqueue("interactions.remind")
    jobs.work_off()
