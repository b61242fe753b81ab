"""Two undos at the same moment, an edit in the middle of one, and a worker killed again and again."""

import random
import threading
import time
from functools import partial

import pytest
from django.db import connection, transaction

from contacts.models import Person
from crm import undo
from crm.jobs import Job
from crm.loading import store
from crm.models import Role, User
from tests.crm.workers import kill, started_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 400


@pytest.fixture
def admin():
    return User.objects.create_user("admin@firm.example", "stones-in-a-row", role=Role.objects.get(key="administrator"))


@pytest.fixture
def people(admin):
    store(Person, [Person(given_name=f"P{number:03}", family_name="Many", owner=admin) for number in range(PEOPLE)])
    return list(every().order_by("pk").values_list("pk", flat=True))


def every():
    return Person.objects.unscoped(because="a test looks").filter(family_name="Many")


def changed(ids, by, **fields):
    with undo.recording("crm.tag", by=by, kind="contacts.person", value="x") as act:
        every().filter(pk__in=ids).update(**fields)
    return act


def at_once(*acts):
    """Run these in threads that begin together; return what each returned or raised."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            found[number] = act()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_two_undos_at_once_one_acts(admin, people):
    act = changed(people[:100], admin, notes="x")
    found = at_once(*[lambda: undo.undo(undo.Act.objects.get(pk=act.pk), by=admin)] * 3)
    assert sorted(type(one).__name__ for one in found) == ["Act", "NotOpen", "NotOpen"]
    assert undo.Act.objects.filter(undoes=act).count() == 1
    assert not every().filter(notes="x").exists()


def test_undos_of_acts_on_the_same_rows_in_other_orders_do_not_lock_each_other_out(admin, people):
    for _ in range(5):
        first = changed(people[:80], admin, notes="x")
        second = changed(people[79::-1], admin, job_title="y")
        found = at_once(*[lambda act=act: undo.undo(act, by=admin) for act in (first, second)])
        assert [getattr(one, "state", one) for one in found] == ["undone", "undone"]
    assert not every().exclude(notes="", job_title="").exists()


def test_an_edit_that_comes_first_is_kept_by_an_undo_that_waits_for_it(admin, people):
    act = changed(people[:10], admin, notes="x")
    edited, go_on = threading.Event(), threading.Event()

    def edit():
        try:
            with transaction.atomic():
                every().filter(pk=people[3]).update(notes="typed meanwhile")
                edited.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=edit)
    thread.start()
    edited.wait(10)
    threading.Timer(0.5, go_on.set).start()
    act = undo.undo(act, by=admin)
    thread.join(20)
    assert act.outcome == {"restored": 9, "kept": 1, "why": {}}
    assert every().get(pk=people[3]).notes == "typed meanwhile"


def ready(folder, times):
    return (folder / "worker.log").read_text().count("ready.") >= times


@pytest.mark.long
@pytest.mark.parametrize("seed", [3])
def test_a_worker_killed_in_a_long_undo_ends_it_whole(tmp_path, admin, people, seed):
    """Steps of five rows; the worker's group is killed at random moments until the job is through."""
    chance = random.Random(seed)
    act = changed(people, admin, notes="x", tags=["x"])
    every().filter(pk__in=people[:7]).update(notes="since")
    undo.undo(act, by=admin)
    cut_short = 0
    process = started_worker(tmp_path)
    try:
        for rounds in range(1, 5):
            wait_until(partial(ready, tmp_path, rounds))
            time.sleep(chance.uniform(0.05, 0.5))
            kill(process)
            act.refresh_from_db()
            cut_short += act.state == "undoing"
            assert act.state == "undoing" or not act.entries.filter(outcome="").exists(), "half done, shown as done"
            process = started_worker(tmp_path)
        wait_until(lambda: Job.objects.filter(kind="crm.undo_many", state="done").exists(), seconds=90)
    finally:
        kill(process)
    act.refresh_from_db()
    assert cut_short, "a kill has to fall into the work"
    assert (act.state, act.outcome) == ("partly", {"restored": PEOPLE - 7, "partly": 7, "why": {}})
    assert list(every().exclude(notes="").order_by("pk").values_list("pk", flat=True)) == people[:7]
    assert not every().exclude(tags=[]).exists()
    own = undo.Act.objects.filter(undoes=act)
    assert [(one.rows, one.state) for one in own] == [(PEOPLE, "done")], "each row was undone once"
