"""What the ground floor does when something happens: users are told what concerns them."""

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import duplicates, events, jobs, mailing, notifications, receiving
from crm.access import policies, users_with_access
from crm.jobs.kinds import label_of
from crm.models import Share, User
from crm.notifications import ground  # noqa: F401  (declares the kinds)


@events.handler(
    *(f"{kind}.assigned" for kind in policies()), key="crm.tell_of_assignment", label=_("Tell the new owner")
)
def tell_of_assignment(event):
    """Tell somebody that a record is theirs now."""
    owner = User.objects.filter(pk=event.facts["owner"]).first()
    record = _record(event.kind, event.record_id)
    if owner and record is not None:
        notifications.notify(owner, "crm.assigned", record=record, by=event.by)


@events.handler(
    *(f"{kind.name}.{verb}" for kind in duplicates.kinds() for verb in ("created", "changed", "trashed", "restored")),
    key="crm.match",
    label=_("Look for duplicates"),
    safe_again=True,
)
def match(event):
    """Bring a record's suggestions up to date."""
    duplicates.match(apps.get_model(event.kind), [event.record_id], written_at=event.noted_at)


@events.handler("crm.share.made", key="crm.tell_of_share", label=_("Tell with whom a record is shared"))
def tell_of_share(event):
    """Tell those with whom a record was shared: a user, or everybody of a team and the teams below it."""
    share = Share.objects.filter(pk=event.record_id).select_related("user", "team").first()
    record = share and _record(share.kind, share.record_id)
    if record is None:
        return
    whom = Q(pk=share.user_id) if share.user_id else Q(team__path__contains=[share.team_id])
    told = users_with_access().filter(whom, is_active=True)
    users = [user for user in told if user.access.may(share.kind, "view")]
    notifications.notify_all(users, "crm.shared", record=record, by=event.by)


@jobs.when_over
def tell_of_job(job, state):
    """Tell whoever asked for work that it is over."""
    if job.asked_by:
        page = reverse("job", args=[job.pk])
        label = str(label_of(job.kind))
        once = f"{job.pk} {state}"  # one that was given up may be done yet
        notifications.notify(job.asked_by, "crm.job_over", once=once, state=str(state), label=label, url=page)


@receiving.bounce_handler("crm.mailing")
def tell_the_outbox(message_id, *, hard, reason):
    """Note at a mail of ours that it came back."""
    return mailing.bounced(message_id, hard=hard, reason=reason) is not None


def _record(kind, pk):
    rows = apps.get_model(kind).objects.unscoped(because="whom it is told fetches it through the door").live()
    return rows.filter(pk=pk).first()
