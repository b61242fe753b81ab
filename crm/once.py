"""A form sent twice acts once: double presses, impatient reloads, an answer lost on its way."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.http import HttpResponse
from django.utils import timezone

KEY = "once"
IGNORED = ("csrfmiddlewaretoken",)
KEPT_HEADERS = ("Content-Type", "Location", "HX-Redirect")
KEPT_DAYS = 1


class Submission(models.Model):
    """A form that was sent and carried out: its fingerprint and its answer, written in one transaction with the act."""

    fingerprint = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    status = models.PositiveSmallIntegerField(default=200)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="submission_age_idx")]

    def __str__(self):
        return str(self.fingerprint)

    def answer(self):
        """Return the answer the first sending got."""
        return HttpResponse(self.body, status=self.status, headers=self.headers)

    def keep(self, response):
        self.status, self.body = response.status_code, response.content.decode()
        self.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        self.save(update_fields=["status", "headers", "body"])


class Once:
    """Mixin of views that create: a POST that carries a key acts once, and every further one gets its answer.

    Two at the same moment: the second waits for the first. What was refused (4xx) is not kept; the same key with other
    content, as after the back button, is another submission.
    """

    def dispatch(self, request, *args, **kwargs):
        if request.method != "POST" or not request.POST.get(KEY):
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            submission = Submission(fingerprint=fingerprint(request), user=request.user)
            if not _is_first(submission):
                return Submission.objects.get(pk=submission.pk).answer()
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                submission.keep(response)
            return response


def _is_first(submission):
    try:
        with transaction.atomic():
            submission.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def fingerprint(request):
    """Return what tells a submission from every other: who sent what where, with which key."""
    said = [(name, *values) for name, values in sorted(request.POST.lists()) if name not in IGNORED]
    return UUID(bytes=sha256(repr((request.user.pk, request.path, said)).encode()).digest()[:16])
