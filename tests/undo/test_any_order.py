"""Whatever bulk edits, single edits and undos come in whatever order: every field is restored or reported."""

from contextlib import ExitStack

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contacts.models import Person
from crm import undo
from tests.factories import contacts
from tests.factories.contacts import reload

pytestmark = pytest.mark.django_db
FIELDS = ("notes", "job_title", "source", "stage", "owner_id", "team_id", "trashed_at")
NUMBER = 4
some = st.sets(st.integers(0, NUMBER - 1), min_size=1)
words = st.sampled_from(["a", "b", "c"])


class Acts(RuleBasedStateMachine):
    """A model in Python of what stands in each field, beside the database."""

    cast = None

    def __init__(self):
        super().__init__()
        self.ground = ExitStack()
        self.ground.enter_context(transaction.atomic())
        self.people = [contacts.person(self.cast.owner) for _ in range(NUMBER)]
        self.open = []  # (act, {index: {field: (before, after)}})

    def teardown(self):
        transaction.set_rollback(True)
        self.ground.close()

    def now(self, index):
        found = reload(self.people[index])
        return {name: getattr(found, name) for name in FIELDS}

    def rows(self, indexes):
        ids = [self.people[index].pk for index in indexes]
        return Person.objects.unscoped(because="a test writes").filter(pk__in=ids)

    def recorded(self, indexes, write):
        was = {index: self.now(index) for index in indexes}
        with undo.recording("crm.tag", by=self.cast.administrator) as act:
            write()
        made = {index: self.now(index) for index in indexes}
        changed = {
            index: {
                name: (was[index][name], made[index][name]) for name in FIELDS if was[index][name] != made[index][name]
            }
            for index in indexes
        }
        assert act.rows == sum(bool(fields) for fields in changed.values())
        if act.rows:
            self.open.append((act, changed))

    @rule(indexes=some, word=words)
    def note_many(self, indexes, word):
        self.recorded(indexes, lambda: self.rows(indexes).update(notes=word, job_title=word))

    @rule(indexes=some, whom=st.sampled_from(["owner", "teammate", "other", "manager"]))
    def assign_many(self, indexes, whom):
        user = getattr(self.cast, whom)
        self.recorded(indexes, lambda: self.rows(indexes).update(owner=user, team=user.team))

    @rule(indexes=some)
    def trash_many(self, indexes):
        ids = [self.people[index].pk for index in indexes]
        self.recorded(indexes, lambda: Person.trash_all(ids, by=self.cast.administrator))

    @rule(index=st.integers(0, NUMBER - 1), word=words)
    def edit_one(self, index, word):
        self.rows([index]).update(notes=word)

    @rule(index=st.integers(0, NUMBER - 1))
    def restore_one(self, index):
        self.people[index].restore(by=self.cast.administrator)

    @rule(at=st.integers(0, 20))
    def undo_one(self, at):
        if not self.open:
            return
        act, changed = self.open.pop(at % len(self.open))
        stood = {index: self.now(index) for index in changed}
        act = undo.undo(act, by=self.cast.administrator)
        entries = {entry.row_id: entry for entry in act.entries.all()}
        for index, fields in changed.items():
            if fields:
                self.check(entries[self.people[index].pk], fields, stood[index], self.now(index))

    def check(self, entry, fields, stood, stands):
        """Each field that the act changed stands as before it, or stays as it stood and is reported."""
        for name, (before, after) in fields.items():
            if stood[name] == before:
                assert stands[name] == before
            elif entry.outcome == "left":
                assert (stands[name], entry.why) == (stood[name], "trashed")
            elif name in entry.kept:
                assert stands[name] == stood[name]
                assert stood[name] != after or name == "team_id", "only what was edited since is kept"
            else:
                assert (stood[name], stands[name]) == (after, before)
        for name in set(FIELDS) - set(fields):
            assert stands[name] == stood[name], "nothing else moves"

    @invariant()
    def an_owner_has_their_team(self):
        for index in range(NUMBER):
            found = reload(self.people[index])
            assert found.team_id == found.owner.team_id


def test_every_field_is_restored_or_reported(cast):
    Acts.cast = cast
    quick = settings(max_examples=25, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Acts, settings=quick)
