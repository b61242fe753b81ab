"""Two at once: what each writes stands, and what is kept about both is right."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.factories import contacts, crm
from tests.factories.contacts import reload
from tests.factories.interactions import services, talk, task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rep():
    return crm.user("Rep", team=crm.team())


def side_by_side(first, second):
    """Run `first` up to its commit, let `second` run into its lock, then let both end; return what they return."""
    written, may_end = Event(), Event()

    def hold():
        try:
            with transaction.atomic():
                result = first()
                written.set()
                assert may_end.wait(10)
            return result
        finally:
            connection.close()

    def follow():
        try:
            assert written.wait(10)
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(hold), threads.submit(follow)
        written.wait(10)
        wait_for_a_waiting_lock(other)
        may_end.set()
        return one.result(10), other.result(10)


def wait_for_a_waiting_lock(other):
    """Return once the other connection waits for a row, or is done without waiting."""
    until = monotonic() + 5
    while monotonic() < until and not other.done():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        sleep(0.02)


def test_two_calls_at_once_leave_the_newer_date(rep):
    ada = contacts.person(rep, company=contacts.company(rep))
    now = timezone.now()
    side_by_side(
        lambda: talk(rep, people=[ada], at=now),
        lambda: talk(rep, people=[ada], at=now - timedelta(days=9)),
    )
    assert reload(ada).last_contacted_at == reload(ada.company).last_contacted_at == now


def test_two_tasks_at_once_leave_the_earlier_day(rep):
    ada = contacts.person(rep)
    sooner, _later = side_by_side(
        lambda: task(rep, person=ada, in_days=1),
        lambda: task(rep, person=ada, in_days=9),
    )
    assert reload(ada).next_activity_at == sooner.due_at


def test_two_ticks_at_once_are_one(rep):
    planned = task(rep)
    before = planned.version
    side_by_side(
        lambda: services.set_done(task=planned, done=True, by=rep),
        lambda: services.set_done(task=planned, done=True, by=rep),
    )
    assert reload(planned).version == before + 1


def test_talks_with_the_same_people_in_another_order_do_not_lock_each_other_out(rep):
    ada, grace = contacts.person(rep), contacts.person(rep)
    side_by_side(lambda: talk(rep, people=[ada, grace]), lambda: talk(rep, people=[grace, ada]))
    assert reload(ada).last_contacted_at == reload(grace).last_contacted_at
