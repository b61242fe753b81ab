"""The next activity in the lists of people and companies, named by its task."""

from contacts.columns import CompanyColumns, NextColumn, PersonColumns
from crm import marks
from interactions.models import Task


class NextTaskColumn(NextColumn):
    """What is planned next and when; private tasks are not told."""

    def fetch(self, rows, user):
        ids = [row.pk for row in rows if row.next_activity_at]
        if not ids or not user.access.may(Task.record_kind(), "view"):
            return {}
        whole = rows[0]._meta.model_name
        tasks = Task.objects.unscoped(because="the next of each record opened for the reader").live().open()
        first = (
            tasks.masked_for(user)
            .filter(is_private=False, **{f"{whole}__in": ids})
            .order_by(whole, "due_at", "pk")
            .distinct(whole)
        )
        return {
            getattr(task, f"{whole}_id"): task
            for task in first.only("subject", "kind", "due_on", "due_time", "due_at", whole)
        }

    def html(self, row, found):
        task = found.get(row.pk)
        return (
            marks.next_step(task.shown_due, task.subject, task.icon) if task else marks.next_step(row.next_activity_at)
        )

    def text(self, row, found):
        task = found.get(row.pk)
        return f"{task.subject}, {task.due_on.isoformat()}" if task else super().text(row, found)


for columns in (PersonColumns, CompanyColumns):
    columns.add(next_activity=NextTaskColumn.like(columns.all()["next_activity"]))
