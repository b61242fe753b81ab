"""Records for a test to work on, each with a name that no other of the run has or resembles."""

from datetime import timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm import events, history, mailing, notifications, receiving
from crm.importing import files, running
from crm.importing.kinds import of_slug
from crm.jobs import Job, work_off
from crm.mailing import MailTemplate, OutgoingMail
from crm.models import Mailbox, User
from crm.receiving import working
from tests.factories import contacts, interactions

_numbers = count(1)
_SPREAD = 0x9E37  # odd, so that no word comes twice; 2^16 / golden ratio
_SYLLABLES = [a + b for a in "bdflmprs" for b in "ao"]


def unique(beginning=""):
    """Return a word that is spelt unlike every other of the run: "Strandlomapado"."""
    spread = next(_numbers) * _SPREAD % 0x10000
    return beginning + "".join(_SYLLABLES[int(digit, 16)] for digit in f"{spread:04x}")


def user(sign_in="rep"):
    return User.objects.get(email=f"{sign_in}@demo.example")


def person(given_name="Oda", family_name=None, *, owner="rep", **fields):
    """Write a person held by a demo user."""
    with history.acting(user(owner), reason="test"):
        family_name = family_name or unique().capitalize()  # nobody is taken for another
        names = {"given_name": given_name, "family_name": family_name}
        return contacts.person(user(owner), **names, **fields)


def company(name=None, *, owner="rep", **fields):
    """Write a company in Tromsø, held by a demo user."""
    address = {"street": "Storgata 5", "postcode": "9008", "city": "Tromsø", "country": "NO"}
    with history.acting(user(owner), reason="test"):
        return contacts.company(user(owner), name=name or unique("Havn"), addresses=[address], **fields)


def task(subject, *, owner="rep", **fields):
    """Write a task of a demo user, due tomorrow unless said otherwise."""
    with history.acting(user(owner), reason="test"):
        return interactions.task(user(owner), subject=subject, **fields)


def brought(*, owner="rep", run=False):
    """Bring a file of a demo user's with a cell to mend and one put right, and have it checked; `run` it, too."""
    name = unique("Berg")
    table = (
        f"First name;Last name;Mail;Phone\nAda;{name};ada@{name}.example;412 07 733\n"
        f"Bo;{name};bo@{name};\nCleo;{name.upper()};cleo@{name}.example;+47 22 55 01 44\n"
    )
    asked = files.bring(
        importable=of_slug("people"), name="people.csv", pieces=[table.encode()], by=user(owner), country="NO"
    )
    asked = running.ask_to_check(asked)
    if run:
        running.ask_to_run(asked)
        work_off()
    return asked


def dead_job():
    """Write a job of the rep's that was given up."""
    now = timezone.now()
    times = {"created_at": now, "run_after": now, "finished_at": now}
    return Job.objects.create(
        kind="crm.mail_password_reset", state="dead", asked_by=user(), error="OSError: refused", **times
    )


def mail(**fields):
    """Write a mail of the administrator's that nobody sends."""
    sent = mailing.send(
        to=f"{unique('nora').lower()}@mail.example", subject="The offer", text="Here it is.", by=user("admin"),
        after=timedelta(days=1),
    )  # fmt: skip
    OutgoingMail.objects.filter(pk=sent.pk).update(**fields)
    return sent


def suppression():
    """Suppress an address that came back."""
    return mailing.suppress(
        f"{unique('nora').lower()}@gone.example", reason="hard_bounce", source="550 5.1.1 No such user"
    )


def template(**fields):
    """Write a template of the rep's."""
    words = "Dear {{ person.given_name | friend }},\n\n- one\n- two\n\nKind regards,\n{{ sender.name }}"
    given = {"name": unique("Letter "), "subject": "Hello {{ person.given_name }}", "body": words, **fields}
    return MailTemplate.objects.create(user=user(), **given)


def path(record):
    return record.get_absolute_url()


def zone(sign_in="rep"):
    return ZoneInfo(user(sign_in).timezone)


def told(sign_in="rep"):
    """Tell a user of one thing, and of three at once."""
    notifications.notify(
        user(sign_in), "crm.job_over", once=unique(), state="done", label="Export a list", url="/jobs/"
    )
    for number in range(3):
        notifications.notify(user(sign_in), "crm.assigned", record=person(), by=user("manager"), once=number or None)


def held_event():
    """Write an event that a listener could not take."""
    event = events.Event.objects.get(pk=events.note("contacts.person.changed", person()))
    listener = events.Listener.objects.get_or_create(key="crm.tell_of_share")[0]
    about = {"kind": event.kind, "record_id": event.record_id, "run_after": timezone.now()}
    return events.Held.objects.create(listener=listener, event=event, state="dead", error="ValueError: no", **about)


def received(sign_in="rep"):
    """Take a mail in for a user's own mailbox, with HTML, and read it."""
    address = f"{sign_in}@firm.example"
    Mailbox.objects.get_or_create(address=address, defaults={"owner": user(sign_in), "way": "direct"})
    head = [f"From: Ngozi <{unique('ngozi').lower()}@mail.example>", f"To: {address}", "Subject: The offer"]
    head += [f"Message-ID: <{unique()}@mail.example>", "Content-Type: text/html"]
    raw = "\r\n".join([*head, "", "<p>The <b>Plus</b> option is our favourite.</p>"])
    taken = receiving.take(raw.encode(), came_by="smtp", envelope_to=[address])
    for pk in taken.deliveries.values_list("pk", flat=True):
        working.work(pk)
    return taken
