"""The ground floor's own jobs."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts import resetting
from crm.jobs import Job, job, periodic
from crm.once import KEPT_DAYS as ANSWERS_KEPT_DAYS
from crm.once import Submission

KEPT_DAYS = 90  # finished jobs; those given up stay until somebody has seen to them


@periodic("crm.clear_expired", every=timedelta(hours=6), label=_("Clear what has expired"))
def clear_expired(run):
    """Delete sessions, cache rows and answers that are worthless, and jobs that ended long ago."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    Submission.objects.filter(created_at__lt=timezone.now() - timedelta(days=ANSWERS_KEPT_DAYS)).delete()
    long_ago = timezone.now() - timedelta(days=KEPT_DAYS)
    over = Q(state__in=[Job.State.DONE, Job.State.CANCELLED], finished_at__lt=long_ago)
    return {"cache_rows": cache.clear_expired(), "jobs": Job.objects.filter(over).delete()[0]}


@job("crm.send_mail", tries=8, seconds=60, atomic=False, label=_("Send a mail"))
def send_mail(run, *, to, subject, body):
    """Hand one short mail of ours to the mail server."""
    EmailMessage(subject, body, to=[to]).send()


@job("crm.mail_password_reset", tries=8, seconds=60, atomic=False, label=_("Send a link for a new password"))
def mail_password_reset(run, *, email):
    """Mail a link for a new password, if there is such an account; only here is it looked up."""
    resetting.mail_reset_link(email)
