"""The history of the whole site: everything changed, by whom and why, as far as its reader may know."""

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pgtrigger
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Person
from contacts.reach import EmailAddress
from crm import history
from crm.audit import entries, events, reasons
from crm.audit.events import EVERYBODY, Question
from crm.checks import url_map
from crm.jobs import Job, work_off
from crm.listing.paging import Cursor
from crm.models import Grant, Role, Team, User
from tests.factories import contacts, crm, interactions

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(cast):
    """A site on which nothing has happened yet."""
    tables = ", ".join(kind.events._meta.db_table for kind in events.kinds())
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")


@pytest.fixture
def ada(cast, fresh):
    with history.acting(cast.owner, reason="POST contacts:person_create"):
        return contacts.person(cast.owner, given_name="Ada", family_name="Quill", emails=["ada@quill.example"])


def read(cast_member, **asked):
    keys = events.keys(Question(**asked), falling=True, cursor=None, size=100)
    return entries.told(keys, cast_member)


def said(rows):
    return [(row.action, row.kind.key, row.title) for row in rows]


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestWhatItTells:
    def test_who_what_when_and_why_of_a_change(self, cast, ada, signed_in):
        with history.acting(cast.manager, reason="POST contacts:person_edit"):
            ada.job_title = "Countess"
            ada.save()
        [row] = read(cast.auditor, actions=frozenset(["changed"]))
        assert (row.who, row.kind.key, row.title, row.reason) == (
            cast.manager,
            "contacts.person",
            "Ada Quill",
            "Edited in a form",
        )
        assert [(one.label, one.before, one.after) for one in row.differences] == [("Job title", "", "Countess")]
        page = text_of(signed_in(cast.auditor).get("/history/"))
        assert "Job title Countess" in page
        assert "Edited in a form" in page

    def test_parts_are_named_by_their_record(self, cast, ada):
        assert said(read(cast.auditor)) == [
            ("created", "contacts.person", "Ada Quill"),
            ("created", "contacts.emailaddress", "Ada Quill"),
        ]

    def test_trash_and_return_are_told_from_changes(self, cast, ada):
        with history.acting(cast.owner, reason="POST contacts:person_trash"):
            ada.trash(by=cast.owner)
        with history.acting(cast.owner, reason="POST contacts:person_restoration"):
            ada.restore(by=cast.owner)
        with history.acting(cast.owner, reason="POST contacts:person_edit"):
            ada = contacts.reload(ada)
            ada.stage = "customer"
            ada.save()
        for action in ("trashed", "restored", "changed"):
            assert [row.action for row in read(cast.administrator, actions=frozenset([action]))] == [action]
        both = read(cast.administrator, actions=frozenset(["trashed", "changed"]))
        assert [row.action for row in both] == ["changed", "trashed"]

    def test_what_is_removed_is_told_with_what_it_was(self, cast, ada):
        with history.acting(cast.owner, reason="POST contacts:person_edit"):
            EmailAddress.objects.of(ada).get().delete()
        [row] = read(cast.administrator, actions=frozenset(["removed"]))
        assert row.kind.key == "contacts.emailaddress"
        assert ("ada@quill.example", "") in [(one.before, one.after) for one in row.differences]

    def test_what_the_system_did_is_its_own(self, cast, ada):
        with history.acting(None, reason="Nightly"):
            Person.objects.editable_by(cast.owner).filter(pk=ada.pk).update(stage="lapsed")
        [row] = read(cast.auditor, who=None)
        assert (row.who, row.reason) == (None, "Nightly")

    def test_an_act_within_another_is_its_own(self, cast, ada):
        with history.acting(cast.owner, reason="Outer"):
            ada.job_title = "One"
            ada.save()
            with history.acting(cast.manager, reason="Inner"):
                ada.job_title = "Two"
                ada.save()
            ada.job_title = "Three"
            ada.save()
        told = [(row.who, row.reason) for row in read(cast.auditor, actions=frozenset(["changed"]))]
        assert told == [(cast.owner, "Outer"), (cast.manager, "Inner"), (cast.owner, "Outer")]


class TestUsersAndRights:
    def test_who_changed_whose_rights(self, cast):
        grant = Grant.objects.get(role__key="rep", kind="contacts.person", action="export")
        with history.acting(cast.administrator, reason="POST grants"):
            grant.scope = "none"
            grant.save()
        [row] = read(cast.auditor, kinds=frozenset(["crm.grant"]), actions=frozenset(["changed"]))
        assert (row.who, row.title) == (cast.administrator, "Sales rep: export people (none)")
        assert [(one.before, one.after) for one in row.differences] == [("own", "none")]

    def test_users_roles_and_teams_are_kept_too(self, cast, fresh):
        with history.acting(cast.administrator, reason="POST user_edit"):
            user = crm.user("Nova", team=cast.north)
            user.is_active = False
            user.save()
            Team.objects.get(pk=cast.north.pk).save()
            Role.objects.filter(key="rep").update(mfa_required=True)
            temporary = crm.team("Short lived")
            temporary.delete()
        told = said(read(cast.auditor))
        assert ("changed", "crm.user", str(user)) in told
        assert ("changed", "crm.role", "Sales rep") in told
        assert ("removed", "crm.team", "Short lived") in told
        assert ("changed", "crm.team", "North") not in told, "nothing about it has changed"

    def test_no_password_stands_in_it_and_a_sign_in_is_no_change(self, cast, fresh):
        columns = {field.name for field in User.pgh_event_model._meta.get_fields()}
        assert not columns & {"password", "last_login", "theme"}
        User.objects.filter(pk=cast.owner.pk).update(last_login=timezone.now(), theme="dark", password="!x")
        assert read(cast.auditor) == []


class TestWhoKnowsWhat:
    @pytest.mark.parametrize("name", ["owner", "manager", "marketer", "agent", "newrep"])
    def test_others_do_not_find_it(self, cast, signed_in, name):
        client = signed_in(getattr(cast, name))
        assert client.get("/history/").status_code == 404
        assert client.get("/history/export/").status_code == 404
        assert "/history/" not in client.get("/").content.decode()

    @pytest.mark.parametrize("scope", ["own", "team"])
    def test_less_than_all_of_it_is_none_of_it(self, cast, signed_in, scope):
        Grant.objects.filter(role__key="auditor", kind="crm.history").update(scope=scope)
        assert signed_in(cast.auditor).get("/history/").status_code == 404

    def test_administrators_and_auditors_find_it_in_the_navigation(self, cast, signed_in):
        for member in (cast.administrator, cast.auditor):
            assert 'href="/history/"' in signed_in(member).get("/").content.decode()

    def test_a_private_talk_stays_its_owners(self, cast, ada, signed_in):
        interactions.talk(cast.owner, people=[ada], body="Secret of Quill", subject="Whisper", is_private=True)
        for client in (signed_in(cast.administrator), signed_in(cast.auditor)):
            page = client.get("/history/?kind=interactions.interaction").content.decode()
            file = client.get("/history/export/?kind=interactions.interaction").getvalue().decode()
            for text in (page, file):
                assert "(hidden)" in text
                assert "Secret of Quill" not in text
                assert "Whisper" not in text

    def test_what_was_private_stays_so_where_it_is_no_more(self, cast, ada):
        talk = interactions.talk(cast.owner, people=[ada], body="Secret of Quill", is_private=True)
        talk.is_private, talk.body = False, "Harmless"
        talk.save()
        rows = read(cast.administrator, kinds=frozenset(["interactions.interaction"]))
        assert [row.differences for row in rows] == [[], []]

    def test_a_hidden_record_is_not_named_and_its_fields_are_not_told(self, cast, ada, signed_in):
        Grant.objects.filter(role__key="auditor", kind="contacts.person").delete()
        page = signed_in(cast.auditor).get("/history/").content.decode()
        assert page.count("(hidden)") == 2
        assert "Quill" not in page
        assert "quill.example" not in page

    def test_the_trash_is_named_to_those_who_may_take_it_back(self, cast, ada):
        ada.trash(by=cast.owner)
        assert {row.title for row in read(cast.administrator)} == {"Ada Quill"}
        assert {row.title for row in read(cast.auditor)} == {""}

    def test_names_lead_to_what_their_reader_may_open(self, cast, ada, signed_in):
        page = signed_in(cast.auditor).get("/history/").content.decode()
        assert f'href="/people/{ada.pk}/"' in page
        assert f'href="/users/{cast.owner.pk}/"' in page


class TestAsking:
    @pytest.fixture
    def year(self, cast, fresh):
        """Ten changes, an hour apart, of three people by two users."""
        people = [contacts.person(cast.owner, given_name=f"P{number}") for number in range(3)]
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE contacts_personevent")
        for number in range(10):
            person = contacts.reload(people[number % 3])
            with history.acting((cast.owner, cast.manager)[number % 2], reason="a test"):
                person.job_title = f"Title {number}"
                person.save()
        return people

    def test_filters_by_address(self, cast, year, signed_in):
        client = signed_in(cast.auditor)

        def rows(query):
            return client.get(f"/history/?{query}").content.decode().count('<tr role="row">') - 1

        today = timezone.localdate()
        assert rows("") == 10
        assert rows(f"who={cast.owner.pk}") == 5
        assert rows("who=system") == -1
        assert rows("kind=contacts.person") == 10
        assert rows("kind=contacts.company&kind=crm.user") == -1
        assert rows(f"record=contacts.person-{year[0].pk}") == 4
        assert rows(f"since={today}&until={today}") == 10
        assert rows(f"since={today + timedelta(days=1)}") == -1
        assert rows("action=changed") == 10
        assert rows("action=created") == -1

    @pytest.mark.parametrize(
        "query",
        ["who=x", "who=99999", "kind=contacts.nobody", "action=explode", "since=2026-02-30", "since=0001-01-01",
         "record=contacts.person", "record=contacts.person-x", "record=crm.user-1", "record=x-0"],
    )  # fmt: skip
    def test_what_cannot_be_asked_is_said(self, cast, signed_in, query):
        page = signed_in(cast.auditor).get(f"/history/?{query}")
        assert page.status_code == 200
        assert "Nothing matches" in text_of(page)
        assert signed_in(cast.auditor).get(f"/history/export/?{query}").status_code == 404

    @pytest.mark.parametrize("after", ["x", "W10=", str(Cursor("2026-01-01T00:00:00+00:00 no.kind", 1)),
                                       str(Cursor("2026-01-01T00:00:00 contacts.person", 1)), str(Cursor("a b", 1)),
                                       str(Cursor("2026-01-01T00:00:00+00:00 contacts.person", 2**40))])  # fmt: skip
    def test_a_cursor_of_another_list_is_refused(self, cast, signed_in, after):
        assert signed_in(cast.auditor).get(f"/history/?after={after}").status_code == 400

    def test_days_are_the_viewers(self, cast, year, signed_in):
        with pgtrigger.ignore("contacts.PersonEvent:append_only"), connection.cursor() as cursor:
            cursor.execute("UPDATE contacts_personevent SET pgh_created_at = '2026-03-01T23:30:00Z'")
        client = signed_in(cast.auditor)
        User.objects.filter(pk=cast.auditor.pk).update(timezone="Asia/Tokyo")
        assert "Nothing matches" in text_of(client.get("/history/?until=2026-03-01"))
        assert "Title 9" in text_of(client.get("/history/?since=2026-03-02&until=2026-03-02"))

    def test_a_chip_says_what_is_asked_and_takes_it_back(self, cast, year, signed_in):
        page = signed_in(cast.auditor).get(
            f"/history/?who={cast.owner.pk}&record=contacts.person-{year[0].pk}&since=2026-01-05"
        )
        text = text_of(page)
        assert f"Who {cast.owner}" in text
        assert f"Record {year[0]}" in text
        assert "From 5 Jan 2026" in text

    @pytest.mark.parametrize("sort", ["-at", "at"])
    @pytest.mark.parametrize("size", [1, 3, 7])
    def test_pages_are_complete_and_without_repeats_both_ways(self, cast, year, sort, size):
        """Also over the rows of one transaction, which share their time, and over several tables."""
        from crm.audit.found import Found

        contacts.person(cast.owner, given_name="Late", emails=["late@mail.example"], phones=["+47 412 07 100"])
        found = Found(Question(), cast.administrator, limit=30_000)
        every = [row.key for row in found.page(None, descending=sort == "-at", size=100).rows]
        assert len(every) == 13
        assert [key[0] for key in every] == sorted((key[0] for key in every), reverse=sort == "-at")
        onward, cursor = [], None
        while True:
            page = found.page(None, descending=sort == "-at", cursor=cursor, size=size)
            onward += [row.key for row in page.rows]
            if page.next is None:
                break
            cursor = Cursor.parse(str(page.next))
        assert onward == every
        back, cursor = [row.key for row in page.rows], page.previous
        while cursor:
            page = found.page(None, descending=sort == "-at", cursor=Cursor.parse(str(cursor)), size=size)
            back = [row.key for row in page.rows] + back
            cursor = page.previous
        assert back == every

    def test_what_takes_too_long_asks_to_be_narrowed(self, cast, year, signed_in, monkeypatch):
        def slow(*_args, **_options):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(5)")

        monkeypatch.setattr("crm.listing.views.UNINDEXED_LIMIT", 50)
        monkeypatch.setattr("crm.audit.events.keys", slow)
        page = text_of(signed_in(cast.auditor).get("/history/?action=removed"))
        assert "Too much has happened to look for this" in page

    def test_an_empty_site_says_what_the_page_is_for(self, cast, fresh, signed_in):
        assert "Nothing has been changed yet" in text_of(signed_in(cast.auditor).get("/history/"))

    def test_the_filter_form_offers_users_kinds_and_acts_and_keeps_the_record(self, cast, ada, signed_in):
        page = signed_in(cast.auditor).get(f"/history/?filters=1&record=contacts.person-{ada.pk}").content.decode()
        for words in ("The system", "Put in the trash", "Postal address", cast.owner.get_full_name()):
            assert words in page
        assert f'name="record" value="contacts.person-{ada.pk}"' in page

    def test_queries_do_not_grow_with_the_rows(self, cast, year):
        def asked(size):
            with CaptureQueriesContext(connection) as captured:
                keys = events.keys(Question(), falling=True, cursor=None, size=size)
                entries.told(keys, cast.administrator)
            return len(captured)

        assert asked(10) == asked(3)

    def test_every_way_to_ask_walks_an_index(self, cast):
        """Of any size: no question without an action reads a whole table."""
        now = timezone.now()
        questions = [
            Question(),
            Question(who=cast.owner.pk),
            Question(who=None),
            Question(first=now - timedelta(days=1), last=now),
            Question(record=(Person, 5)),
            Question(who=cast.owner.pk, first=now - timedelta(days=30)),
        ]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            for question in questions:
                for kind, rows in question.sets():
                    statement = events._first(question, kind, rows, True, None, 51).explain()
                    assert "Seq Scan" not in statement, (question, kind.key, statement)


class TestTheFile:
    def test_it_holds_what_the_page_shows(self, cast, ada, signed_in):
        with history.acting(cast.manager, reason="POST contacts:person_edit"):
            ada.job_title = "=cmd()"
            ada.save()
        client = signed_in(cast.auditor)
        response = client.get("/history/export/?form=csv&kind=contacts.person")
        head, changed, created = csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig")))
        assert head == ["When", "Who", "Did what", "Kind", "What", "Before → after", "How"]
        assert changed[1:5] == [str(cast.manager), "Changed", "Person", "Ada Quill"]
        assert changed[5] == "Job title: =cmd()"
        assert created[2] == "Created"
        assert "history-" in response["Content-Disposition"]
        book = openpyxl.load_workbook(io.BytesIO(client.get("/history/export/?form=xlsx").getvalue()))
        assert book.active.max_row == 4

    def test_very_much_is_made_by_a_job_for_its_asker(self, cast, ada, signed_in, monkeypatch):
        monkeypatch.setattr("crm.listing.export.MOST", 1)
        monkeypatch.setattr("crm.tasks.PART_ROWS", 1)
        client = signed_in(cast.auditor)
        assert "Make the file" in text_of(client.get("/history/export/?form=csv"))
        page = client.post("/history/export/?form=csv").url
        work_off()
        job = Job.objects.get(pk=page.split("/")[-2])
        assert (job.state, job.done, job.total) == ("done", 2, 2)
        assert client.get(f"{page}file/").getvalue().decode().count("Ada Quill") == 2
        Grant.objects.filter(role__key="auditor", kind="crm.history").delete()
        assert signed_in(User.objects.get(pk=cast.auditor.pk)).get(f"{page}file/").status_code == 404

    def test_its_times_are_the_askers_at_once_and_by_a_job(self, cast, ada, signed_in):
        client = signed_in(cast.auditor)
        User.objects.filter(pk=cast.auditor.pk).update(timezone="Asia/Tokyo")
        at_once = client.get("/history/export/?form=csv").getvalue().decode()
        page = client.post("/history/export/?form=csv").url
        work_off()
        assert "+09:00" in at_once
        assert client.get(f"{page}file/").getvalue().decode() == at_once

    def test_a_right_withdrawn_meanwhile_stops_the_job(self, cast, ada, signed_in):
        page = signed_in(cast.auditor).post("/history/export/?form=csv").url
        Grant.objects.filter(role__key="auditor", kind="crm.history").delete()
        work_off()
        assert not Job.objects.filter(pk=page.split("/")[-2], state="done").exists()


class TestNobodyAltersIt:
    @pytest.mark.parametrize("kind", events.kinds(), ids=lambda kind: kind.key)
    @pytest.mark.parametrize("statement", ["UPDATE {} SET pgh_user_id = 1", "DELETE FROM {}"])
    def test_events_can_be_neither_changed_nor_removed(self, cast, ada, kind, statement):
        table = kind.events._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger_append_only%%'"
                " AND tgenabled = 'O' AND tgtype & 24 = 24",  # both UPDATE and DELETE
                [table],
            )
            assert cursor.fetchone() == (1,)
        if kind.key in ("contacts.person", "contacts.emailaddress"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement.format(table))
            assert kind.events.objects.exists()

    @pytest.mark.parametrize(
        "statement", ["UPDATE pghistory_context SET metadata = '{}'", "DELETE FROM pghistory_context"]
    )
    def test_nor_can_who_did_it_and_why(self, cast, ada, statement):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert read(cast.auditor)[0].who == cast.owner

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_no_address_writes_it(self, cast, ada, signed_in, method):
        before = [(row.key, row.differences) for row in read(cast.administrator)]
        client = signed_in(cast.administrator)
        assert getattr(client, method)("/history/").status_code == 405
        for path in ("/history/1/", "/history/export/1/"):
            assert getattr(client, method)(path).status_code == 404
        assert [(row.key, row.differences) for row in read(cast.administrator)] == before


class TestReasons:
    @pytest.mark.parametrize(
        ("noted", "words"),
        [
            ("POST contacts:person_edit", "Edited in a form"),
            ("POST interactions:call_create", "Entered in a form"),
            ("POST contacts:people_bulk", "Changed in a list"),
            ("POST interactions:task_completion", "Ticked as done"),
            ("job crm.change_many 12", "Change many records"),
            ("job unheard.of 12", "Background work"),
            ("POST somewhere:else", "On a page"),
            ("Import 12", "Import 12"),
            ("Demo data", "Demo data"),
            ("", ""),
        ],
    )
    def test_a_reason_is_said_in_words(self, noted, words):
        assert reasons.in_words(noted) == words

    def test_no_address_of_ours_is_named_as_it_is_in_the_code(self):
        for _route, pattern in url_map():
            words = reasons.in_words(f"POST x:{pattern.name}")
            assert pattern.name not in words.split()


def test_everybody_is_not_the_system():
    assert Question().who is EVERYBODY


def test_history_keeps_its_user_by_itself(cast, fresh):
    """Whoever acts is written with the event, however many rows one statement changes."""
    with time_machine.travel(timezone.now()), history.acting(cast.manager, reason="a test"):
        people = [contacts.person(cast.owner) for _number in range(3)]
        Person.objects.editable_by(cast.manager).filter(pk__in=[p.pk for p in people]).update(stage="customer")
    users = set(Person.pgh_event_model.objects.values_list("pgh_user_id", flat=True))
    assert users == {cast.manager.pk}
