"""The ground floor's own jobs."""

from contextlib import suppress
from datetime import timedelta
from time import monotonic

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import duplicates, handover, history, jobs, sharing, undo
from crm.accounts import resetting
from crm.events import delivering
from crm.events.noting import DELIVERY
from crm.importing import checking
from crm.importing import running as importing
from crm.jobs import Job, files, job, periodic
from crm.listing import asked, bulk, counting, export
from crm.listing.paging import Cursor
from crm.mailing import reconciling, sending, working
from crm.models import Import, User
from crm.notifications import mailed
from crm.notifications.rows import Notification
from crm.once import KEPT_DAYS as ANSWERS_KEPT_DAYS
from crm.once import Submission
from crm.policies import ADMINISTRATION
from crm.receiving import tasks as receiving_tasks  # noqa: F401  (declares its jobs)
from crm.saved_views import SavedView
from crm.undo import pruning

FIRST = "first"  # where a file goes on that has its head only
PART_ROWS = 5000
STEP_ROWS = 200
MAILS_NOTED_SECONDS = 1
MOST_COUNTED = 2_000_000
FILES_KEPT_DAYS = 7
EVENTS_KEPT_DAYS = 180
MOST_HELPERS = 7  # beside the one that leads a full run
KEPT_DAYS = 90  # finished jobs; those given up stay until somebody has seen to them


@periodic("crm.clear_expired", every=timedelta(hours=6), label=_("Clear what has expired"))
def clear_expired(run):
    """Delete sessions, cache rows and answers that are worthless, and jobs that ended long ago."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    Submission.objects.filter(created_at__lt=timezone.now() - timedelta(days=ANSWERS_KEPT_DAYS)).delete()
    files.JobFilePart.objects.filter(job__finished_at__lt=timezone.now() - timedelta(days=FILES_KEPT_DAYS)).delete()
    long_ago = timezone.now() - timedelta(days=KEPT_DAYS)
    Notification.objects.filter(at__lt=long_ago).delete()
    over = Q(state__in=[Job.State.DONE, Job.State.CANCELLED], finished_at__lt=long_ago)
    for kind in jobs.short_lived():
        over |= Q(kind=kind.name, state=Job.State.DONE, finished_at__lt=timezone.now() - timedelta(days=kind.kept_days))
    over |= Q(state=Job.State.DEAD, set_aside_at__lt=long_ago)
    SavedView.clear_removed()
    Import.objects.over().delete()
    return {"cache_rows": cache.clear_expired(), "jobs": Job.objects.filter(over).delete()[0]}


@periodic("crm.find_duplicates", every=timedelta(days=1), atomic=False, label=_("Look for duplicates"), seconds=3600)
def find_duplicates(run):
    """Find all duplicates of every kind; what the increments of the day found is brought in line."""

    def call(match_run, parts):
        for _helper in range(min(parts - 1, MOST_HELPERS)):
            jobs.enqueue("crm.help_to_match", match_run=match_run)

    found = {kind: duplicates.match_all(kind.model, call=call, beat=run.progress) for kind in duplicates.kinds()}
    return {kind.name: {"suggestions": one.suggestions, "left_out": _left_out(one)} for kind, one in found.items()}


@periodic("crm.mend_match_keys", every=timedelta(minutes=5), kept_days=1, label=_("See that duplicates can be found"))
def mend_match_keys(run):
    """Have all compared soon where the keys are gone with a crash of the database, or are of an older version."""
    kinds = duplicates.without_keys()
    if kinds:
        jobs.ensure("crm.find_duplicates")
    return {"without": [kind.name for kind in kinds]}


def _left_out(looked):
    """Return [kind of key, blocks, records] of what is shared by too many to tell anybody apart."""
    return [[one.key, one.blocks, one.records] for one in looked.large]


@job("crm.help_to_match", atomic=False, tries=2, seconds=1800, kept_days=1, label=_("Help to look for duplicates"))
def help_to_match(run, *, match_run):
    """Do parts of a full run of matching, beside whoever leads it."""
    return {"parts": duplicates.help_with(match_run)}


@periodic("crm.end_lapsed_shares", every=timedelta(minutes=10), label=_("End shares that are over"))
def end_lapsed_shares(run):
    """Take the marks of shares that are over out of their records; nobody was let in by them any more."""
    return {"ended": sharing.end_lapsed()}


@periodic(DELIVERY, every=timedelta(minutes=1), atomic=False, kept_days=1, label=_("Tell what happened"))
def deliver_events(run):
    """Tell each listener what has happened since it last heard. Events wake it; what is held has its turn then, too."""
    return {"told": delivering.deliver()}


@periodic("crm.mail_notifications", every=timedelta(minutes=1), atomic=False, kept_days=1, label=_("Mail what is told"))
def mail_notifications(run):
    """Write the mails of notifications that are due: at once, after quiet hours, or the day's digest."""
    return {"mails": mailed.mail_due()}


@periodic("crm.clear_events", every=timedelta(hours=24), atomic=False, label=_("Clear old events"))
def clear_events(run):
    """Delete events that everybody has heard long ago."""
    return {"cleared": delivering.clear(older_than=timezone.now() - timedelta(days=EVENTS_KEPT_DAYS))}


@job("crm.export_list", tries=3, seconds=3600, lease=300, atomic=False, told=True, label=_("Export a list"))
def export_list(run, *, kind, query, form):
    """Make the file of a list too long to wait for, with the rights its asker has when it is made."""
    asker = _asker(run)
    listing = asked.listing(kind, query, asker, "export")
    found = listing.found_for("export")
    run.progress(total=found.bounded(MOST_COUNTED).number)
    (_csv_parts if form == "csv" else _xlsx_parts)(run, listing, found)
    return {"file": export.file_name(listing, form), "type": export.TYPES[form], "kind": kind}


@job("crm.change_many", tries=3, seconds=3600, lease=300, atomic=False, told=True, label=_("Change many records"))
def change_many(run, *, kind, query, change, value):
    """Do one change to all records of a list that its asker may change; those the gate refuses are left and listed.

    A worker that takes over begins anew: what is changed already does not change again.
    """
    asker = _asker(run)
    wanted = bulk.changes_for(asker, kind).get(change)
    if wanted is None:
        raise jobs.Hopeless("Whoever asked for it may not do this any more.")
    listing = asked.listing(kind, query, asker, wanted.action)
    form = bulk.ChangeForm({"value": value}, change=wanted, user=asker, model=listing.model)
    if not form.is_valid():
        raise jobs.Hopeless(form.errors.as_text())
    run.progress(0, total=counting.bounded([bulk.opened(listing, wanted)], MOST_COUNTED).number)
    changed, left, last, act = 0, [], 0, undo.begun_by(run.job)
    while True:
        with run.step(0), wanted.recording(change, form, listing.model, asker, act=act, job=run.job) as act:
            records = list(bulk.locked(bulk.opened(listing, wanted).filter(pk__gt=last))[:STEP_ROWS])
            counts = bulk.applied(wanted, records, form.value, asker)
            run.done += len(records)
        changed, left = changed + counts[0], left + [(str(record), why) for record, why in counts[1]]
        if len(records) < STEP_ROWS:
            break
        last = records[-1].pk
    undo.finish(act)
    return {"changed": changed, **_left_file(run, kind, left)}


def _left_file(run, kind, left):
    """Keep what was left, and why, as the job's file."""
    if not left:
        return {}
    with run.step(0):
        run.job.parts.all().delete()
        files.add_part(run.job, ("\ufeff" + export.csv_text([("Record", "Reason"), *left])).encode())
    return {"left": len(left), "file": f"left-{run.job.pk}.csv", "type": export.TYPES["csv"], "kind": kind}


def _asker(run):
    if not (run.job.asked_by and run.job.asked_by.is_active):
        raise jobs.Hopeless("Whoever asked for it is gone.")
    return run.job.asked_by


def _csv_parts(run, listing, found):
    """Write the file a part a step, from where a former try has come to."""
    last = files.last_part(run.job)
    if last is None:
        with run.step(0):
            files.add_part(run.job, export.csv_head(listing).encode(), FIRST)
    elif not last.onward:
        return
    cursor = Cursor.parse(last.onward.removeprefix(FIRST)) if last else None
    for chunk in export.chunks(listing, found, cursor, PART_ROWS):
        with run.step(len(chunk.rows)):
            files.add_part(run.job, export.csv_text(chunk.rows).encode(), str(chunk.next or ""))


def _xlsx_parts(run, listing, found):
    """Write the whole file, then put it away: Excel's form cannot be taken up in the middle."""

    def rows():
        for done, chunk in enumerate(export.chunks(listing, found, size=PART_ROWS), 1):
            run.progress(done * PART_ROWS)
            yield from chunk.rows

    with export.xlsx_file(listing, rows()) as file, run.step(0):
        run.job.parts.all().delete()
        for content in iter(lambda: file.read(export.READ), b""):
            files.add_part(run.job, content)


@job("crm.undo_many", tries=5, seconds=3600, lease=300, atomic=False, told=True, label=_("Undo"))
def undo_many(run, *, act):
    """Undo a long act in steps, with the rights its asker has; a worker that takes over goes on with what is left."""
    asker, undone = _asker(run), undo.Act.objects.filter(pk=act).first()
    if undone is None:
        raise jobs.Hopeless("It is too long ago.")
    run.progress(total=undone.rows)
    count: int | None = None
    while count != 0:
        with run.step(0):
            count = undo.step(undone, by=asker, job=run.job)
            run.done += count


@job("crm.check_import", tries=3, seconds=3600, lease=300, atomic=False, label=_("Check an import"))
def check_import(run, *, asked):
    """Tell the fate of every row of a file, before anything is written."""
    found = _import(run, asked)
    if found.is_begun or found.checking_job_id != run.job.pk:
        return  # the file was mapped otherwise meanwhile
    run.progress(0, total=found.total)
    with suppress(checking.Overtaken):
        checking.check(found, progress=lambda rows: run.progress(run.done + rows))


@job("crm.import_rows", tries=5, seconds=3600, lease=300, atomic=False, told=True, label=_("Import"))
def import_rows(run, *, asked):
    """Write the rows of a file in steps, with the rights its asker has; a worker that takes over goes on."""
    return importing.run_all(run, _import(run, asked))


def _import(run, pk):
    asker = _asker(run)
    found = Import.objects.of(asker).filter(pk=pk).first()
    if found is None:
        raise jobs.Hopeless("The file is gone.")
    found.user = asker
    return found


@periodic("crm.forget_acts", every=timedelta(hours=6), label=_("Forget what can be undone no more"))
def forget_acts(run):
    """Delete the journal of acts that are older than they are kept, in short transactions."""
    return {"acts": pruning.forget()}


@job("crm.hand_over", tries=5, seconds=3600, lease=300, atomic=False, told=True, label=_("Hand over records"))
def hand_over(run, *, giver, taker, kinds):
    """Give what somebody owns of these kinds to somebody else. What has moved is found no more: nothing moves twice."""
    asker, giver, taker = _administrator(run), User.objects.get(pk=giver), User.objects.get(pk=taker)
    if not taker.is_active:
        raise jobs.Hopeless("Whoever was to get them can sign in no more.")
    known = handover.models()
    sets = [rows for kind in kinds if kind in known for rows in handover.going(known[kind], giver)]
    return _moved(run, sets, taker, asker, handover.reason(giver, taker))


@job(
    "crm.follow_team",
    tries=5,
    seconds=3600,
    lease=300,
    atomic=False,
    told=True,
    label=_("Move to another team"),
)
def follow_team(run, *, user):
    """Let everything somebody owns count for the team they are in now."""
    asker, owner = _administrator(run), User.objects.get(pk=user)
    sets = [rows for model in handover.models().values() for rows in handover.strays(model, owner)]
    return _moved(run, sets, owner, asker, handover.team_reason(owner))


def _moved(run, sets, owner, asker, reason):
    """Work the sets off, a step a transaction; a worker that takes over goes on with what is left."""
    left = sum(counting.bounded([rows], MOST_COUNTED).number for rows in sets)
    run.progress(total=run.done + left)
    for rows in sets:
        moved: int | None = 0
        while moved is not None:
            with history.acting(asker, reason=reason), run.step(0):
                moved = handover.move(rows, owner=owner)
                run.done += moved or 0
    return {"changed": run.done}


def _administrator(run):
    """Return who asked, if they still may. Raises Hopeless."""
    asker = _asker(run)
    if not asker.access.may(ADMINISTRATION, "view"):
        raise jobs.Hopeless("Whoever asked for it may not any more.")
    return asker


@job("crm.mail_password_reset", tries=8, seconds=60, label=_("Send a link for a new password"))
def mail_password_reset(run, *, email):
    """Mail a link for a new password, if there is such an account; only here is it looked up."""
    resetting.mail_reset_link(email)


@periodic(sending.JOB, every=timedelta(minutes=5), seconds=300, lease=120, atomic=False, label=_("Send mails"))
def send_mails(run):
    """Send what waits in the outbox. Woken with each mail; the period finds those nobody was woken for."""
    noted, counted = 0.0, 0

    def note():
        nonlocal noted, counted
        counted += 1
        if monotonic() - noted > MAILS_NOTED_SECONDS:
            with run.step(counted):  # it gets on: a worker that is lost costs it no try
                noted, counted = monotonic(), 0

    number, onward = working.work(note=note)
    sending.go_on(onward)
    return {"mails": number}


@periodic(
    "crm.reconcile_mail", every=timedelta(minutes=10), seconds=300, atomic=False, label=_("Look for mails in doubt")
)
def reconcile_mail(run):
    """Look for mails in doubt where it can be known whether they were sent."""
    return reconciling.reconcile()
