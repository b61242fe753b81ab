"""What can be asked of talks and tasks, and of people and companies by them."""

from django.db.models import F, OuterRef
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import conditions
from crm.conditions import Boolean, Choice, Day, Field, Moment, Number, Relation, Text
from crm.conditions import Person as Colleague
from interactions.models import Interaction, Participation, Task

TALK, TASK = Interaction.record_kind(), Task.record_kind()
Kind = Interaction.Kind

conditions.register(
    TALK,
    Field(f"{TALK}.kind", _("kind"), Choice(Kind.choices)),
    Field(f"{TALK}.direction", _("direction"), Choice(Interaction.Direction.choices[1:], optional=True), nothing=""),
    Field(f"{TALK}.outcome", _("outcome"), Choice(Interaction.Outcome.choices[1:], optional=True), nothing=""),
    Field(f"{TALK}.at", _("day"), Moment()),
    Field(f"{TALK}.duration_minutes", _("minutes"), Number()),
    Field(f"{TALK}.subject", _("subject"), Text()),
    Field(f"{TALK}.body", _("what was said"), Text()),
    Field(f"{TALK}.owner", _("author"), Colleague()),
)
conditions.register(
    TASK,
    Field(f"{TASK}.kind", _("kind"), Choice(Task.Kind.choices)),
    Field(f"{TASK}.subject", _("subject"), Text()),
    Field(f"{TASK}.due_on", _("due"), Day()),
    Field(
        f"{TASK}.is_open",
        _("task"),
        Boolean(_("is open"), _("is done")),
        IsNull(F("done_at"), True),
        tells=("done_at",),
    ),
    Field(f"{TASK}.done_at", _("done"), Moment()),
    Field(f"{TASK}.owner", _("owner"), Colleague()),
)


def _talks(whole, kind=None):
    def rows(asker):
        return Participation.objects.of_each(whole, asker.user, OuterRef("pk"))

    def records(asker):
        shown = Interaction.objects.shown_to(asker.user)
        return shown.filter(kind=kind) if kind else shown

    return {"to": TALK, "rows": rows, "records": records, "through": "interaction", "date": "at"}


def _tasks(whole, *, done):
    """Return open tasks, or done ones by the day they were done: each has an index of its own."""

    def rows(asker):
        return Task.objects.of_each(whole, asker.user, OuterRef("pk")).filter(done_at__isnull=not done)

    return {"to": TASK, "rows": rows, "date": "done_at" if done else ""}


for model in (Person, Company):
    kind, whole = model.record_kind(), model._meta.model_name
    conditions.relate(
        kind,
        Relation(f"{kind}.talks", _("talks"), one=_("talk"), many=_("talks"), **_talks(whole)),
        Relation(f"{kind}.calls", _("calls"), one=_("call"), many=_("calls"), **_talks(whole, Kind.CALL)),
        Relation(f"{kind}.mails", _("mails"), one=_("mail"), many=_("mails"), **_talks(whole, Kind.EMAIL)),
        Relation(
            f"{kind}.meetings", _("meetings"), one=_("meeting"), many=_("meetings"), **_talks(whole, Kind.MEETING)
        ),
        Relation(
            f"{kind}.open_tasks", _("open tasks"), one=_("open task"), many=_("open tasks"), **_tasks(whole, done=False)
        ),
        Relation(
            f"{kind}.done_tasks", _("done tasks"), one=_("done task"), many=_("done tasks"), **_tasks(whole, done=True)
        ),
    )
