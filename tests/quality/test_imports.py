"""The pages of imports, as a browser without JavaScript uses them."""

# ruff: noqa: F811

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from contacts.models import Person
from crm.importing import files
from crm.importing.rows import Import
from crm.importing.running import act_of
from crm.jobs import work_off
from crm.models import Grant
from interactions.models import Interaction
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.factories import contacts
from tests.forms import filled

pytestmark = pytest.mark.django_db
FILE = b"First name;Last name;E-mail;Stage\nAnna;Berg;anna@brought.example;Kunde\nBo;Dahl;bo@brought;\n"


@pytest.fixture
def client(signed_in, cast):
    return signed_in(cast.owner)


def upload(client, raw=FILE, **more):
    return client.post("/quality/imports/new/", {
        "kind": "people", "country": "NO", "file": SimpleUploadedFile("people.csv", raw), **more,
    })  # fmt: skip


def brought(client, raw=FILE):
    response = upload(client, raw)
    assert response.status_code == 302, response.content.decode()
    return Import.objects.latest("pk")


def page(client, asked, step):
    return f"/quality/imports/{asked.pk}/{step}"


def mapped(client, asked, **changed):
    url = page(client, asked, "columns/")
    return client.post(url, filled(client.get(url), "column-0", **changed))


def test_from_the_file_to_the_result_and_back(client, cast):
    asked = brought(client)
    assert "Kunde" in client.get(page(client, asked, "columns/")).content.decode()
    assert mapped(client, asked).headers["Location"].endswith("/preview/")
    shown = client.get(page(client, asked, "preview/")).content.decode()
    assert "No domain ending" in shown and "Run 1 row" in shown
    cell = {"row": "3", "place": "2", "text": "bo@brought.example"}
    client.post(page(client, asked, "cell/"), cell)
    assert "Run 2 rows" in client.get(page(client, asked, "preview/")).content.decode()
    client.post(page(client, asked, "run/"))
    assert "The rows are being written" in client.get(page(client, asked, "")).content.decode()
    work_off()
    assert "Undo the import" in client.get(page(client, asked, "")).content.decode()
    people = Person.objects.visible_to(cast.owner).filter(family_name__in=["Berg", "Dahl"])
    assert people.count() == 2
    act = reverse("undo_reversal", args=[act_of(Import.objects.get(pk=asked.pk)).pk])
    client.post(act, {"next": page(client, asked, "")})
    assert people.count() == 0
    assert "Everything is as it was before" in client.get(page(client, asked, "")).content.decode()


@pytest.mark.parametrize("bad", ["after=x", "show=none"])
def test_what_is_refused_has_mended_nothing(client, bad):
    asked = brought(client)
    mapped(client, asked)
    cell = {"row": "3", "place": "2", "text": "bo@brought.example"}
    address = f"{page(client, asked, 'cell/')}?{bad}"
    assert client.post(address, cell, headers={"HX-Request": "true"}).status_code == 400
    assert Import.objects.get(pk=asked.pk).counts["cells"] == 1


def test_rows_left_bad_come_in_a_file_with_the_reason(client):
    asked = brought(client)
    mapped(client, asked)
    client.post(page(client, asked, "run/"))
    work_off()
    response = client.get(page(client, asked, "set-aside/"))
    text = b"".join(response.streaming_content).decode()
    assert "E-mail: No domain ending" in text and "Anna" not in text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\x89PNG\r\n\x1a\n123", "This is no table"),
        (b"a,b\n\0,1\n", "NUL signs"),
        (b"", "The file is empty"),
        (b"Name\n", "There are no rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(client, raw, said):
    number = Import.objects.count()
    response = upload(client, raw)
    assert (response.status_code, Import.objects.count()) == (422, number)
    assert said in response.content.decode()


def test_one_column_cannot_be_two_people_s_names(client):
    asked = brought(client)
    response = mapped(client, asked, **{"column-1": "given_name"})
    assert response.status_code == 422
    assert "Another column is Given name, too." in response.content.decode()


def test_choosing_a_column_of_choices_asks_what_its_values_mean(client):
    asked = brought(client)
    url = page(client, asked, "columns/")
    body = filled(client.get(url), "column-0", **{"column-3": "", "do": "look"})
    assert "value-3" not in client.post(url, body).content.decode()
    body["column-3"] = "stage"
    assert "value-3" in client.post(url, body).content.decode()


def test_what_a_text_means_is_taken_from_the_page(client, cast):
    asked = brought(client)
    mapped(client, asked, **{"value-3": "blocked"})
    client.post(page(client, asked, "run/"))
    work_off()
    assert Person.objects.visible_to(cast.owner).get(family_name="Berg").stage == "blocked"


def test_letters_are_read_again_in_another_encoding(client):
    asked = brought(client, "First name;Last name\nJörg;Åsen\n".encode("cp850"))
    client.post(page(client, asked, "encoding/"), {"encoding": "cp850"})
    assert "Jörg" in client.get(page(client, asked, "columns/")).content.decode()


def test_letters_read_again_are_to_be_checked_again(client):
    asked = brought(client)
    mapped(client, asked)
    client.post(page(client, asked, "encoding/"), {"encoding": "cp1252"})
    client.post(page(client, asked, "run/"))
    asked.refresh_from_db()
    assert (asked.state, asked.job, asked.counts) == ("mapping", None, {})


def test_letters_are_not_read_again_under_a_run_asked_for_meanwhile(client):
    asked = brought(client)
    mapped(client, asked)
    stale = Import.objects.get(pk=asked.pk)
    client.post(page(client, asked, "run/"))
    with pytest.raises(Import.DoesNotExist):
        files.read_again(stale, "cp1252")
    assert client.post(page(client, asked, "encoding/"), {"encoding": "cp1252"}).status_code == 404
    asked.refresh_from_db()
    assert (asked.state, asked.job is None) == ("running", False)


def test_hidden_names_are_not_on_the_page_and_the_possible_double_is(client, cast):
    contacts.person(cast.owner, given_name="Anna", family_name="Berg", phones=["+47 412 07 700"])
    hidden = contacts.person(cast.other, given_name="Annabella", family_name="Bergstrom", phones=["+47 412 07 701"])
    raw = b"First name;Last name;Phone\nAna;Berg;+47 412 07 700\nAnnabela;Bergstrom;+47 412 07 701\n"
    asked = brought(client, raw)
    mapped(client, asked)
    shown = client.get(page(client, asked, "preview/?show=doubles")).content.decode()
    assert "Maybe Anna Berg" in shown
    assert str(hidden) not in shown


def test_an_import_is_its_user_s_alone(client, signed_in, cast):
    asked = brought(client)
    for user in (cast.teammate, cast.manager, cast.administrator):
        for step in ("", "columns/", "preview/", "set-aside/"):
            assert signed_in(user).get(page(client, asked, step)).status_code == 404


def test_who_may_add_nothing_is_told_so(signed_in, cast):
    auditor = signed_in(cast.auditor)
    assert "There is nothing you may import" in auditor.get("/quality/imports/").content.decode()
    assert upload(auditor).status_code == 422
    assert "/quality/imports/" not in auditor.get("/").content.decode()


def test_a_sample_can_be_imported_as_it_is(client):
    response = client.get("/quality/imports/sample/people/")
    asked = brought(client, response.content)
    mapped(client, asked)
    asked.refresh_from_db()
    assert (asked.counts.get("new", 0) + asked.counts.get("double", 0), asked.counts["cells"]) == (1, 0)
    assert all(asked.mapping)


@pytest.mark.parametrize("slug", ["companies", "interactions", "tasks"])
def test_the_samples_of_all_kinds_are_known_by_their_columns(client, slug):
    response = client.get(f"/quality/imports/sample/{slug}/")
    upload(client, response.content, kind=slug)
    assert all(Import.objects.latest("pk").mapping)


def test_calls_come_from_a_file_and_who_is_missing_is_mended(client, cast):
    contacts.person(cast.owner, given_name="Anna", family_name="Berg", emails=["anna@brought.example"])
    raw = b"Date;E-mail;Subject\n20.11.2026 14:30;anna@brought.example;Spring\n21.11.2026;ana@brought.example;Offer\n"
    upload(client, raw, kind="interactions")
    asked = Import.objects.latest("pk")
    url = page(client, asked, "columns/")
    shown = client.get(url).content.decode()
    assert "Kind, where the file does not say" in shown and "New ones that may be there already" not in shown
    client.post(url, filled(client.get(url), "column-0", whole_kind="call"))
    assert "import them first" in client.get(page(client, asked, "preview/")).content.decode()
    client.post(page(client, asked, "cell/"), {"row": "3", "place": "1", "text": "anna@brought.example"})
    assert "Run 2 rows" in client.get(page(client, asked, "preview/")).content.decode()
    client.post(page(client, asked, "run/"))
    work_off()
    talks = Interaction.objects.visible_to(cast.owner).filter(subject__in=["Spring", "Offer"])
    assert {talk.kind for talk in talks} == {"call"} and talks.count() == 2


def test_numbers_of_another_program_take_its_name(client):
    asked = brought(client, b"External id;Last name\n17;Berg\n")
    response = mapped(client, asked, source="")
    assert response.status_code == 422
    assert "Say which program, or leave its numbers out." in response.content.decode()
    assert mapped(client, asked, source="Our old list").status_code == 302
    asked.refresh_from_db()
    assert asked.options["source"] == "Our old list"


def test_of_a_file_without_such_numbers_no_program_is_asked(client):
    assert "Program the file comes from" not in client.get(page(client, brought(client), "columns/")).content.decode()


def test_a_merge_is_told_with_whom(client, cast):
    there = {"given_name": "Anna", "family_name": "Bergstrand", "job_title": "Buyer", "phones": ["+47 412 07 700"]}
    contacts.person(cast.owner, **there, emails=["anna@brought.example"], born_on="1980-02-03")
    raw = b"First name;Last name;Mobile;E-mail;Born\nAnna;Bergstrand;+47 412 07 700;ab@home.example;1980-02-03\n"
    asked = brought(client, raw)
    mapped(client, asked, doubles="merge", keys=["email"])
    shown = client.get(page(client, asked, "preview/?show=merges")).content.decode()
    assert "Merge into Anna Bergstrand" in shown and "Run 1 row" in shown
    client.post(page(client, asked, "run/"))
    work_off()
    assert "Merged" in client.get(page(client, asked, "")).content.decode()
    assert Person.objects.visible_to(cast.owner).filter(family_name="Bergstrand").count() == 1


def test_too_many_files_that_wait_are_refused_in_words(client, monkeypatch):
    monkeypatch.setattr("crm.importing.files.MOST_WAITING", 0)
    response = upload(client)
    assert response.status_code == 422
    assert "wait to be run" in response.content.decode()


def test_who_may_import_a_kind_no_more_cannot_go_on_and_sees_what_was_run(signed_in, cast, client):
    waiting, ran = brought(client), brought(client)
    mapped(client, ran)
    client.post(page(client, ran, "run/"))
    work_off()
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action__in=["create", "edit"]).delete()
    again = signed_in(cast.owner)
    for step in ("", "columns/", "preview/", "set-aside/"):
        assert again.get(page(client, waiting, step)).status_code == 404
    assert again.post(page(client, waiting, "run/")).status_code == 404
    assert again.get(page(client, ran, "")).status_code == 200
    listed = again.get("/quality/imports/").content.decode()
    assert f"/quality/imports/{ran.pk}/" in listed and f"/quality/imports/{waiting.pk}/" not in listed


def test_who_may_only_change_records_has_the_section(signed_in, cast):
    Grant.objects.filter(role=cast.owner.role, action="create").delete()
    owner = signed_in(cast.owner)
    assert 'href="/quality/imports/"' in owner.get("/account/").content.decode()
    Grant.objects.filter(role=cast.owner.role, action="edit").delete()
    assert 'href="/quality/imports/"' not in signed_in(cast.owner).get("/account/").content.decode()


def test_a_file_not_run_is_thrown_away(client):
    asked = brought(client)
    client.post(page(client, asked, "removal/"))
    assert not Import.objects.filter(pk=asked.pk).exists()


@pytest.mark.parametrize(("step", "status"), [("columns/", 404), ("again/", 302), ("run/", 404)])
def test_what_is_thrown_away_at_that_moment_is_not_there(client, step, status):
    asked = brought(client)
    mapped(client, asked)
    body = filled(client.get(page(client, asked, "columns/")), "column-0")

    def thrown_away(execute, sql, params, many, context):
        if sql.endswith('FOR UPDATE OF "crm_import"'):
            Import.objects.filter(pk=asked.pk).delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(thrown_away):
        assert client.post(page(client, asked, step), body).status_code == status


def test_what_runs_cannot_be_set_any_more(client):
    asked = brought(client)
    mapped(client, asked)
    client.post(page(client, asked, "run/"))
    assert client.post(page(client, asked, "cell/"), {"row": "2", "place": "0", "text": "X"}).status_code == 404
    assert client.post(page(client, asked, "removal/")).status_code == 404
    assert client.get(page(client, asked, "columns/")).status_code == 302
