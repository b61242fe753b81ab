"""My day, logging talks, planning tasks."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from contacts.models import Company, Person
from crm import dates, merging, navigation, panels, timeline
from crm.once import Once
from crm.pages import answer, moved, signed_in
from crm.record_views import CreateView, EditView, RecordView, RestoreView, TrashView
from interactions import my_day as days
from interactions import services
from interactions.forms import InteractionForm, QuickLogForm, TaskForm
from interactions.models import Interaction, Participation, Task


@signed_in
@require_safe
def my_day(request):
    """What is due and late, what comes next, and whom one has not talked to for long; without it, the first section."""
    if not request.user.access.is_on("interactions"):
        return redirect(navigation.home(request.user))
    return render(request, "interactions/my_day.html", day_context(request.user))


def day_context(user):
    """Return what My day shows, in words."""
    day = days.of(user)
    today = date_format(timezone.localdate(), "l j F")
    said = [
        ngettext("%d call", "%d calls", day.calls) % day.calls,
        ngettext("%d thing late", "%d things late", day.late) % day.late,
    ]
    return {
        "day": day,
        "greeting": greeting(user),
        "subtitle": f"{today}. {', '.join(said)}.",
        "due_note": ngettext("%d call in all", "%d calls in all", day.calls) % day.calls,
        "late_tone": "bad" if day.late else "",
        "late_note": _("oldest first below") if day.late else _("nothing waits"),
        "talks_note": _("%d the week before") % day.last_week,
        "quiet_rows": [quiet_row(person) for person in day.quiet or ()],
        "talk_rows": day.talks,
    }


def greeting(user):
    """Return "Good morning, Ingrid" by the clock of the user's zone."""
    hour = timezone.localtime().hour
    words = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    return f"{words}, {user.given_name or user}"


def quiet_row(person):
    days_quiet = dates.days_late(person.last_contacted_at)
    note = ngettext("%d day quiet", "%d days quiet", days_quiet) % days_quiet
    return {
        "url": person.get_absolute_url(),
        "title": str(person),
        "detail": person.job_title,
        "figure": person.get_stage_display(),
        "note": note,
        "tone": "warn",
    }


class InteractionCreateView(CreateView):
    """Log a call, a mail, a meeting or a note, from any page."""

    model, template, kind = Interaction, "interactions/interaction_form.html", Interaction.Kind.CALL

    def form(self, data=None):
        initial = {name: self.request.GET.get(name, "") for name in ("person", "company")}
        return InteractionForm(data, kind=self.kind, user=self.user, initial=initial)

    def post(self, request, **_kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.shown(form, status=422)
        people = [form.cleaned_data["person"]] if form.cleaned_data.get("person") else []
        companies = [form.cleaned_data["company"]] if form.cleaned_data.get("company") else []
        services.log(
            interaction=form.save(commit=False),
            people=people,
            companies=companies,
            next_step=form.next_step(),
            by=request.user,
        )
        whom = (people or companies)[0]
        messages.success(
            request, _("%(kind)s with %(whom)s logged.") % {"kind": form.instance.get_kind_display(), "whom": whom}
        )
        return moved(request, whom)

    def context(self, form):
        kinds = [(kind, reverse(f"interactions:{kind}_create")) for kind in Interaction.Kind]
        return {**super().context(form), "kind": self.kind, "kinds": kinds}


class QuickLogView(Once, RecordView):
    """The bar over a record's history: logs, then shows the history with it on top."""

    action = "create"
    model = Interaction
    http_method_names = ("post", "options")
    whole = Person

    def post(self, request, pk):
        seen = self.whole.objects.visible_to(request.user)
        record = seen.filter(pk=pk).first()
        if record is None:  # what was said to a merged record counts for the one it is by now
            record = get_object_or_404(seen, pk=merging.living(self.whole, pk))
        form = QuickLogForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.history(record, status=422, quicklog=form)
        people, companies = ([record], []) if self.whole is Person else ([], [record])
        services.log(
            interaction=form.save(commit=False),
            people=people,
            companies=companies,
            next_step=form.next_step(),
            by=request.user,
        )
        return self.history(record) if request.htmx else redirect(record)

    def history(self, record, status=200, quicklog=None):
        """Answer with the history of the record; a form with errors takes the bar's place."""
        self.request.quicklog = quicklog
        context = {
            "record": record,
            "panels": panels.of(record, self.request),
            "timeline": timeline.of(record, self.user),
        }
        return answer(self.request, "record_history.html", "history", context, status=status)


class InteractionEditView(EditView):
    model, template = Interaction, "interactions/interaction_form.html"

    def form(self, data=None):
        return InteractionForm(data, kind=self.record.kind, user=self.user, instance=self.record)

    def post(self, request, **_kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.shown(form, status=422)
        services.amend(interaction=form.save(commit=False), by=request.user)
        messages.success(request, _("Saved."))
        return moved(request, whole_url(self.record, request.user))

    def context(self, form):
        return {**super().context(form), "kind": Interaction.Kind(self.record.kind)}


def whole_url(interaction, user):
    """Return the page of somebody the user sees who took part, else My day."""
    for person_id, company_id in Participation.objects.of(interaction).values_list("person", "company"):
        model, pk = (Person, person_id) if person_id else (Company, company_id)
        record = model.objects.visible_to(user).filter(pk=pk).first()
        if record:
            return record.get_absolute_url()
    return reverse("interactions:my_day")


class InteractionTrashView(TrashView):
    model = Interaction

    def trash(self, record):
        self.list_url = whole_url(record, self.user)
        services.trash_interaction(interaction=record, by=self.user)


class InteractionRestoreView(RestoreView):
    model = Interaction

    def restore(self, record):
        services.restore_interaction(interaction=record, by=self.user)

    def after(self, record):
        return whole_url(record, self.user)


class TaskFormMixin:
    model, form_class, template = Task, TaskForm, "interactions/task_form.html"

    def post(self, request, **_kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.shown(form, status=422)
        task = services.save_task(task=form.save(commit=False), by=request.user)
        messages.success(request, _("Planned: %(task)s.") % {"task": task})
        return moved(request, task_url(task, request.user))


class TaskCreateView(TaskFormMixin, CreateView):
    def initial(self):
        return {name: self.request.GET.get(name, "") for name in ("person", "company")}


class TaskEditView(TaskFormMixin, EditView):
    pass


def task_url(task, user):
    """Return the page of whom the task is about, if the user sees them, else My day."""
    for model, pk in ((Person, task.person_id), (Company, task.company_id)):
        record = model.objects.visible_to(user).filter(pk=pk).first() if pk else None
        if record:
            return record.get_absolute_url()
    return reverse("interactions:my_day")


class TaskDoneView(RecordView):
    """POST marks a task done (or, at the other address, open again) and shows it so."""

    action = "edit"
    model = Task
    http_method_names = ("post", "options")
    done = True

    def post(self, request, pk):
        task = self.fetched(Task.objects.editable_by(request.user))
        task = services.set_done(task=task, done=self.done, by=request.user)
        if not request.htmx:
            return redirect(task_url(task, request.user))
        days.name_subjects([task], request.user)
        return render(request, "interactions/_todo.html", {"task": task})


class TaskTrashView(TrashView):
    model = Task

    def trash(self, record):
        self.list_url = task_url(record, self.user)
        services.trash_task(task=record, by=self.user)


class TaskRestoreView(RestoreView):
    model = Task

    def restore(self, record):
        services.restore_task(task=record, by=self.user)

    def after(self, record):
        return task_url(record, self.user)
