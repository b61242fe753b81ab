"""The file a job made, kept in the database in parts: written step by step, read by any web process, gone with it."""

from __future__ import annotations

from django.db import models
from django.http import StreamingHttpResponse

from crm.jobs.rows import Job


class JobFilePart(models.Model):
    """A stretch of a job's file. `onward`: where the job goes on after it, for a worker that takes over."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    onward = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="job_file_part_unique")]

    def __str__(self):
        return f"{self.job_id}/{self.number}"


def add_part(job, content, onward=""):
    """Put bytes at the end of a job's file; within `run.step()` they are there once, whatever happens."""
    JobFilePart.objects.create(job=job, number=job.parts.count(), content=content, onward=onward)


def last_part(job):
    """Return the part the file ends with so far, without its bytes; None of a file not begun."""
    return job.parts.order_by("-number").defer("content").first()


def parts(job):
    """Yield the bytes of a job's file, a part at a time."""
    for number in range(job.parts.count()):
        yield bytes(job.parts.values_list("content", flat=True).get(number=number))


def file_response(job):
    """Return the file of a job that is done. Its result says `file` (a name) and `type`."""
    headers = {
        "Content-Disposition": f'attachment; filename="{job.result["file"]}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(parts(job), content_type=job.result["type"], headers=headers)
