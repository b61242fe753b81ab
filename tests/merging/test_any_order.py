"""Whatever merges, edits, additions and unmerges come, in any order: no row is lost, no field unless it is told."""

from contextlib import ExitStack
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contacts.models import Person
from contacts.reach import EmailAddress
from crm import merging
from crm.merging.relations import every
from crm.undo.rows import Act
from interactions.models import Participation, Task
from tests.factories import contacts, interactions
from tests.factories.contacts import reload
from tests.merging.conftest import left_behind

pytestmark = pytest.mark.django_db
NUMBER = 5
FIELDS = ("job_title", "language", "stage", "owner_id")
anybody = st.integers(0, NUMBER - 1)
words = st.sampled_from(["a", "b", "c"])


class Merges(RuleBasedStateMachine):
    """Beside the database: which rows there are, and what each record and row was before each merge that stands."""

    cast = None

    def __init__(self):
        super().__init__()
        self.ground = ExitStack()
        self.ground.enter_context(transaction.atomic())
        owner = self.cast.owner
        self.people = [
            contacts.person(owner, emails=[f"p{at}@x.example", "all@x.example"], job_title="abc"[at % 3])
            for at in range(NUMBER)
        ]
        self.ids = [person.pk for person in self.people]
        self.tasks = [interactions.task(owner, person=person).pk for person in self.people]
        self.talks = [interactions.talk(owner, people=self.people[at : at + 2]) for at in range(NUMBER)]
        self.mails = set(every(EmailAddress).filter(person__in=self.ids).values_list("pk", flat=True))
        self.shares = set(every(Participation).filter(person__in=self.ids).values_list("pk", flat=True))
        self.open: list[Act] = []
        self.brought = {}  # {task: the person to whom taking a merge apart brought it}

    def teardown(self):
        transaction.set_rollback(True)
        self.ground.close()

    def fields(self):
        rows = every(Person).filter(pk__in=self.ids).values("pk", *FIELDS)
        return {row["pk"]: {name: row[name] for name in FIELDS} for row in rows}

    def living(self):
        return sorted(set(merging.living_of(Person, self.ids).values()))

    @rule(first=anybody, second=anybody, pick=words)
    def merge(self, first, second, pick):
        living = self.living()
        kept, gone = living[first % len(living)], living[second % len(living)]
        if kept == gone:
            return
        picks = {"job_title": {"a": kept, "b": gone}.get(pick), "email": {"b": kept, "c": gone}.get(pick)}
        before = every(Person).filter(pk__in=[kept, gone])
        assert before.count() == 2
        self.open.append(merging.merge(Person, [kept, gone], survivor=kept, picks=picks, by=self.cast.administrator))

    @rule(who=anybody, word=words)
    def edit(self, who, word):
        living = self.living()
        person = reload(Person(pk=living[who % len(living)]))
        person.job_title = person.language = word
        person.save()

    @rule(who=anybody)
    def add_child(self, who):
        person = reload(self.people[who])  # perhaps a tombstone: it lands on the survivor
        task = Task(subject="Added", due_on=date(2026, 12, 1), owner=self.cast.owner, person_id=person.pk)
        task.save()
        self.tasks.append(task.pk)
        mail = EmailAddress(person_id=person.pk, address=f"added{task.pk}@x.example")
        mail.save()
        self.mails.add(mail.pk)

    @rule(which=st.integers(0, 50), who=anybody)
    def move_child(self, which, who):
        living = self.living()
        task = self.tasks[which % len(self.tasks)]
        every(Task).filter(pk=task).update(person_id=living[who % len(living)])
        self.brought.pop(task, None)

    @rule(at=st.integers(0, 20))
    def part(self, at):
        if not self.open:
            return
        act = self.open.pop(at % len(self.open))
        stood = self.fields()
        act = merging.unmerge(act, by=self.cast.administrator)
        assert not act.entries.filter(outcome="").exists()
        entries = {(one.kind, one.row_id): one for one in act.entries.all()}
        self.check_fields(act, entries, stood, self.fields())
        for pk in act.facts["merged"]:
            assert reload(Person(pk=pk)).merged_into_id is None
        for (kind, row_id), entry in entries.items():
            if kind == "interactions.task":
                self.check_task(entry, row_id)

    def check_fields(self, act, entries, stood, stands):
        for pk in self.ids:
            entry = entries.get(("contacts.person", pk))
            for name in FIELDS:
                if entry is None or name not in entry.before:
                    assert stands[pk][name] == stood[pk][name], "nothing else moves"
                elif name in entry.kept:
                    assert stands[pk][name] == stood[pk][name] != entry.after[name]
                else:
                    assert stands[pk][name] == entry.before[name]

    def check_task(self, entry, row_id):
        """It is where it was before the merge, or its being elsewhere is told.

        Of merges of merges, what taking the first apart has brought to where it came from stays there.
        """
        now = every(Task).get(pk=row_id).person_id
        home = merging.living(Person, entry.before["person_id"])
        assert now in (home, self.brought.get(row_id)) or "person_id" in entry.kept
        self.brought[row_id] = now

    @invariant()
    def no_row_is_lost_or_left_behind(self):
        assert left_behind(Person) == []
        assert every(Task).filter(pk__in=self.tasks, person__isnull=False).count() == len(self.tasks)
        kept = every(EmailAddress).filter(pk__in=self.mails).count()
        journal = {row for act in self.open for row in act.entries.filter(
            kind="contacts.emailaddress", operation="delete").values_list("row_id", flat=True)}  # fmt: skip
        there = set(every(EmailAddress).filter(pk__in=self.mails).values_list("pk", flat=True))
        assert there | journal >= self.mails and kept, "each is there, or its merge can bring it back"

    @invariant()
    def nobody_is_on_a_talk_twice_and_one_way_is_primary(self):
        for pk in self.living():
            mails = every(EmailAddress).filter(person=pk)
            assert mails.filter(is_primary=True).count() <= 1


def test_what_an_inner_merge_brought_home_stays_there_when_the_outer_is_taken_apart(cast):
    owner, admin = cast.owner, cast.administrator
    ada, bea, cleo = (contacts.person(owner) for _ in range(3))
    task = interactions.task(owner, person=ada)
    inner = merging.merge(Person, [cleo.pk, ada.pk], survivor=cleo.pk, by=admin)
    outer = merging.merge(Person, [bea.pk, cleo.pk], survivor=bea.pk, by=admin)
    merging.unmerge(inner, by=admin)
    assert reload(task).person_id == ada.pk, "from the one it is merged into by now"
    outer = merging.unmerge(outer, by=admin)
    assert reload(task).person_id == ada.pk, "it was Cleo's through the inner merge alone"
    entry = outer.entries.get(kind="interactions.task", row_id=task.pk)
    assert entry.before["person_id"] == cleo.pk
    assert [reload(person).merged_into_id for person in (ada, bea, cleo)] == [None] * 3


def run(examples, steps):
    quick = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Merges, settings=quick)


def test_every_row_is_accounted_for_and_every_field_restored_or_told(cast):
    Merges.cast = cast
    run(6, 12)


@pytest.mark.long
def test_the_same_in_two_hundred_random_runs(cast):
    Merges.cast = cast
    run(200, 20)
