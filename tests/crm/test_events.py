"""Events: noted with the fact, told to each listener once and in order, and what it could not take is not lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from crm import events, history, jobs
from crm.events import Event, Held, Listener, delivering, kinds
from crm.jobs import Job
from crm.models import Tag
from tests.factories import contacts

pytestmark = pytest.mark.django_db
CHANGED = "contacts.person.changed"


@pytest.fixture
def listen():
    """Let a function hear of events for one test: `listen(function, *names, key=…)`."""
    known, heard = dict(kinds._handlers), set(kinds._heard)

    def register(function, *names, key="crm.test", **options):
        events.handler(*(names or [CHANGED]), key=key, label=key, **options)(function)
        events.install()
        return function

    kinds._handlers.clear()
    yield register
    kinds._handlers.clear()
    kinds._handlers.update(known)
    kinds._heard.clear()
    kinds._heard.update(heard)


@pytest.fixture
def ada(make_user):
    boss = make_user("boss@firm.example", role="administrator")
    return contacts.person(boss, given_name="Ada", family_name="Lovelace")


@pytest.fixture
def bob(ada):
    return contacts.person(ada.owner, given_name="Bob", family_name="Bell")


def happen(*records):
    """Let each of these change, one after the other."""
    for record in records:
        events.note(CHANGED, record)


def heard(given):
    """Return what a listener that made tags was told: the ids of records, in order."""
    return [int(name.rpartition(" ")[2]) for name in given.order_by("pk").values_list("name", flat=True)]


def tag(event):
    Tag.objects.create(name=f"{event.pk} {event.record_id}")


def later(**delta):
    return time_machine.travel(timezone.now() + timedelta(**delta), tick=False)


class TestNoting:
    def test_an_event_is_a_row_of_the_transaction_it_happens_in(self, ada):
        before = Event.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            happen(ada)
            raise ZeroDivisionError
        assert Event.objects.count() == before

    def test_a_record_tells_its_life_by_itself(self, ada):
        boss = ada.owner
        with history.acting(boss, reason="test"):
            ada.job_title = "Countess"
            ada.save()
            ada.trash(by=boss)
            ada.trash(by=boss)
            ada.restore(by=boss)
        told = Event.objects.filter(kind="contacts.person", record_id=ada.pk).order_by("pk")
        verbs = [name.rpartition(".")[2] for name in told.values_list("name", flat=True)]
        assert [verbs[0], *verbs[-3:]] == ["created", "changed", "trashed", "restored"]
        assert told.last().by == boss

    def test_to_be_given_to_somebody_is_told_but_to_take_oneself_is_not(self, ada, make_user):
        ada.owner = rep = make_user("rep@firm.example", role="rep")
        with history.acting(rep, reason="test"):
            ada.save()
        assert not Event.objects.filter(name="contacts.person.assigned", by=rep).exists()
        boss = make_user("chief@firm.example", role="administrator")
        ada.owner = other = make_user("other@firm.example", role="rep")
        with history.acting(boss, reason="test"):
            ada.save()
        [told] = Event.objects.filter(name="contacts.person.assigned", by=boss)
        assert (told.record_id, told.facts) == (ada.pk, {"owner": other.pk})

    @pytest.mark.parametrize(
        ("name", "facts"),
        [("contacts.person.vanished", {}), (CHANGED, {"colour": "red"}), ("contacts.company.changed", {})],
        ids=["unknown name", "unknown fact", "another kind of row"],
    )
    def test_what_no_app_declares_is_refused(self, ada, name, facts):
        with pytest.raises(events.Undeclared):
            events.note(name, ada, **facts)

    def test_ten_thousand_are_noted_in_one_statement(self, ada, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert len(events.note_many(CHANGED, [ada.pk] * 10_000)) == 10_000

    def test_what_nobody_listens_to_wakes_nobody(self, ada, listen, django_capture_on_commit_callbacks):
        Job.objects.all().delete()
        listen(tag, "contacts.company.changed")
        kinds._heard.discard(CHANGED)
        with django_capture_on_commit_callbacks(execute=True) as woken:
            happen(ada)
        assert not woken
        assert not Job.objects.exists()


class TestDelivery:
    def test_each_listener_is_told_once_and_in_order(self, ada, bob, listen):
        listen(tag)
        listen(lambda event: Tag.objects.create(name=f"again {event.pk} {event.record_id}"), key="crm.other")
        happen(ada, bob, ada)
        assert delivering.deliver() == 6
        assert delivering.deliver() == 0
        assert heard(Tag.objects.exclude(name__startswith="again")) == [ada.pk, bob.pk, ada.pk]
        assert Tag.objects.filter(name__startswith="again").count() == 3

    def test_a_listener_far_behind_does_not_hold_up_the_others(self, ada, listen, monkeypatch):
        monkeypatch.setattr(delivering, "BATCH", 2)
        calls = []
        for key in ("crm.a_first", "crm.b_second"):
            listen(lambda event, key=key: calls.append(key), key=key)
        happen(*[ada] * 6)
        delivering.deliver()
        assert calls.index("crm.b_second") == 2
        assert sorted(calls) == ["crm.a_first"] * 6 + ["crm.b_second"] * 6

    def test_the_job_delivers(self, ada, listen):
        listen(tag)
        happen(ada)
        jobs.enqueue("crm.deliver_events")
        jobs.work_off()
        assert heard(Tag.objects) == [ada.pk]

    def test_who_acted_is_who_the_handler_acts_for(self, ada, listen):
        seen = []
        listen(lambda event: seen.append(history.actor_id()))
        events.note(CHANGED, ada, by=ada.owner)
        delivering.deliver()
        assert seen == [ada.owner_id]

    def test_a_new_listener_hears_from_now_on(self, ada, bob, listen):
        happen(ada)
        delivering.deliver()
        listen(tag)
        happen(bob)
        delivering.deliver()
        assert heard(Tag.objects) == [bob.pk]

    def test_what_a_handler_wrote_before_it_failed_is_undone(self, ada, listen):
        def fail(event):
            tag(event)
            raise ValueError("no")

        listen(fail)
        happen(ada)
        delivering.deliver()
        assert not Tag.objects.exists()
        assert Held.objects.get().error == "ValueError: no"

    def test_later_events_of_the_record_wait_and_those_of_others_go_on(self, ada, bob, listen):
        broken = {ada.pk}

        def fussy(event):
            if event.record_id in broken:
                raise ValueError("not now")
            tag(event)

        listen(fussy)
        happen(ada, bob, ada, bob)
        delivering.deliver()
        assert heard(Tag.objects) == [bob.pk, bob.pk]
        assert sorted(Held.objects.values_list("state", flat=True)) == ["behind", "waiting"]
        happen(ada)
        broken.clear()
        with later(minutes=5):
            delivering.deliver()
        own = Tag.objects.filter(name__endswith=f" {ada.pk}").order_by("pk")
        assert [int(t.name.split()[0]) for t in own] == sorted(int(t.name.split()[0]) for t in own)
        assert (own.count(), Held.objects.count()) == (3, 0)

    def test_what_fails_for_good_is_kept_and_holds_back_its_record_until_somebody_decides(self, ada, listen):
        broken = [True]

        def fussy(event):
            if broken:
                raise ValueError("never")
            tag(event)

        listen(fussy, tries=2)
        happen(ada, ada)
        for days in range(3):
            with later(days=days):
                delivering.deliver()
        dead = Held.objects.get(state="dead")
        assert dead.tries == 2
        broken.clear()
        assert events.set_aside(Held.objects.filter(pk=dead.pk)) == 1
        delivering.deliver()
        assert heard(Tag.objects) == [ada.pk]

    def test_what_was_given_up_can_be_tried_again(self, ada, listen):
        broken = [True]

        def fussy(event):
            if broken:
                raise ValueError("never")
            tag(event)

        listen(fussy, tries=1)
        happen(ada, ada)
        delivering.deliver()
        broken.clear()
        assert events.retry(Held.objects.all()) == 1
        delivering.deliver()
        assert heard(Tag.objects) == [ada.pk, ada.pk]

    def test_a_failing_statement_of_a_handler_spoils_nothing_else(self, ada, bob, listen):
        def rude(event):
            if event.record_id == ada.pk:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            tag(event)

        listen(rude)
        happen(ada, bob)
        delivering.deliver()
        assert heard(Tag.objects) == [bob.pk]

    def test_a_database_that_goes_away_is_not_held_against_the_event(self, ada, listen):
        def gone(event):
            raise OperationalError("server closed the connection")

        listen(gone)
        happen(ada)
        with pytest.raises(OperationalError):
            delivering.deliver()
        assert not Held.objects.exists()

    def test_a_worker_that_vanishes_each_time_finds_out_which_event_it_was(self, ada, bob, listen):
        """Vanishing is what no handler can catch: the transaction is gone, the attempt is noted."""

        class Killed(BaseException):
            pass

        def deadly(event):
            if event.record_id == bob.pk:
                raise Killed
            tag(event)

        listen(deadly)
        happen(ada, bob, ada)
        vanished = 0
        for _attempt in range(20):
            try:
                delivering.deliver()
            except Killed:
                vanished += 1
        assert vanished < 20
        assert heard(Tag.objects) == [ada.pk, ada.pk]
        assert Held.objects.get().state == "dead"

    def test_many_queries_are_not_made_for_many_events(self, ada, listen, django_assert_max_num_queries):
        listen(lambda event: None)
        events.note_many(CHANGED, [ada.pk] * 200)
        delivering.stamp()
        with django_assert_max_num_queries(430):  # a savepoint and its release each
            delivering.deliver()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_delivery_is_woken_however_much_is_noted(self, ada, listen):
        listen(tag)
        Job.objects.all().delete()
        with transaction.atomic():
            happen(*[ada] * 30)
        happen(ada)
        assert Job.objects.filter(kind="crm.deliver_events").count() == 1

    def test_workers_at_once_tell_each_event_once_and_in_order(self, ada, listen):
        listen(tag)
        people = [contacts.person(ada.owner, given_name="P", family_name=f"Q{n}") for n in range(10)]
        delivering.deliver()
        Tag.objects.all().delete()
        start = Barrier(6)

        def noting(number):
            start.wait()
            for _turn in range(20):
                with transaction.atomic():
                    person = type(ada).objects.unscoped(because="test").select_for_update().get(pk=people[number].pk)
                    happen(person)
            connection.close()

        def telling(_number):
            start.wait()
            for _turn in range(20):
                delivering.deliver()
            connection.close()

        with ThreadPoolExecutor(6) as pool:
            futures = [pool.submit(noting, n % 2) for n in range(3)] + [pool.submit(telling, n) for n in range(3)]
            for future in futures:
                future.result()
        delivering.deliver()
        names = list(Tag.objects.order_by("pk").values_list("name", flat=True))
        assert len(names) == len(set(names)) == 60, list(Listener.objects.values())
        for person in people[:2]:
            ids = [int(name.split()[0]) for name in names if name.endswith(f" {person.pk}")]
            assert ids == sorted(ids)

    def test_an_event_committed_late_is_not_passed_over(self, ada, bob, listen):
        """A lower id that becomes visible after a higher one was told is told, too."""
        listen(tag)
        delivering.deliver()
        Tag.objects.all().delete()
        noted, told = Barrier(2), Barrier(2)

        def slow():
            with transaction.atomic():
                happen(ada)
                noted.wait()
                told.wait()
            connection.close()

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(slow)
            noted.wait()
            happen(bob)
            delivering.deliver()
            told.wait()
            future.result()
        delivering.deliver()
        assert heard(Tag.objects) == [bob.pk, ada.pk]


class TestAgain:
    def test_a_listener_that_is_safe_hears_again_since_a_moment(self, ada, bob, listen):
        seen = []
        listen(lambda event: seen.append(event.record_id), safe_again=True)
        happen(ada)
        moment = timezone.now()
        happen(bob)
        delivering.deliver()
        assert events.replay("crm.test", since=moment) == 1
        delivering.deliver()
        assert seen[-3:] == [ada.pk, bob.pk, bob.pk]

    def test_one_record_is_told_again_in_order(self, ada, bob, listen):
        seen = []
        listen(lambda event: seen.append(event.pk), safe_again=True)
        happen(ada, bob, ada)
        delivering.deliver()
        first = [pk for pk in seen if Event.objects.get(pk=pk).record_id == ada.pk]
        seen.clear()
        assert events.replay_record("crm.test", ada) == len(first)
        delivering.deliver()
        assert seen == first

    def test_a_listener_that_would_do_its_work_twice_is_not_told_again(self, listen):
        listen(tag)
        with pytest.raises(events.NotSafeAgain):
            events.replay("crm.test", since=timezone.now())

    def test_old_events_go_when_everybody_has_heard_them(self, ada, listen):
        listen(lambda event: None)
        happen(ada)
        with later(days=200):
            assert delivering.clear(older_than=timezone.now() - timedelta(days=180)) == 0  # not told yet
            delivering.deliver()
            number = Event.objects.count()
            assert delivering.clear(older_than=timezone.now() - timedelta(days=180)) == number
        happen(ada)
        delivering.stamp()
        assert Event.objects.get().position > Listener.objects.get(pk="crm.test").position
