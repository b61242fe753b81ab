"""Background work as people see it: what is under way, what failed, and what they can do about it."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crm import jobs, parsing
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
    return answer(request, "jobs/job_detail.html", "state", {"job": job, "error": job.error if told else ""})


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


def _labelled(job):
    job.label = label_of(job.kind)
    return job


def _page_of(job):
    return reverse("job", args=[job.pk])
