"""Bulk edit, the trash and restoring, and the pages that take them back."""

import re

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Person
from crm import undo
from crm.history import acting
from crm.jobs import Job, work_off
from crm.models import FieldRight, Grant
from crm.tasks import forget_acts
from crm.undo import pruning
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload
from tests.undo.conftest import values

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(cast):
    """Two people of the owner, and one of the teammate that the owner sees but may not change."""
    made = [contacts.person(who, given_name=f"Bulk{n}", tags=["Old"]) for n, who in enumerate([cast.owner] * 2)]
    return [*made, contacts.person(cast.teammate, given_name="Bulk2", tags=["Old"])]


def bulk(client, change, records=(), **more):
    sent = {"pick": [record.pk for record in records], "change": change, "confirmed": "yes", **more}
    return client.post("/people/bulk/?q=bulk", sent)


def reverse(client, act, **sent):
    return client.post(f"/undo/{act.pk}/reversal/", sent)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page(client, act, query=""):
    return text_of(client.get(f"/undo/{act.pk}/{query}"))


# Bulk edit


@pytest.mark.parametrize(
    ("change", "value", "words", "names"),
    [
        ("assign", "teammate", "Assigned 2 people to {teammate}", ("owner", "team")),
        ("tag", "New", "Added the tag “New” to 2 people", ("tags",)),
        ("untag", "Old", "Removed the tag “Old” from 2 people", ("tags",)),
        ("trash", "", "Put 2 people in the trash", ("is_trashed", "trashed_by")),
    ],
)
@pytest.mark.parametrize("way", ["picked", "all"])
def test_a_bulk_edit_comes_back(cast, signed_in, three, latest, change, value, words, names, way):
    client = signed_in(cast.manager if change == "assign" else cast.owner)
    value = cast.teammate.pk if value == "teammate" else value
    was = [values(one, *names) for one in three]
    if way == "picked":
        response = bulk(client, change, three, value=value)
    else:
        response = bulk(client, change, all="yes", value=value, typed="people")
        work_off()
        assert client.get(response.url).content.decode().count("/reversal/") == 1
    assert [values(one, *names) == old for one, old in zip(three, was, strict=True)] == [False, False, True]
    act = latest()
    assert words.format(teammate=cast.teammate) in text_of(client.get("/undo/"))
    response = reverse(client, act, next="/people/?q=bulk")
    assert response.url == "/people/?q=bulk"
    assert [values(one, *names) for one in three] == was
    said = text_of(client.get(response.url))
    assert f"Undone: {words.format(teammate=cast.teammate)}." in said
    assert "Redo" in said


def test_the_picked_are_put_in_the_trash_without_a_question_and_a_whole_list_only_by_typing(cast, signed_in, three):
    client = signed_in(cast.owner)
    everything = {"change": "trash", "all": "yes"}
    asked = client.post("/people/bulk/?q=bulk", everything)
    assert (asked.status_code, "Type “people” to confirm" in asked.content.decode()) == (200, True)
    for typed in ("", "companies"):
        refused = client.post("/people/bulk/?q=bulk", everything | {"confirmed": "yes", "typed": typed})
        assert refused.status_code == 422
    assert not Job.objects.filter(kind="crm.change_many").exists()
    assert client.post("/people/bulk/?q=bulk", {"change": "trash", "pick": [three[0].pk]}).status_code == 302
    assert values(three[0], "is_trashed") == (True,)


def test_the_toast_offers_to_undo_and_to_come_back_to_the_page(cast, signed_in, three, latest):
    client = signed_in(cast.owner)
    shown = client.get(bulk(client, "tag", three[:1], value="New").url).content.decode()
    form = re.search(r'<form method="post" action="/undo/(\d+)/reversal/".*?</form>', shown)
    assert int(form[1]) == latest().pk
    assert 'name="next" value="/people/?q=bulk"' in form[0]
    assert "csrfmiddlewaretoken" in form[0]


def test_what_changed_nothing_offers_nothing(cast, signed_in, three):
    client = signed_in(cast.owner)
    assert "/reversal/" not in client.get(bulk(client, "tag", three[:1], value="Old").url).content.decode()


# One record


@pytest.mark.parametrize("kind", ["person", "company", "interaction", "task"])
def test_one_record_goes_to_the_trash_and_back_and_out_and_back(cast, signed_in, latest, kind):
    ada = contacts.person(cast.owner, given_name="Ada", family_name="Lovelace")
    made = {
        "person": lambda: ada,
        "company": lambda: contacts.company(cast.owner),
        "interaction": lambda: interactions.talk(cast.owner, people=[ada]),
        "task": lambda: interactions.task(cast.owner, person=ada),
    }
    record, client = made[kind](), signed_in(cast.owner)
    plural = {"person": "people", "company": "companies"}.get(kind, f"{kind}s")
    dates = values(ada, "last_contacted_at", "next_activity_at")

    def is_trashed():
        return values(record, "is_trashed")[0]

    client.post(f"/{plural}/{record.pk}/trash/")
    reverse(client, latest())
    assert not is_trashed()
    assert values(ada, "last_contacted_at", "next_activity_at") == dates
    client.post(f"/{plural}/{record.pk}/trash/")
    client.post(f"/{plural}/{record.pk}/restoration/")
    assert latest().kind == "crm.restore"
    reverse(client, latest())
    assert is_trashed()


def test_an_undone_trash_leads_to_the_record_and_names_it(cast, signed_in, latest):
    ada = contacts.person(cast.owner, given_name="Ada", family_name="Lovelace")
    client = signed_in(cast.owner)
    client.post(f"/people/{ada.pk}/trash/")
    assert "Put Ada Lovelace in the trash" in text_of(client.get("/undo/"))
    assert reverse(client, latest(), next="/people/").url == f"/people/{ada.pk}/"
    assert "Ada Lovelace is back." in text_of(client.get("/people/"))


@pytest.mark.parametrize(
    "where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil", "\0", ""]
)
def test_an_undo_leads_to_no_other_site(cast, signed_in, three, latest, where):
    client = signed_in(cast.owner)
    bulk(client, "tag", three, value="New")
    assert reverse(client, latest(), next=where).url == f"/undo/{latest().undoes_id}/"


# The pages


def test_pressing_twice_undoes_once(cast, signed_in, three, latest):
    client = signed_in(cast.owner)
    bulk(client, "tag", three, value="New")
    act = latest()
    assert [reverse(client, act, next="/people/").status_code for _ in range(2)] == [302, 302]
    assert undo.Act.objects.filter(undoes=act).count() == 1
    assert "It is undone already." in text_of(client.get("/people/"))


def test_an_act_of_somebody_else_does_not_exist(cast, signed_in, three, latest):
    bulk(signed_in(cast.owner), "tag", three, value="New")
    act = latest()
    for who in (cast.teammate, cast.manager, cast.auditor):
        client = signed_in(who)
        assert [client.get(f"/undo/{act.pk}/").status_code, reverse(client, act).status_code] == [404, 404]
        assert "“New”" not in text_of(client.get("/undo/"))
    keeper = crm.user(role=crm.role("Site keeper", like="administrator").key)
    assert "“New”" in text_of(signed_in(keeper).get("/undo/")), "a role of the firm's own that may administer"
    admin = signed_in(cast.administrator)
    assert "“New”" in text_of(admin.get("/undo/"))
    assert "“New”" in text_of(admin.get(f"/undo/?by={cast.owner.pk}"))
    assert "“New”" not in text_of(admin.get(f"/undo/?by={cast.teammate.pk}"))
    reverse(admin, act)
    assert "New" not in values(three[0], "tags")[0]


def test_the_report_says_field_by_field_what_was_kept_and_who_changed_it(cast, signed_in, three, latest):
    bulk(signed_in(cast.manager), "assign", three[:2], value=cast.teammate.pk)
    act = latest()
    with acting(cast.teammate, reason="a test edits"):
        ada = reload(three[0])
        ada.owner = cast.manager
        ada.save()
    response = reverse(signed_in(cast.administrator), act, next="/people/")
    assert response.url == f"/undo/{act.pk}/"
    said = page(signed_in(cast.administrator), act)
    assert "1 restored. 1 changed since and kept." in said
    assert str(three[0]) in said
    row = said[said.index("Owner") :]
    for words in (str(cast.owner), str(cast.teammate), "Kept", str(cast.manager)):
        assert words in row
        row = row[row.index(words) + 1 :]
    assert str(cast.teammate) in row[:60], "who changed it since"


def test_hidden_records_and_fields_are_not_told(cast, signed_in, three, latest):
    """An administrator reads a colleague's act; what is private or hidden from their role stands nowhere in it."""
    ada = contacts.person(cast.owner, notes="Blue eyes")
    task = interactions.task(cast.owner, person=ada, subject="Whisper", is_private=True)
    with undo.recording("crm.tag", by=cast.owner, kind="contacts.person", field="notes", value="Green eyes") as act:
        Person.objects.unscoped(because="a test writes").filter(pk=ada.pk).update(notes="Green eyes", job_title="Boss")
    with undo.recording("crm.trash", by=cast.owner, kind="interactions.task", record=task.pk) as trashed:
        task.trash(by=cast.owner)
    FieldRight.objects.create(role=cast.administrator.role, kind="contacts.person", field="notes", right="hidden")
    admin, owner = signed_in(cast.administrator), signed_in(cast.owner)
    listed = text_of(admin.get("/undo/"))
    assert ("Whisper" in listed, "Green" in listed, "Put 1 task in the trash" in listed) == (False, False, True)
    said = page(admin, act) + page(admin, trashed)
    assert ("eyes" in said, "Whisper" in said, "Boss" in said) == (False, False, True)
    assert "1 row here is not yours to see." in said
    assert "Whisper" in page(owner, trashed)
    assert "Green eyes" in page(owner, act)
    reverse(admin, trashed)
    said = page(admin, trashed)
    assert ("Whisper" in said, values(task, "is_trashed")) == (False, (True,))


def test_a_lost_right_is_said_with_a_number_and_no_name(cast, signed_in, three, latest):
    client = signed_in(cast.owner)
    bulk(client, "trash", three[:2])
    act = latest()
    Person.objects.unscoped(because="a test writes").filter(pk=three[0].pk).update(owner=cast.other, team=cast.abroad)
    assert reverse(client, act).url == f"/undo/{act.pk}/"
    said = page(client, act, "?show=all")
    assert "1 restored. 1 left as they are." in said
    assert "1: You may not change it." in said
    assert str(three[0]) not in said
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person").delete()
    assert client.get("/undo/").status_code == 200


def test_pages_of_acts_and_of_rows_go_on_by_key(cast, signed_in, monkeypatch):
    monkeypatch.setattr("crm.undo.views.PAGE", 2)
    people = [contacts.person(cast.owner, given_name=f"Paged{n}") for n in range(3)]
    for word in ("one", "two", "three"):
        with undo.recording("crm.tag", by=cast.owner, kind="contacts.person", value=word) as act:
            Person.objects.unscoped(because="a test writes").filter(Q(given_name__startswith="Paged")).update(
                notes=word
            )
    client = signed_in(cast.owner)
    first = client.get("/undo/").content.decode()
    older = re.search(r'href="(\?before=\d+)"', first)[1]
    assert ("“three”" in first, "“one”" in first, "“one”" in text_of(client.get(f"/undo/{older}"))) == (
        True,
        False,
        True,
    )
    shown = client.get(f"/undo/{act.pk}/").content.decode()
    more = re.search(r'href="(\?[^"]*before=\d+)"', shown)[1].replace("&amp;", "&")
    rest = text_of(client.get(f"/undo/{act.pk}/{more}"))
    assert sorted(str(one) in rest for one in people) == [False, False, True]


def test_the_pages_ask_no_query_a_row(cast, signed_in):
    client, asked = signed_in(cast.administrator), []
    people = [contacts.person(cast.owner, given_name=f"Asked{n}") for n in range(30)]
    for number in (3, 30):
        some = Person.objects.unscoped(because="a test writes").filter(pk__in=[one.pk for one in people[:number]])
        for person in people[:number]:
            with undo.recording("crm.trash", by=cast.owner, kind="contacts.person", record=person.pk) as act:
                some.filter(pk=person.pk).update(trashed_at=timezone.now(), owner=cast.manager)
        undo.undo(act, by=cast.administrator)
        with undo.recording("crm.tag", by=cast.owner, kind="contacts.person", value="x") as act:
            some.update(notes=f"{number}", owner=cast.teammate, trashed_at=None)
        some.update(notes="since")
        undo.undo(act, by=cast.administrator)
        counts = []
        for url in ("/undo/", f"/undo/{act.pk}/"):
            client.get(url)  # what a browser is asked for the first time only
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
        asked.append(counts)
    assert asked[0] == asked[1]
    assert max(asked[0]) < 20


@pytest.mark.parametrize("query", ["?before=x", "?by=x", "?before=0", "?by=99999999999999999999"])
def test_bad_input_is_answered_by_400(cast, signed_in, query):
    assert signed_in(cast.administrator).get(f"/undo/{query}").status_code == 400


def test_an_empty_page_says_what_it_is_for(cast, signed_in):
    assert "Nothing to undo" in text_of(signed_in(cast.newrep).get("/undo/"))


def test_it_is_linked_from_the_account_menu(cast, signed_in):
    assert 'class="menu-item" href="/undo/"' in signed_in(cast.newrep).get("/people/").content.decode()


# Long acts and old ones


def test_a_long_act_is_undone_by_a_job_in_steps(cast, signed_in, three, latest, monkeypatch):
    monkeypatch.setattr("crm.undo.undoing.AT_ONCE", 1)
    monkeypatch.setattr("crm.undo.undoing.STEP_ROWS", 1)
    client = signed_in(cast.owner)
    bulk(client, "tag", three, value="New")
    act = latest()
    response = reverse(client, act)
    act.refresh_from_db()
    assert (act.state, response.url) == ("undoing", f"/jobs/{act.undoing_job_id}/")
    assert "Being undone" in page(client, act)
    assert reverse(client, act).status_code == 302
    assert Job.objects.filter(kind="crm.undo_many").count() == 1
    work_off()
    act.refresh_from_db()
    assert (act.state, act.outcome) == ("undone", {"restored": 2, "why": {}})
    assert values(three[0], "tags") == (["Old"],)
    own = act.undone_in.get()
    assert (own.rows, own.state) == (2, "done")
    reverse(client, own)
    work_off()
    assert values(three[0], "tags") == (["New", "Old"],)


def test_a_job_that_was_stopped_shows_so_and_goes_on_when_asked(cast, signed_in, three, latest, monkeypatch):
    monkeypatch.setattr("crm.undo.undoing.AT_ONCE", 1)
    client = signed_in(cast.owner)
    bulk(client, "tag", three, value="New")
    act = latest()
    reverse(client, act)
    act.refresh_from_db()
    client.post(f"/jobs/{act.undoing_job_id}/cancellation/")
    work_off()
    assert "Stopped on the way" in page(client, act)
    reverse(client, act)
    work_off()
    act.refresh_from_db()
    assert (act.state, values(three[0], "tags")) == ("undone", (["Old"],))


def test_an_act_whose_job_is_still_at_it_waits(cast, signed_in, three, latest, monkeypatch):
    client = signed_in(cast.owner)
    bulk(client, "tag", all="yes", value="New")
    work_off()
    act = latest()
    Job.objects.filter(pk=act.job_id).update(state="running", lease_until="2030-01-01T00:00Z")
    undo.Act.objects.filter(pk=act.pk).update(state="under_way")
    reverse(client, act)
    assert values(three[0], "tags") == (["New", "Old"],)
    Job.objects.filter(pk=act.job_id).update(state="cancelled", lease_until=None)
    reverse(client, act)
    assert values(three[0], "tags") == (["Old"],)


def test_old_acts_are_forgotten_in_batches_and_those_for_ever_are_not(cast, three, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH_ROWS", 2)
    acts = []
    for for_ever in (False, False, True):
        with undo.recording("crm.tag", by=cast.owner, for_ever=for_ever) as act:
            rows = Person.objects.unscoped(because="a test writes").filter(pk__in=[one.pk for one in three])
            rows.update(notes=f"{len(acts)}")
        acts.append(act)
    undo.Act.objects.filter(pk=acts[0].pk).update(until="2020-01-01T00:00Z")
    assert forget_acts(None) == {"acts": 1}
    kept = undo.Act.objects.filter(pk__in=[act.pk for act in acts]).values_list("pk", flat=True)
    assert set(kept) == {acts[1].pk, acts[2].pk}
    assert undo.UndoEntry.objects.filter(act_id=acts[0].pk).count() == 0
