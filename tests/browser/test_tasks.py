"""Tasks: on My day, ticked with one press, planned and changed in a dialog."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interactions.models import Task
from tests.browser import making


@pytest.fixture
def task():
    return making.task(making.unique("Ring about "), person=making.person(), in_days=0)


def panel(page, heading):
    return page.locator(".panel", has=page.get_by_role("heading", name=heading, exact=True))


def is_done(task):
    return Task.objects.visible_to(making.user()).get(pk=task.pk).done_at is not None


def test_what_is_due_stands_on_my_day_with_whom_it_is_about(rep, task):
    rep.goto("/")
    line = panel(rep, "Today").locator(".todo", has_text=task.subject)
    line.get_by_role("link", name=str(task.person)).click()
    expect(rep.get_by_role("heading", level=1)).to_have_text(str(task.person))


def test_a_task_is_ticked_off_and_ticked_again(rep, task):
    rep.goto("/")
    rep.get_by_role("button", name=f"Mark done: {task.subject}").click()
    again = rep.get_by_role("button", name=f"Mark open: {task.subject}")
    expect(again).to_be_visible()
    assert is_done(task)
    again.click()
    expect(rep.get_by_role("button", name=f"Mark done: {task.subject}")).to_be_visible()
    assert not is_done(task)


def test_ticking_by_keyboard_keeps_the_place(rep, task):
    rep.goto("/")
    rep.get_by_role("button", name=f"Mark done: {task.subject}").focus()
    rep.keyboard.press("Enter")
    expect(rep.get_by_role("button", name=f"Mark open: {task.subject}")).to_be_focused()


def test_a_done_task_stands_in_the_history_of_whom_it_was_about(rep, task):
    rep.goto(making.path(task.person))
    rep.get_by_role("button", name=f"Mark done: {task.subject}").click()
    expect(rep.get_by_role("button", name=f"Mark open: {task.subject}")).to_be_visible()
    rep.reload()
    entry = rep.get_by_role("region", name="History").locator(".event", has_text=task.subject)
    expect(entry).to_contain_text("Ingrid")


def test_a_task_is_changed_in_a_dialog(rep, task):
    rep.goto("/")
    rep.get_by_role("link", name=task.subject).click()
    dialog = rep.get_by_role("dialog")
    dialog.get_by_label("Day").fill(str(timezone.localdate(timezone=making.zone()) + timedelta(days=2)))
    dialog.get_by_role("button", name="Save").click()
    expect(rep.get_by_role("dialog")).to_be_hidden()
    rep.goto("/")
    expect(panel(rep, "Today").locator(".todo", has_text=task.subject)).to_have_count(0)
    expect(panel(rep, "Next").locator(".todo", has_text=task.subject)).to_be_visible()


def test_a_task_without_a_subject_is_asked_again_in_the_dialog(rep):
    rep.goto("/")
    rep.get_by_role("link", name="Plan a task").click()
    dialog = rep.get_by_role("dialog")
    dialog.get_by_label("Details").fill("Kept as typed")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#task_subject")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Details")).to_have_value("Kept as typed")


def test_a_task_goes_to_the_trash_and_comes_back(rep, task):
    rep.goto("/")
    rep.get_by_role("link", name=task.subject).click()
    rep.get_by_role("dialog").get_by_role("button", name="Put in the trash").click()
    rep.get_by_role("button", name="Undo").click()
    expect(rep.get_by_text(f"{task.subject} is back")).to_be_visible()
    rep.goto("/")
    expect(panel(rep, "Today").locator(".todo", has_text=task.subject)).to_be_visible()
