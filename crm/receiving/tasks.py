"""The jobs of mail that comes in."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import jobs
from crm.jobs import job, periodic
from crm.receiving import polling, taking, working

MOST = 200


@job(taking.READ, tries=working.MOST_TRIES, seconds=120, atomic=False, label=_("Read a mail that came in"))
def read_mail(run, *, delivery):
    """Read one mail and let the handlers have it, for one place it was delivered to."""
    return {"state": working.work(delivery)}


@periodic("crm.find_waiting_mail", every=timedelta(minutes=15), label=_("Find mail that waits for too long"))
def find_waiting_mail(run):
    """Ask again for mails that wait though their job was given up: after a few more tries they are set aside."""
    waiting = list(working.too_long_waiting().values_list("pk", flat=True)[:MOST])
    for pk in waiting:
        jobs.enqueue(taking.READ, delivery=pk)
    return {"asked": len(waiting)}


@periodic("crm.fetch_mailboxes", every=polling.EVERY, label=_("See which mailboxes are to be fetched"))
def fetch_mailboxes(run):
    """Ask for each mailbox that is due to be fetched, once a minute."""
    now = timezone.now()
    due = list(polling.due(now).values_list("pk", flat=True))
    for pk in due:
        jobs.enqueue("crm.fetch_mailbox", key=f"fetch:{pk}@{now:%Y-%m-%dT%H:%M}", mailbox=pk)
    return {"asked": len(due)}


@job("crm.fetch_mailbox", tries=2, seconds=polling.JOB_SECONDS, lease=120, atomic=False, label=_("Fetch a mailbox"))
def fetch_mailbox(run, *, mailbox):
    """Fetch what is new in one mailbox."""
    return {"fetched": polling.fetch(mailbox, on_progress=run.progress)}
