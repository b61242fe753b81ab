"""Background work as people see it: what is under way, what failed, and what they can do about it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import jobs, parsing
from crm.access import taking
from crm.jobs import files
from crm.jobs.kinds import label_of
from crm.jobs.rows import Job
from crm.listing import counting
from crm.pages import answer, moved, signed_in
from crm.policies import ADMINISTRATION
from crm.undo import told

PAGE = 50  # rows
MOST_SAID = 999


@signed_in
@require_safe
def job_list(request):
    """The jobs one may see, the newest first; `before` is the id after which the page goes on."""
    before = parsing.identifier(request.GET.get("before"), default=None)
    state = parsing.choice(request.GET.get("state"), Job.State.values, default="")
    rows = Job.objects.visible_to(request.user).select_related("asked_by").order_by("-id")
    if before:
        rows = rows.filter(id__lt=before)
    if state:
        rows = rows.filter(state=state)
    page = [_labelled(job) for job in rows[: PAGE + 1]]
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    context = {"jobs": page[:PAGE], "older": older, "state": state, **_tabs(request, state)}
    return answer(request, "jobs/job_list.html", "rows", context)


def _tabs(request, current):
    """Return the tabs over the list: its states, and what was given up with how much of it there is."""
    number = _number(Job.objects.visible_to(request.user).given_up())
    states = [("", _("All")), *((key, label) for key, label in Job.State.choices if key != Job.State.DEAD)]
    tabs = [
        {"label": label, "url": f"{reverse('jobs')}{f'?state={key}' if key else ''}", "current": key == current}
        for key, label in states
    ]
    said = number if number.number else None
    url = reverse("jobs_given_up")
    tabs.append({"label": Job.State.DEAD.label, "url": url, "current": current == "given_up", "count": said})
    return {"tabs": tabs, "given_up": said}


@signed_in
@require_safe
def given_up(request):
    """Jobs that failed for good and wait for somebody to look at them: the newest, by kind."""
    rows = Job.objects.visible_to(request.user).given_up().select_related("asked_by")
    kinds: dict[str, list] = {}
    for job in rows.order_by("-id")[:PAGE]:
        kinds.setdefault(job.kind, []).append(job)
    groups = [
        {"kind": kind, "label": label_of(kind), "jobs": jobs, "number": _number(rows.filter(kind=kind))}
        for kind, jobs in kinds.items()
    ]
    context = {"groups": groups, "tells_error": _tells_error(request.user), **_tabs(request, "given_up")}
    return answer(request, "jobs/given_up.html", "rows", context)


def _number(rows):
    return counting.bounded([rows], MOST_SAID)


@signed_in
@require_POST
def retry_all(request):
    """Let all jobs of a kind that were given up start afresh."""
    number = jobs.retry_all(_given_up_of_kind(request))
    messages.success(request, ngettext("%d is tried again.", "%d are tried again.", number) % number)
    return moved(request, reverse("jobs_given_up"))


@signed_in
@require_POST
def setting_all_aside(request):
    """Note that somebody has seen all jobs of a kind that were given up."""
    number = jobs.set_aside(_given_up_of_kind(request))
    messages.success(request, ngettext("%d set aside.", "%d set aside.", number) % number)
    return moved(request, reverse("jobs_given_up"))


def _given_up_of_kind(request):
    kind = parsing.words(request.POST.get("kind"), longest=100)
    return Job.objects.visible_to(request.user).given_up().filter(kind=kind)


@signed_in
@require_POST
def setting_aside(request, pk):
    """Note that somebody has seen that this job was given up."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    jobs.set_aside(Job.objects.filter(pk=job.pk))
    return moved(request, reverse("jobs_given_up"))


def _tells_error(user):
    return user.access.may(ADMINISTRATION, "view")  # an error may quote what only some may see


@signed_in
@require_safe
def job_detail(request, pk):
    """One job; while it goes on the page asks again by itself."""
    job = _labelled(get_object_or_404(Job.objects.visible_to(request.user).select_related("asked_by"), pk=pk))
    context = {
        "job": job,
        "done": number_format(job.done, force_grouping=True),
        "total": number_format(job.total or 0, force_grouping=True),
        "left": _spoken(job.left(timezone.now())),
        "error": job.error if _tells_error(request.user) else "",
        "has_file": _has_file(job, request.user),
        "act": told.of_job(job, request.user),
    }
    return answer(request, "jobs/job_detail.html", "state", context)


@signed_in
@require_safe
def job_file(request, pk):
    """The file a job made: for whoever asked, as long as they may still take such records away."""
    job = get_object_or_404(Job.objects.filter(asked_by=request.user, state=Job.State.DONE), pk=pk)
    if not _has_file(job, request.user):
        raise Http404
    return files.file_response(job)


@signed_in
@require_POST
def retry(request, pk):
    """Let a job that was given up or cancelled start afresh."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    jobs.retry(job)
    return moved(request, _page_of(job))


@signed_in
@require_POST
def cancellation(request, pk):
    """Stop a job that waits, or ask one that runs to stop."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    jobs.cancel(job)
    return moved(request, _page_of(job))


def _has_file(job, user):
    result = job.result or {}
    may = job.asked_by_id == user.pk and "file" in result and user.access.may(result["kind"], taking(result["kind"]))
    return may and job.parts.exists()


def _spoken(left):
    """Return a stretch of time in words, "about 3 minutes"; "" for None."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    return ngettext("about %d minute", "about %d minutes", minutes) % minutes if minutes else _("less than a minute")


def _labelled(job):
    job.label = label_of(job.kind)
    return job


def _page_of(job):
    return reverse("job", args=[job.pk])
