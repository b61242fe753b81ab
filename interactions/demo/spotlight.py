# ruff: noqa: E501
"""A real day for rep@: what she has to do today, what is late, and whom she talked to this week."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from contacts.models import Person
from interactions.demo.texts import Speech

DAY = """
-2|call|Lens line contract||Jean-Baptiste
-1|email|Send demo recap||Tomás
0|email|Answer on volumes|11:00|Knut
0|call|Introduce new owner|13:15|Siobhán
0|call|Renewal 2027, three sites|15:30|Ngozi
0|todo|Quote for tasting room till||Duarte
0|call|Birthday, ask about December||Giulia
+|meeting|Demo with IT|14:00|Tomás
+|meeting|Security review|10:30|Siobhán
+|call|Ask about the freezer line|09:15|Jonas
++|visit|Visit in Lyon||Jean-Baptiste
++|call|Reorder talk|11:00|Giulia
+++|visit|Visit Oslo with product||Ngozi
+++|meeting|Lab scheduling, phase 2|13:00|Élodie
"""
TALKS = """
0|call|Ngozi|Renewal 2027|Budget for 2027 is approved. Wants one contract for all three sites and a price per site. Call back today with volumes.
0|email|Knut|Volumes for spring|Good morning, how many tonnes can you take in March? We need to tell the harbour this week.
1|email|Tomás|Demo on Monday|Four people from IT join. They ask mostly about sign-in and where the data lies.
1|call|Elin|Integration|The second site goes live before Christmas. Nothing open.
1|meeting|Siobhán|Security review, preparation|Went through the list of questions, five are left for our own people.
2|call|Jean-Baptiste|Lens line contract|Lawyer has two remarks about liability, no show-stopper. Promised a clean copy.
2|email|Giulia|Order for December|Thank you, received. We confirm the quantities after the fair.
2|call|Sunniva|Invoice|Paid on Friday, the reminder crossed the payment.
3|meeting|Ngozi|Your renewal, three options|Present: finance and two site managers. The middle option is the favourite.
3|call|Aino|Price per metre|They compare us with two others and decide in January.
3|email|Élodie|Lab scheduling|Attached the sketch of phase 2. Funding answer is due next month.
4|call|Knut|Delivery|All pallets arrived. Wants the same lorry driver again.
4|call|Duarte|Tasting room|Four tills, one of them outside. Needs a quote before the family meets on Sunday.
5|email|Elin|Reference|Happy to be named as a reference, please send the text first.
7|call|Giulia|Reorder|Asks for a better price from two pallets up.
8|meeting|Tomás|First demo|Good questions about rights: who sees what. Second round with IT agreed.
9|call|Siobhán|Pilot|The pilot runs well, the lab wants to keep it.
10|email|Jean-Baptiste|Trade fair|Come to our stand on Thursday, I bring the new frames.
"""


def show(batch, rng, diary, planner):
    """Add the day and the week of rep@; whoever of her people is not in them has no plan for today."""
    rep = batch.firm.cast["Ingrid"]
    today = planner.today(rep)
    hers = [person for person in batch.rows[Person] if person.owner is rep]
    by_name = {person.given_name: person for person in reversed(hers)}
    for line in DAY.strip().splitlines():
        day, kind, subject, at, given = line.split("|")
        if given in by_name:
            person = by_name[given]
            due = time.fromisoformat(at) if at else None
            fields = {"subject": subject, "due_time": due, "is_private": False}
            planner.task(person, _speech(rng, person), _day(today, day), kind, **fields)
    _talk_this_week(batch, rng, diary, by_name)
    _plan_ahead(rng, planner, hers, today)
    for person in hers:
        person.demo.is_planned = True


def _speech(rng, person):
    return Speech(rng, person.given_name, "en", "EUR")


def _day(today, text):
    """Return the day meant: a number counts from today, "+", "++", "+++" are working days 2, 6 and 12 days on."""
    if not text.startswith("+"):
        return today + timedelta(days=int(text))
    day = today + timedelta(days={1: 2, 2: 6, 3: 12}[len(text)])
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def _talk_this_week(batch, rng, diary, by_name):
    zone, now = batch.firm.zones[batch.firm.cast["Ingrid"].pk], batch.order.now
    for place, line in enumerate(TALKS.strip().splitlines()):
        back, kind, given, subject, body = line.split("|")
        if given not in by_name:
            continue
        day = now.astimezone(zone).date() - timedelta(days=int(back))
        at = min(
            datetime.combine(day, time(8 + place % 8, (place * 13) % 60), zone), now - timedelta(minutes=5 + place)
        )
        person = by_name[given]
        person.created_at = min(person.created_at, at - timedelta(days=30))
        fields = {"call": ("out", "reached", 12), "meeting": ("", "held", 45), "email": ("in", "", None)}[kind]
        diary.talk(
            person, _speech(rng, person), at, kind, batch.firm.cast["Ingrid"],
            subject=subject, body=body, direction=fields[0], outcome=fields[1], duration_minutes=fields[2], is_private=False,
        )  # fmt: skip


def _plan_ahead(rng, planner, hers, today):
    """Her other people have plans too, but none that is late or due today: her day is the one written here."""
    for person in hers:
        if person.next_activity_at is None and rng.random() < 0.5:
            planner.task(person, _speech(rng, person), today + timedelta(days=rng.randint(1, 40)))
