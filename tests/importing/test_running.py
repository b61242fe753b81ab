"""A run is one act: whole or in steps, stopped, undone, by two at once."""

import pytest

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from crm import jobs, undo
from crm.events import Event
from crm.importing import running
from crm.importing.rows import Import
from crm.jobs import Job, work_off
from tests.factories import contacts
from tests.factories.contacts import reload
from tests.importing.conftest import bring, check, fates, imported, rows, word

pytestmark = pytest.mark.django_db


def everybody(**named):
    ids = (
        EmailAddress.objects.unscoped(because="a test looks").filter(address__endswith="@many.example").values("person")
    )
    return Person.objects.unscoped(because="a test looks").filter(pk__in=ids, **named)


@pytest.fixture
def there(owner):
    return contacts.person(
        owner, given_name=word(0), family_name=word(1_000), job_title="Buyer", emails=["p0@many.example"]
    )


def test_the_whole_import_is_one_act_and_undone_as_one(owner, there, monkeypatch):
    monkeypatch.setattr("crm.importing.running.STEP_ROWS", 3)
    asked = imported(owner, rows(10))
    assert set(fates(asked).values()) == {"update", "new"}
    assert (reload(there).job_title, everybody(trashed_at=None).count()) == ("Clerk", 10)
    act = running.act_of(asked)
    assert (act.state, act.by, act.facts["number"]) == ("done", owner, 10)
    act = undo.undo(act, by=owner)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    there = reload(there)
    assert (there.job_title, there.company_id, there.trashed_at) == ("Buyer", None, None)
    assert everybody(trashed_at=None).count() == 1
    assert not Company.objects.visible_to(owner).filter(name__startswith="Firm").exists()
    assert EmailAddress.objects.of(there).count() == 1


def test_what_was_edited_since_is_kept_and_told(owner, there):
    asked = imported(owner, rows(3))
    changed = Person.objects.editable_by(owner).get(pk=there.pk)
    changed.job_title = "Director"
    changed.save()
    new = Person.objects.editable_by(owner).get(pk=asked.rows.get(number=3).record)
    new.notes = "Rang back."
    new.save()
    act = undo.undo(running.act_of(asked), by=owner)
    assert act.state == "partly"
    kept = {entry.row_id: entry.kept for entry in act.entries.filter(outcome__in=["kept", "partly"])}
    assert kept[there.pk] == {"job_title": "Director"}
    assert (reload(there).job_title, reload(there).company_id) == ("Director", None)
    assert reload(new).trashed_at is None


def test_undone_and_brought_again_everything_is_there_again(owner, there):
    undo.undo(running.act_of(imported(owner, rows(4))), by=owner)
    again = imported(owner, rows(4))
    assert sorted(fates(again).values()) == ["new", "new", "new", "update"]


def test_asked_twice_it_runs_once(owner):
    asked = check(bring(owner, rows(2)))
    assert running.ask_to_run(asked) == running.ask_to_run(asked)
    work_off()
    assert everybody().count() == 2


def test_what_was_not_checked_does_not_run(owner):
    with pytest.raises(running.NotReady):
        running.ask_to_run(bring(owner, rows(2)))


def test_stopped_between_two_steps_it_can_go_on_or_be_undone(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.running.STEP_ROWS", 2)
    asked = check(bring(owner, rows(6)))
    job = running.ask_to_run(asked)
    written = running.write_step

    def stopping(planner, some, job=None):
        written(planner, some, job)
        jobs.cancel(job)

    monkeypatch.setattr("crm.importing.running.write_step", stopping)
    work_off()
    job.refresh_from_db()
    assert (job.state, everybody().count()) == (Job.State.CANCELLED, 0)  # the step that was under way is taken back
    monkeypatch.setattr("crm.importing.running.write_step", written)
    jobs.retry(job)
    work_off()
    asked.refresh_from_db()
    assert (asked.state, everybody().count()) == (Import.State.DONE, 6)
    assert undo.undo(running.act_of(asked), by=owner).state == "undone"


def test_what_was_undone_does_not_go_on(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.running.STEP_ROWS", 2)
    asked = check(bring(owner, rows(6)))
    job = running.ask_to_run(asked)
    read = iter(range(2))
    following = running.checking.next_rows

    def stopped_after_one(*args, **kwargs):
        if next(read):
            jobs.cancel(job)
        return following(*args, **kwargs)

    monkeypatch.setattr("crm.importing.running.checking.next_rows", stopped_after_one)
    work_off()
    monkeypatch.setattr("crm.importing.running.checking.next_rows", following)
    asked.refresh_from_db()
    assert everybody().count() == 2
    assert undo.undo(running.act_of(asked), by=owner).state == "undone"
    jobs.retry(job)  # from a page that was open before
    work_off()
    job.refresh_from_db()
    assert (job.state, everybody().count()) == (Job.State.DEAD, 2)  # in the trash
    assert running.act_of(asked).state == "undone"


def test_a_step_that_fails_leaves_nothing_of_itself(owner, monkeypatch):
    asked = check(bring(owner, rows(3)))
    monkeypatch.setattr("crm.importing.writing._follow", lambda *_: 1 / 0)
    job = running.ask_to_run(asked)
    work_off()
    job.refresh_from_db()
    assert (job.state, everybody().count(), asked.rows.filter(is_done=True).count()) == ("failed", 0, 0)
    assert running.act_of(asked) is None


def test_what_happened_is_told_to_those_who_listen(owner, cast):
    cast.manager.access  # noqa: B018  (a manager gives records to their team)
    asked = imported(cast.manager, rows(2), owner=owner.pk)
    ids = set(asked.rows.values_list("record", flat=True))
    told = Event.objects.filter(kind="contacts.person", record_id__in=ids)
    assert sorted(told.values_list("name", flat=True)) == [
        *["contacts.person.assigned"] * 2, *["contacts.person.created"] * 2
    ]  # fmt: skip
    assert set(Person.objects.visible_to(owner).filter(pk__in=ids).values_list("owner", flat=True)) == {owner.pk}


def test_an_owner_one_may_not_give_records_to_is_not_taken(owner, cast):
    asked = imported(owner, rows(1), owner=cast.other.pk)
    assert reload(Person(pk=asked.rows.get().record)).owner == owner


def test_many_rows_are_checked_by_a_job(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.checking.AT_ONCE", 2)
    asked = bring(owner, rows(4))
    running.ask_to_check(asked)
    asked.refresh_from_db()
    assert asked.state == Import.State.CHECKING
    work_off()
    asked.refresh_from_db()
    assert (asked.state, asked.counts["new"]) == (Import.State.CHECKED, 4)


@pytest.mark.parametrize(("many", "number"), [(5, 1), (50, 0)])
def test_after_many_rows_all_are_compared_at_once(owner, monkeypatch, many, number):
    monkeypatch.setattr("crm.importing.running.MANY", many)
    imported(owner, rows(10))
    assert Job.objects.filter(kind="crm.find_duplicates").count() == number
