"""How many queries each page takes: none more with 30 rows than with 3, and as many as query_counts.json says.

After a change that is meant: COUNT_QUERIES=1 pytest tests/architecture/test_query_counts.py, and read the difference.
"""

import json
import os
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import duplicates, mailing
from crm.importing.rows import Import
from quality.models import BulkMerge, CertainRule
from tests.factories import contacts, interactions, quality
from tests.forms import filled

pytestmark = pytest.mark.django_db
COUNTS = Path(__file__).with_name("query_counts.json")
MOST = {
    "my day": 12,
    "list of people": 8,
    "list of people, filtered": 10,
    "list of people, every column": 10,
    "list of companies": 8,
    "record of a person": 12,
    "record of a company": 12,
}
OF_THE_TEST = ("SAVEPOINT", "reset_val")
"""What is sent only because the test has a transaction open around the request."""

READ = {
    "my day": "/",
    "list of people": "/people/",
    "list of people, filtered": "/people/?stage=lead&q=quill",
    "list of people, every column": "/people/?columns=name,company,email,phone,address,tags,owner,country",
    "list of companies": "/companies/",
    "list of people as a file": "/people/export/",
    "trash of people": "/people/trash/",
    "search by name": "/search/?q=quill",
    "search misspelt": "/search/?q=quyll",
    "search by phone": "/search/?q=41207",
    "search by e-mail": "/search/?q=quill@",
    "palette": "/search/?q=quill&palette=1",
    "choices of people": "/people/choices/?q=quill",
    "record of a person": "/people/{person}/",
    "record of a company": "/companies/{company}/",
    "older history of a person": "/people/{person}/?before={before}",
    "changes of a person": "/people/{person}/changes/",
    "form of a person": "/people/{person}/edit/",
    "form of a new person": "/people/new/",
    "form of a call": "/calls/new/?person={person}",
    "form of a task": "/tasks/new/?person={person}",
    "outgoing mail": "/mail/",
    "templates of mails": "/mail/templates/",
    "activity of a user": "/users/{user}/",
    "duplicates": "/quality/duplicates/",
    "duplicates by worth, of an owner": "/quality/duplicates/?order=worth&owner=me&source=partner",
    "duplicates answered": "/quality/duplicates/?state=answered",
    "certain ones": "/quality/certain/",
    "run over certain ones": "/quality/certain/{run}/",
    "imports": "/quality/imports/",
    "columns of an import": "/quality/imports/{import}/columns/",
    "preview of an import": "/quality/imports/{import}/preview/",
    "history of the site": "/history/",
    "history of the site as a file": "/history/export/",
}
SENT = {
    "quick create": ("/people/quick/", "given_name", {"given_name": "Quentin", "email": "q@quick.example"}),
    "create": ("/people/new/", "given_name", {"given_name": "Quentin", "emails-0-address": "q@new.example"}),
    "edit": ("/people/{person}/edit/", "given_name", {"job_title": "Archivist"}),
    "log a call": ("/calls/new/?person={person}", "body", {"body": "Spoke", "next_on": "2026-12-01"}),
    "quick log": ("/people/{person}/", "body", {"body": "Spoke", "kind": "call"}),
    "complete a task": ("/tasks/{task}/completion/", "", {}),
    "put in the trash": ("/people/{person}/trash/", "", {}),
    "answer a pair": ("/quality/duplicates/{pair}/answer/", "", {"answer": "same"}),
}
WHO = ("owner", "administrator")


def fill(owner, company, size):
    """Give the owner `size` people at one company, as many talks with all of them, tasks, and changes of the first."""
    people = [
        contacts.person(
            owner,
            given_name="Quill",
            family_name=f"Number{number}",
            source="partner",
            company=company,
            emails=[f"quill{number}@mail.example", f"q{number}@mail.example"],
            phones=[f"+47 412 07 {100 + number}"],
            addresses=[{"city": "Oslo", "country": "NO"}],
        )
        for number in range(size)
    ]
    for number in range(size):
        interactions.talk(owner, people=people, companies=[company], body=f"Talk {number}")
        interactions.services.set_done(
            task=interactions.task(owner, person=people[0], company=company), done=True, by=owner
        )
        task = interactions.task(owner, in_days=number % 3, person=people[number], company=company)
        people[0].job_title = f"Title {number}"
        people[0].save()
        contacts.person(owner, given_name="Gone", family_name=f"{number}").trash(by=owner)
        mailing.send(to=f"q{number}@mail.example", subject="x", text="x", by=owner)
        mailing.MailTemplate.objects.create(user=owner, name=f"Letter {number}", subject="x", body="x")
    _forget_what_other_tests_left_in_the_statistics()
    certain(owner, size)
    return people[0], task, suggested(owner, company, size), brought(owner, size), bulk_merged(owner, size)


def certain(owner, size):
    """Write `size` certain pairs, and switch it on that they are merged."""
    if not CertainRule.objects.exists():
        quality.switched_on(owner)
    length = len(duplicates.numbered(1).specification.comparisons)
    for _number in range(size):
        left, right = (contacts.person(owner, given_name="Quite", family_name="Certain") for _side in range(2))
        duplicates.Suggestion.objects.create(
            kind=1, left=left.pk, right=right.pk, weight=12, cluster=left.pk, levels=bytes(length),
            rarities=bytes(4 * length),
        )  # fmt: skip


def bulk_merged(owner, size):
    """Write `size` runs, the last over as many clusters; return its id."""
    runs = [BulkMerge.objects.create(kind=1, by=owner) for _number in range(size)]
    for number in range(size):
        people = [contacts.person(owner, given_name="Quite", family_name=f"Left{number}") for _side in range(2)]
        runs[-1].items.create(
            number=number + 1, ids=[one.pk for one in people], versions=[1, 1], outcome="merged", why=""
        )
    return runs[-1].pk


def brought(owner, size):
    """Write `size` imports that are checked, the last of as many rows."""
    told = {
        "user": owner, "kind": "contacts.person", "name": "list.csv", "form": "csv", "size": 1, "total": size,
        "header": ["Name", "Stage"], "mapping": ["full_name", "stage"], "state": "checked",
    }  # fmt: skip
    last = [Import.objects.create(**told) for _number in range(size)][-1]
    for number in range(size):
        said = {"bad": {"1": "Not one of the choices"}} if number % 2 else {"fields": 1}
        fate = "bad" if number % 2 else "update"
        last.rows.create(number=number + 2, cells=["Ada", f"Stage {number}"], fate=fate, found=said)
    return last.pk


def _forget_what_other_tests_left_in_the_statistics():
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_person, contacts_company")


def suggested(owner, company, size):
    """Suggest `size` pairs of people, as many of companies, one cluster, and as many pairs that are answered."""
    pairs = []
    answered = {"state": "not_same", "answered_at": timezone.now(), "answered_by": owner}
    for kind, model, has in ((1, contacts.person, {"company": company}), (2, contacts.company, {})):
        length = len(duplicates.numbered(kind).specification.comparisons)
        told = {"kind": kind, "levels": bytes(length), "rarities": bytes(4 * length)}
        for number in range(size):
            for said in ({"cluster": 1} if not number else {}, answered):
                left, right = (model(owner, source="partner", **has).pk for _side in range(2))
                pairs.append(duplicates.Suggestion(**told, **said, left=left, right=right, weight=5 + number))
    return duplicates.Suggestion.objects.bulk_create(pairs)[0].pk


def counted(client, method, url, body=None):
    """Return the queries of a request; what it wrote is taken back."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            response = client.post(url, body) if method == "POST" else client.get(url)
            response.getvalue()
        transaction.set_rollback(True)
    assert response.status_code in (200, 302), (url, response.status_code)
    return [query["sql"] for query in captured if not any(words in query["sql"] for words in OF_THE_TEST)]


def measured(client, places):
    """Return {page: queries} for one reader."""
    found = {}
    for page, url in READ.items():
        url = url.format(**places)
        if client.get(url).status_code == 404:
            continue  # not for this reader
        found[page] = counted(client, "GET", url)
    for page, (url, having, changes) in SENT.items():
        url = url.format(**places)
        body = {**filled(client.get(url), having), **changes} if having else changes
        target = f"{url}log/" if page == "quick log" else url
        found[page] = counted(client, "POST", target, body)
    return found


@pytest.fixture(scope="module")
def counts(cast, request):
    """Return {reader: {rows: {page: queries}}}."""
    from tests.architecture.conftest import sign_in

    found = {name: {} for name in WHO}
    for size in (3, 30):
        with transaction.atomic():
            company = contacts.company(cast.owner, name="Quillworks")
            person, task, pair, file, run = fill(cast.owner, company, size)
            cursor = "MjAyOS0wMS0wMVQwMDowMDowMCswMDowMCAwIDU"  # 2029-01-01, source 0, id 5
            user = cast.owner.pk
            places = {"user": user, "person": person.pk, "company": company.pk, "task": task.pk, "before": cursor}
            places |= {"pair": pair, "import": file, "run": run}
            for name in WHO:
                found[name][size] = measured(sign_in(getattr(cast, name)), places)
            transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("name", WHO)
def test_no_page_asks_more_because_there_are_more_rows(counts, name):
    few, many = counts[name][3], counts[name][30]
    grown = {page: (len(few[page]), len(many[page])) for page in few if len(many[page]) > len(few[page])}
    assert grown == {}


def test_every_page_takes_as_many_queries_as_is_on_record(counts):
    now = {name: {page: len(queries) for page, queries in by_size[3].items()} for name, by_size in counts.items()}
    if os.environ.get("COUNT_QUERIES"):
        COUNTS.write_text(json.dumps(now, indent=2) + "\n")
    assert json.loads(COUNTS.read_text()) == now


@pytest.mark.parametrize("name", WHO)
def test_lists_and_records_stay_within_the_aims(counts, name):
    over = {page: counts[name][30][page] for page, most in MOST.items() if len(counts[name][30][page]) > most}
    assert not over, "\n".join(f"{page}: {sql[:150]}" for page, queries in over.items() for sql in queries)
