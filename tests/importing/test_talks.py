"""Calls, mails, meetings and notes come from files: with whom, when, by whom, and back again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Person
from crm import merging, undo
from crm.importing import checking, running
from crm.importing.kinds import importables
from crm.jobs import Job
from crm.models import FieldRight, Grant
from interactions.models import Interaction, Participation
from tests.factories import contacts, interactions
from tests.factories.contacts import reload
from tests.importing.conftest import bring, check, fates, imported, run, told

pytestmark = pytest.mark.django_db
HEAD = ["When", "Kind", "Direction", "Person's e-mail", "Subject", "What was said", "Outcome", "Minutes", "By whom"]


def row(at="2026-11-20 14:30", kind="Call", way="", mail="anna@nordlys.example", subject="Spring", said="", outcome="",
        minutes="", by=""):  # fmt: skip
    return [at, kind, way, mail, subject, said, outcome, minutes, by]


def talks(**named):
    return Interaction.objects.unscoped(because="a test looks").filter(trashed_at=None, **named)


def with_whom(talk):
    rows = Participation.objects.of(talk).order_by("pk")
    return {("person", row.person_id) if row.person_id else ("company", row.company_id) for row in rows}


def talk_of(asked, number=2):
    return Interaction.objects.unscoped(because="a test looks").get(pk=asked.rows.get(number=number).record)


def bad(asked, number=2):
    return asked.rows.get(number=number).found.get("bad", {})


def test_a_talk_is_whole(owner, anna, firm):
    owner.timezone = "Europe/Oslo"
    owner.save()
    asked = imported(
        owner,
        [HEAD, row("20.11.2026 14:30", "Telefonat", "Outbound", said="400 pieces", outcome="Connected", minutes="0:45",
                   by=owner.email)],
        "interactions",
    )  # fmt: skip
    assert asked.mapping == [
        "at",
        "kind",
        "direction",
        "person_email",
        "subject",
        "body",
        "outcome",
        "duration",
        "owner",
    ]
    assert fates(asked) == {2: "new"}
    talk = talk_of(asked)
    assert (talk.kind, talk.direction, talk.outcome, talk.duration_minutes) == ("call", "out", "reached", 45)
    assert (talk.subject, talk.body) == ("Spring", "400 pieces")
    assert talk.at == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    assert (talk.owner, talk.team, talk.created_by) == (owner, owner.team, owner)
    assert with_whom(talk) == {("person", anna.pk), ("company", firm.pk)}
    assert {part.at for part in Participation.objects.of(talk)} == {talk.at}
    assert reload(anna).last_contacted_at == reload(firm).last_contacted_at == talk.at


def test_the_dry_run_tells_what_the_run_does_and_writes_nothing(owner, anna):
    rows = [HEAD, row(), row(mail="nobody@x.example"), row("never"), row(kind="Dance"), row(subject="", outcome="")]
    asked = check(bring(owner, rows, "interactions"))
    before = told(asked)
    assert not talks(subject="Spring").exists()
    assert fates(asked) == {2: "new", 3: "bad", 4: "bad", 5: "bad", 6: "refused"}
    assert told(run(asked)) == before


@pytest.mark.parametrize(
    ("text", "order", "hour", "day"),
    [
        ("2026-11-20T13:30:00Z", "dmy", 13, 20),
        ("2026-11-20 14:30", "dmy", 13, 20),
        ("2026-11-20T14:30:00.000+0100", "dmy", 13, 20),
        ("20.11.2026 14:30", "mdy", 13, 20),
        ("05/11/2026 14:30", "dmy", 13, 5),
        ("11/05/2026 2:30 PM", "mdy", 13, 5),
        ("11/20/26, 2:30 pm", "mdy", 13, 20),
        ("20 Nov, 2026 02:30 PM", "dmy", 13, 20),
        ("Nov 20, 2026 2:30 PM", "dmy", 13, 20),
        ("Friday, November 20, 2026 at 2:30 PM", "dmy", 13, 20),
        ("20. November 2026, 14:30 Uhr", "dmy", 13, 20),
        ("20 de noviembre de 2026 14:30", "dmy", 13, 20),
        ("Fri Nov 20 2026 14:30:00 GMT+0100 (CET)", "dmy", 13, 20),
        ("2026-11-20 08:30 EST", "dmy", 13, 20),
        ("1795181400000", "dmy", 13, 20),
        ("2026-11-20", "dmy", 11, 20),  # noon, so that it is that day everywhere
        ("20-Nov-26", "dmy", 11, 20),
    ],
)
def test_moments_are_read_as_programs_write_them(owner, anna, text, order, hour, day):
    owner.timezone = "Europe/Oslo"
    owner.save()
    asked = imported(owner, [HEAD, row(text)], "interactions", days=order)
    assert bad(asked) == {}
    assert talk_of(asked).at == datetime(2026, 11, day, hour, 0 if hour == 11 else 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["31.02.2026", "tomorrow", "2026-11-20 25:00", "0001-01-01", "9999-12-31", "20.11.2026 14:30 Mars", "1" * 90],
)
def test_what_is_no_moment_is_a_cell_to_mend(owner, anna, text):
    asked = check(bring(owner, [HEAD, row(text)], "interactions"))
    assert (fates(asked), bad(asked).keys()) == ({2: "bad"}, {"0"})


@pytest.mark.parametrize("day", ["20.11.2026", "2026-11-20 00:00:00"])
def test_day_and_time_in_two_columns_are_one_moment(owner, anna, day):
    rows = [["Date", "Time of day", "Kind", "Person's e-mail", "Subject"],
            [day, "2:30 pm", "Meeting", "anna@nordlys.example", "Spring"]]  # fmt: skip
    assert talk_of(imported(owner, rows, "interactions")).at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(("slug", "day"), [("interactions", "Date"), ("tasks", "Due")])
def test_a_time_that_is_none_is_mended_at_its_own_cell(owner, anna, slug, day):
    head = [day, "Time of day", "Kind", "Person's e-mail", "Subject"]
    mail = "anna@nordlys.example"
    asked = check(
        bring(owner, [head, ["20.11.2026", "noonish", "Call", mail, "x"], ["never", "9:00", "Call", mail, "x"]], slug)
    )
    assert (bad(asked).keys(), bad(asked, 3).keys()) == ({"1"}, {"0"})
    assert checking.mend(asked, 2, {1: "12:30"}).fate == "new"


def test_what_is_in_the_future_or_still_to_be_done_is_left_for_tasks(owner, anna):
    later = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%d %H:%M")
    asked = imported(owner, [[*HEAD, "Status"], [*row(later), ""], [*row(), "Not started"], [*row(), "Completed"]],
                     "interactions")  # fmt: skip
    assert fates(asked) == {2: "refused", 3: "refused", 4: "new"}
    assert "import it as a task" in asked.rows.get(number=2).found["reason"]


# With whom

WHO = ["Person's e-mail", "Person's phone", "Person's name", "Person's number here", "Company"]


def met(*who):
    """Return a table with one meeting a row."""
    head = ["When", "Kind", "Subject", *WHO]
    return [head, *([f"2026-11-20 14:{n:02}", "Meeting", "Spring", *cells] for n, cells in enumerate(who))]


def test_somebody_is_known_by_mail_phone_name_number_and_company(owner, anna, bo, firm):
    rows = met(
        ("ANNA@Nordlys.example", "", "", "", ""),
        ("", "0047 412 08 991", "", "", ""),
        ("", "", "Berg, Anna", "", ""),
        ("", "", "", str(anna.pk), ""),
        ("", "", "", "", "nordlys kraft"),
        ("Anna Berg <anna@nordlys.example>; bo@fjord.example", "", "", "", ""),
        ("info@nordlys.example", "", "", "", ""),
    )
    asked = imported(owner, rows, "interactions")
    assert set(fates(asked).values()) == {"new"}, [bad(asked, number) for number in range(2, 9)]
    both = {("person", anna.pk), ("company", firm.pk)}
    found = [with_whom(talk_of(asked, number)) for number in range(2, 9)]
    assert found == [both, both, both, both, {("company", firm.pk)}, {*both, ("person", bo.pk)}, {("company", firm.pk)}]


def test_who_is_not_found_is_told_with_what_to_do_and_mended_in_place(owner, anna):
    asked = check(bring(owner, met(("nobody@nordlys.example", "", "", "", ""), ("", "", "", "", "")), "interactions"))
    assert fates(asked) == {2: "bad", 3: "refused"}
    assert "import them first" in bad(asked)["3"]
    assert "Say with whom" in asked.rows.get(number=3).found["reason"]
    assert checking.mend(asked, 2, {3: "anna@nordlys.example"}).fate == "new"


def test_of_several_who_are_not_all_here_the_others_are_taken_and_it_is_said(owner, anna):
    asked = imported(owner, met(("anna@nordlys.example; gone@x.example", "", "", "", "")), "interactions")
    assert fates(asked) == {2: "new"}
    assert "gone@x.example" in asked.rows.get().found["hints"]["3"]


def test_more_people_than_a_talk_has_are_told_and_none_left_out_unsaid(owner, anna):
    mails = "; ".join(f"a{number}@x.example" for number in range(60))
    asked = check(bring(owner, met((f"anna@nordlys.example; {mails}", "", "", "", "")), "interactions"))
    assert bad(asked) == {"3": "More than 50 of them"}


def test_people_are_known_by_their_numbers_in_the_program_of_both_files(owner, firm):
    head = ["Record ID", "First Name", "Last Name", "Email"]
    people = imported(
        owner, [head, ["901", "Anna", "Berg", "anna@nordlys.example"], ["902", "Bo", "Dahl", "bo@x.example"]]
    )
    assert people.source == "HubSpot"
    head = ["Record ID", "Call title", "Activity date", "Associated Contact IDs", "Associated Contact"]
    asked = imported(owner, [head, ["7", "Spring", "2026-11-20", "901;902", "Old Name"]], "interactions")
    ids = set(people.rows.values_list("record", flat=True))
    assert (fates(asked), with_whom(talk_of(asked))) == ({2: "new"}, {("person", pk) for pk in ids})


def test_a_number_with_a_space_in_it_is_one_number(owner):
    people = imported(
        owner, [["Number in the other program", "Given name"], ["AB 12", "Anna"], ["12", "Bo"]], source="Own"
    )
    head = ["When", "Kind", "Subject", "Person's number in the other program"]
    asked = imported(owner, [head, ["2026-11-20", "Call", "Spring", "AB 12"]], "interactions", source="Own")
    assert with_whom(talk_of(asked)) == {("person", people.rows.get(number=2).record)}


def test_namesakes_are_not_guessed_among(owner, anna):
    contacts.person(owner, given_name="Anna", family_name="Berg", emails=["other@x.example"])
    asked = check(bring(owner, met(("", "", "Anna Berg", "", "")), "interactions"))
    assert "2 people are called so" in bad(asked)["5"]


def test_of_a_shared_mailbox_the_name_tells_who(owner, anna):
    ulf = contacts.person(owner, given_name="Ulf", family_name="Holt", emails=["anna@nordlys.example"])
    mail = "anna@nordlys.example"
    asked = imported(owner, met((mail, "", "Ulf Holt", "", ""), (mail, "", "", "", "")), "interactions")
    assert with_whom(talk_of(asked)) == {("person", ulf.pk)}
    assert "give the name, too" in bad(asked, 3)["3"]


def test_whom_one_does_not_see_is_not_there(owner, world):
    hidden = world["other_person"]
    asked = check(bring(owner, met(("", "", str(hidden), "", ""), ("", "", "", str(hidden.pk), "")), "interactions"))
    nobody = check(bring(owner, met(("", "", "No Body", "", ""), ("", "", "", "999999999", "")), "interactions"))
    assert fates(asked) == fates(nobody) == {2: "bad", 3: "bad"}


def test_rows_for_somebody_merged_away_land_on_the_survivor(owner, anna):
    gone = contacts.person(owner, given_name="Ana", family_name="Bergh", emails=["ana@else.example"])
    merging.merge(Person, [anna.pk, gone.pk], survivor=anna.pk, by=owner)
    asked = imported(owner, met(("", "", "", str(gone.pk), ""), ("ana@else.example", "", "", "", "")), "interactions")
    assert all(("person", anna.pk) in with_whom(talk_of(asked, number)) for number in (2, 3))


# The same again, and back


def test_the_same_file_again_adds_nothing(owner, anna, bo):
    rows = [
        HEAD,
        row(),
        row(kind="Note", subject="", said="Likes tea"),
        row(mail="bo@fjord.example"),
        row("2026-11-20"),
    ]
    imported(owner, rows, "interactions")
    number = talks().count()
    again = imported(owner, rows, "interactions")
    assert (set(fates(again).values()), talks().count()) == ({"same"}, number)


def test_a_row_twice_in_a_file_is_one_talk_and_one_more_person_joins(owner, anna, bo):
    head = [*HEAD, "Number in the other program"]
    rows = [head, [*row(), "17"], [*row(), "17"], [*row(mail="bo@fjord.example"), "17"]]
    asked = imported(owner, rows, "interactions", source="HubSpot")
    assert fates(asked) == {2: "new", 3: "same", 4: "update"}
    assert {("person", anna.pk), ("person", bo.pk)} <= with_whom(talk_of(asked))


def test_two_mails_at_one_moment_to_two_people_stay_two(owner, anna, firm):
    contacts.person(owner, given_name="Cai", family_name="Holt", company=firm, emails=["cai@nordlys.example"])
    asked = imported(owner, [HEAD, row(kind="Mail"), row(kind="Mail", mail="cai@nordlys.example")], "interactions")
    assert fates(asked) == {2: "new", 3: "new"}


def test_by_its_number_elsewhere_a_talk_is_found_though_it_moved(owner, anna):
    head = [*HEAD, "Number in the other program"]
    asked = imported(owner, [head, [*row(), "17"]], "interactions", source="HubSpot")
    moved = [head, [*row("2026-11-21 09:00", said="Moved"), "17"]]
    again = imported(owner, moved, "interactions", source="hubspot")
    assert (fates(again), talk_of(again).pk) == ({2: "update"}, talk_of(asked).pk)
    talk = talk_of(again)
    assert (talk.at.day, talk.body) == (21, "Moved")
    assert {part.at for part in Participation.objects.of(talk)} == {talk.at} == {reload(anna).last_contacted_at}


@pytest.mark.parametrize(
    ("outcome", "kind", "called"),
    [("Busy", "Note", ""), ("Connected", "Meeting", "held"), ("Busy", "Visit", "no_show")],
)
def test_with_its_kind_a_talk_changes_what_its_outcome_is_called(owner, anna, outcome, kind, called):
    head = [*HEAD, "Number in the other program"]
    imported(owner, [head, [*row(outcome=outcome), "17"]], "interactions", source="HubSpot")
    again = imported(owner, [head, [*row(kind=kind), "17"]], "interactions", source="HubSpot")
    talk = talk_of(again)
    assert (fates(again), talk.kind, talk.outcome) == ({2: "update"}, kind.lower(), called)
    assert not talk.pgh_event_model.objects.filter(pgh_obj_id=talk.pk, kind=talk.kind).exclude(outcome=called).exists()


def test_what_was_logged_by_hand_is_recognised(owner, anna):
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    talk = interactions.talk(owner, people=[anna], at=at, subject="Spring", body="By hand", outcome="")
    asked = imported(owner, [HEAD, row(outcome="Reached")], "interactions")
    assert (fates(asked), talk_of(asked).pk, talk_of(asked).outcome) == ({2: "update"}, talk.pk, "reached")


def test_the_whole_import_is_undone(owner, anna, firm):
    before = interactions.talk(owner, people=[anna], at=datetime(2026, 11, 1, 9, tzinfo=UTC), subject="Old")
    asked = imported(owner, [HEAD, row(), row("2026-11-01 09:00", subject="Old", outcome="Busy")], "interactions")
    assert fates(asked) == {2: "new", 3: "update"}
    act = undo.undo(running.act_of(asked), by=owner)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    assert not talks(subject="Spring").exists()
    assert (reload(before).outcome, reload(anna).last_contacted_at) == ("reached", reload(before).at)


def test_after_many_talks_no_people_are_compared(owner, anna, monkeypatch):
    monkeypatch.setattr("crm.importing.running.MANY", 1)
    imported(owner, [HEAD, row()], "interactions")
    assert not Job.objects.filter(kind="crm.find_duplicates").exists()


# Rights and words


def test_a_talk_of_a_colleague_is_not_changed(owner, cast, anna):
    interactions.talk(cast.teammate, people=[anna], at=datetime(2026, 11, 20, 14, 30, tzinfo=UTC), subject="Spring")
    asked = imported(owner, [HEAD, row(said="Mine")], "interactions")
    assert (fates(asked), talks(body="Mine").exists()) == ({2: "refused"}, False)


def test_a_private_talk_of_a_colleague_is_not_told(owner, cast, anna):
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    interactions.talk(cast.teammate, people=[anna], at=at, subject="Spring", is_private=True)
    assert fates(check(bring(owner, [HEAD, row()], "interactions"))) == {2: "new"}


def test_only_who_may_give_talks_to_others_names_another_author(owner, cast, anna):
    asked = check(bring(owner, [HEAD, row(by=cast.teammate.email)], "interactions"))
    assert bad(asked).keys() == {"8"}
    gone = cast.other
    gone.is_active = False
    gone.save()
    asked = imported(cast.administrator, [HEAD, row(by=gone.email)], "interactions")
    assert (talk_of(asked).owner, talk_of(asked).team) == (gone, gone.team)


def test_what_is_hidden_is_not_asked_by(owner, anna):
    FieldRight.objects.create(role=owner.role, kind="contacts.person", field="emails", right="hidden")
    FieldRight.objects.create(role=owner.role, kind="interactions.interaction", field="subject", right="hidden")
    owner.__dict__.pop("access", None)
    asked = bring(owner, [HEAD, row()], "interactions")
    assert not {"person_email", "subject"} & set(asked.mapping)
    asked = check(bring(owner, [HEAD, row(said="Tea")], "interactions",
                        mapping=["at", "kind", "", "person_email", "subject", "body", "", "", ""]))  # fmt: skip
    assert fates(asked) == {2: "refused"}


def test_who_may_log_nothing_imports_nothing(cast):
    assert not any(one.slug == "interactions" for one in importables(cast.auditor))
    Grant.objects.filter(role=cast.owner.role, kind="interactions.interaction", action__in=["create", "edit"]).delete()
    assert not any(one.slug == "interactions" for one in importables(cast.owner))


@pytest.mark.parametrize(
    ("kind", "outcome", "found"),
    [("Call", "Completed", "reached"), ("Meeting", "Completed", "held"), ("Meeting", "No answer", "no_show"),
     ("Mail", "Completed", ""), ("Call", "Left voicemail", "message")],
)  # fmt: skip
def test_an_outcome_is_called_as_it_is_at_that_kind(owner, anna, kind, outcome, found):
    asked = imported(owner, [HEAD, row(kind=kind, outcome=outcome)], "interactions")
    assert talk_of(asked).outcome == found
    assert bool(asked.rows.get().found.get("hints")) == (not found)


def test_the_kind_may_hold_for_the_whole_file(owner, anna):
    rows = [["When", "Person's e-mail", "Subject"], ["2026-11-20", "anna@nordlys.example", "Spring"]]
    assert fates(check(bring(owner, rows, "interactions"))) == {2: "refused"}
    asked = imported(owner, rows, "interactions", whole={"kind": "visit"})
    assert talk_of(asked).kind == "visit"


def test_a_subject_that_is_too_long_stays_whole_in_the_text(owner, anna):
    asked = imported(owner, [HEAD, row(subject="s" * 300, said="More")], "interactions")
    talk = talk_of(asked)
    assert (len(talk.subject), talk.body) == (200, "s" * 300 + "\n\nMore")
    assert set(fates(imported(owner, [HEAD, row(subject="s" * 300, said="More")], "interactions")).values()) == {"same"}


@pytest.mark.parametrize(
    "cell", ["\u202e<script>\0", "'; DROP TABLE", "a" * 60_000, "%s{0}", "=cmd()", "\ud800", "@" * 9_000]
)
def test_hostile_cells_are_text_or_refused(owner, anna, cell):
    cell = cell.encode("utf-8", "replace").decode().replace("\0", "")
    names = ("at", "kind", "way", "mail", "subject", "said", "outcome", "minutes", "by")
    rows = [HEAD, *(row(**{name: cell}) for name in names)]
    asked = imported(owner, rows, "interactions")
    assert set(fates(asked).values()) <= {"bad", "refused", "new", "update", "same"}


@pytest.mark.parametrize(
    ("text", "seconds", "found"),
    [("30", False, 30), ("0:45", False, 45), ("01:30:00", False, 90), ("1 h 15 min", False, 75), ("20", True, 1),
     ("05:23", True, 5), ("83000", True, 1), ("", False, None), ("long", False, "bad"), ("99999999", False, "bad")],
)  # fmt: skip
def test_lengths_of_time(owner, anna, text, seconds, found):
    head = ["When", "Kind", "Person's e-mail", "Subject", "Seconds" if seconds else "Minutes"]
    asked = imported(owner, [head, ["2026-11-20", "Call", "anna@nordlys.example", "Spring", text]], "interactions")
    if found == "bad":
        assert bad(asked).keys() == {"4"}
    else:
        assert talk_of(asked).duration_minutes == found


EXPORTS = {
    "HubSpot": (
        ["Record ID", "Call title", "Call notes", "Activity date", "Activity assigned to", "Call direction",
         "Call outcome", "Call duration (HH:mm:ss)", "Associated Contact", "Associated Contact IDs"],
        ["9001", "Spring", "400 pieces", "2026-11-20 14:30", "", "OUTBOUND", "Connected", "00:12:00", "Anna Berg",
         "901"],
        ("call", "out", "reached", 12),
    ),
    "Salesforce": (
        ["Subject", "Date", "Assigned", "Contact", "Company / Account", "Task/Event Subtype", "Status",
         "Full Comments"],
        ["Spring", "11/20/2026", "", "Anna Berg", "Nordlys Kraft", "Call", "Completed", "400 pieces"],
        ("call", "", "", None),
    ),
    "Pipedrive": (
        ["Activity - ID", "Activity - Subject", "Activity - Type", "Activity - Done", "Activity - Due date",
         "Activity - Due time", "Activity - Duration", "Activity - Note", "Activity - Contact person"],
        ["12", "Spring", "Meeting", "Done", "2026-11-20", "14:30", "00:30", "400 pieces", "Anna Berg"],
        ("meeting", "", "", 30),
    ),
    "Zoho": (
        ["Record Id", "Subject", "Call Type", "Call Start Time", "Call Duration", "Call Result", "Contact Name",
         "Description", "Call Owner"],
        ["zcrm_1", "Spring", "Inbound", "2026-11-20 14:30:00", "05:20", "Interested", "Anna Berg", "400 pieces", ""],
        ("call", "in", "reached", 5),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exports_of_other_programs_need_no_hand(owner, anna, name):
    head, cells, found = EXPORTS[name]
    asked = imported(owner, [head, cells], "interactions")
    assert (asked.source, fates(asked), bad(asked)) == (name, {2: "new"}, {})
    talk = talk_of(asked)
    assert (talk.kind, talk.direction, talk.outcome, talk.duration_minutes) == found
    assert (talk.subject, talk.body, talk.at.date().isoformat()) == ("Spring", "400 pieces", "2026-11-20")
    assert ("person", anna.pk) in with_whom(talk)


# Tasks
