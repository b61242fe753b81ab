"""Background work as people see it: what is under way, what failed, and what they can do about it."""

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
from crm.pages import answer, moved, signed_in

PAGE = 50  # rows


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
    context = {"jobs": page[:PAGE], "older": older, "state": state, "states": Job.State.choices}
    return answer(request, "jobs/job_list.html", "rows", context)


@signed_in
@require_safe
def job_detail(request, pk):
    """One job; while it goes on the page asks again by itself."""
    job = _labelled(get_object_or_404(Job.objects.visible_to(request.user).select_related("asked_by"), pk=pk))
    told = request.user.role.key == "administrator"  # an error may quote what only some may see
    context = {
        "job": job,
        "done": number_format(job.done, force_grouping=True),
        "total": number_format(job.total or 0, force_grouping=True),
        "left": _spoken(job.left(timezone.now())),
        "error": job.error if told else "",
        "has_file": _has_file(job, request.user),
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
    return may and files.last_part(job) is not None


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
