"""Tasks come from files, and go back."""

from datetime import UTC, datetime

import pytest

from crm import undo
from crm.importing import running
from interactions.models import Task
from tests.factories import interactions
from tests.factories.contacts import reload
from tests.importing.conftest import fates, imported
from tests.importing.test_talks import EXPORTS

pytestmark = pytest.mark.django_db
TASK = ["Due", "What", "Kind", "Person's e-mail", "Details", "Whether it is done", "Owner"]


def todo(
    due="2027-03-01 09:00", what="Send the offer", kind="Mail", mail="anna@nordlys.example", more="", done="", who=""
):
    return [due, what, kind, mail, more, done, who]


def task_of(asked, number=2):
    return Task.objects.unscoped(because="a test looks").get(pk=asked.rows.get(number=number).record)


def test_a_task_is_whole_and_back(owner, anna, firm):
    asked = imported(owner, [TASK, todo(more="400 pieces")], "tasks")
    assert fates(asked) == {2: "new"}
    task = task_of(asked)
    assert (task.kind, task.subject, task.body, task.owner) == ("email", "Send the offer", "400 pieces", owner)
    assert (task.due_on.isoformat(), task.due_time.isoformat(), task.done_at) == ("2027-03-01", "09:00:00", None)
    assert (task.person, task.company, task.due_at) == (anna, firm, datetime(2027, 3, 1, 9, tzinfo=UTC))
    assert reload(anna).next_activity_at == task.due_at
    assert undo.undo(running.act_of(asked), by=owner).state == "undone"
    assert (reload(task).is_trashed, reload(anna).next_activity_at) == (True, None)


def test_tasks_again_add_nothing_and_what_was_done_here_stays_done(owner, anna):
    rows = [TASK, todo(), todo(what="Tidy up", mail=""), todo(what="Ring", kind="", done="Completed")]
    asked = imported(owner, rows, "tasks")
    assert set(fates(asked).values()) == {"new"}
    assert (task_of(asked, 3).person, task_of(asked, 4).kind, task_of(asked, 4).done_by) == (None, "todo", owner)
    interactions.services.set_done(task=task_of(asked), done=True, by=owner)
    again = imported(owner, rows, "tasks")
    assert set(fates(again).values()) == {"same"}
    assert task_of(again).done_at


def test_a_task_is_moved_by_its_number_elsewhere(owner, anna):
    head = [*TASK, "Number in the other program"]
    imported(owner, [head, [*todo(), "t1"]], "tasks", source="Zoho")
    asked = imported(owner, [head, [*todo("2027-04-01"), "t1"]], "tasks", source="Zoho")
    assert fates(asked) == {2: "update"}
    task = task_of(asked)
    assert (task.due_on.month, task.due_at.date(), reload(anna).next_activity_at) == (4, task.due_on, task.due_at)


def test_the_one_file_of_activities_gives_talks_and_tasks(owner, anna):
    head, cells, _found = EXPORTS["Pipedrive"]
    ahead = ["13", "Offer", "Call", "To do", "2027-03-01", "", "", "", "Anna Berg"]
    assert fates(imported(owner, [head, cells, ahead], "interactions")) == {2: "new", 3: "refused"}
    asked = imported(owner, [head, cells, ahead], "tasks")
    assert fates(asked) == {2: "new", 3: "new"}
    assert [bool(task_of(asked, number).done_at) for number in (2, 3)] == [True, False]
