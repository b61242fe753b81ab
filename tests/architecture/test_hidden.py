"""What somebody may not see changes no byte of what they see, and its name stands nowhere."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone

from contacts.columns import CompanyColumns, PersonColumns
from tests.architecture.pages import PAGES
from tests.cast import World
from tests.factories import contacts, crm, interactions

pytestmark = pytest.mark.django_db

WORDS = (
    "Ngozi Okonkwo",
    "ngozi",
    "okon",
    "Ngozy Okonqwo",
    "Nordlys",
    "energi",
    "41207733",
    "+47 412 07 733",
    "nordlys@mail",
)
SECRET = b"|".join(
    [
        rb'value="[A-Za-z0-9]{64}"',
        rb'name="once" value="[0-9a-f]{32}"',
        rb'"X-CSRFToken": "[A-Za-z0-9]{64}"',
        rb'nonce="[^"]+"',
    ]
)


def addresses(world):
    """Return every address one can read, with lists in every order and search in every way."""
    shown = {route: PAGES[route].record for route in PAGES if "GET" in PAGES[route].takes and not route.startswith("a")}
    for route, name in shown.items():
        if "<uidb36>" not in route:
            pk = str(world[name].pk) if name else ""
            yield f"/{route}".replace("<id:pk>", pk).replace("<slug:key>", f"file-{pk}")
    for url, columns in (("/people/", PersonColumns), ("/companies/", CompanyColumns)):
        keys = columns.all()
        yield from (
            f"{url}?sort={way}{key}" for key, column in keys.items() if column.order is not None for way in ("", "-")
        )
        yield from (f"{url}?{query}" for query in _filters(world, url))
        yield f"{url}?columns={','.join(keys)}"
        yield f"{url}export/?columns={','.join(keys)}"
        yield f"{url}?asked=filters"
        yield from (f"{url}choices/?{urlencode({'q': words})}" for words in WORDS)
    yield from (f"/search/?{urlencode({'q': words})}" for words in WORDS)
    yield from (f"/search/?palette=1&{urlencode({'q': words})}" for words in WORDS)
    yield f"/people/{world['person'].pk}/?only=talks"
    yield f"/companies/{world['company'].pk}/?only=tasks"
    for made in ("people/new", "people/quick", "people/filling", "calls/new", "tasks/new"):
        yield f"/{made}/?company={world['company'].pk}&person={world['person'].pk}"


def _filters(world, url):
    yield from ("q=ngo", "stage=lead", "owner=me", "owner=nobody", f"owner={world.cast.agent.pk}", "contacted=7")
    yield from ("contacted=never", "next=week", "next=none", "country=NO", "source=other", "tag=vip")
    yield f"team={world.cast.north.pk}"
    yield f"company={world['company'].pk}" if url == "/people/" else "industry=energy"


def pages(client, urls):
    """Return {url: (status, bytes without tokens)}."""
    answers = {url: client.get(url) for url in urls}
    return {url: (answer.status_code, re.sub(SECRET, b"", answer.getvalue())) for url, answer in answers.items()}


def difference(before, after):
    """Return where two pages differ first, with a little around it."""
    at = next((number for number, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    return f"{before[at - 80 : at + 80]!r}\n{after[at - 80 : at + 80]!r}\n"


@pytest.fixture
def elsewhere(cast):
    """Somebody whose team nobody of the owner's sees, known before anybody looks."""
    return crm.user("Elsewhere", team=crm.team("Elsewhere"))


@pytest.fixture
def still():
    """A clock that stands."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def hide_fifty(world, elsewhere):
    """Add records of another team that resemble the visible ones in every word and number; and private ones."""
    for number in range(10):
        company = contacts.company(
            elsewhere, name=f"Nordlys Energi {number}", website="nordlys.example", industry="Energy"
        )
        person = contacts.person(
            elsewhere,
            given_name="Ngozi",
            family_name=f"Okonkwo{number}",
            company=company if number % 2 else world["company"],
            emails=[f"nordlys@mail{number}.example", "nordlys@mail.example"],
            phones=[f"+47 412 07 7{number}3", "+47 412 07 733"],
            addresses=[{"city": "Oslo", "country": "NO"}],
            tags=["vip"],
        )
        interactions.talk(elsewhere, people=[person] if number % 2 else [], companies=[company])
        interactions.task(elsewhere, person=person if number % 2 else None, company=company)
        interactions.talk(world.cast.agent, people=[world["person"]], is_private=True)
        interactions.task(world.cast.agent, person=world["person"], company=world["company"], is_private=True)
    trashed = contacts.person(elsewhere, given_name="Ngozi", family_name="Okonkwo")
    trashed.trash(by=elsewhere)


@pytest.mark.parametrize("name", ["owner", "newrep"])
def test_fifty_hidden_records_change_no_byte(name, world, elsewhere, signed_in, still):
    client = signed_in(getattr(world.cast, name))
    urls = list(dict.fromkeys(addresses(world)))
    before = pages(client, urls)
    assert {status for status, _bytes in before.values()} <= {200, 302, 404}
    hide_fifty(world, elsewhere)
    after = pages(client, urls)
    changed = [url for url in urls if before[url] != after[url]]
    assert not changed, difference(before[changed[0]][1], after[changed[0]][1]) + "\n".join(changed)


# A hidden record's name stands nowhere


@pytest.fixture
def entangled(world, elsewhere):
    """A visible person at a hidden company, who talked with a hidden one; a visible company where that one works."""
    agent, owner = world.cast.agent, world.cast.owner
    hidden_company = contacts.company(
        elsewhere, name="Kryptonite Works", addresses=[{"city": "Xanadu", "country": "IS"}]
    )
    person = contacts.person(
        owner, given_name="Visible", family_name="Person", job_title="Buyer", company=hidden_company
    )
    hidden = contacts.person(elsewhere, given_name="Voldemort", family_name="Riddle", company=world["company"])
    interactions.talk(agent, people=[person, hidden, world["person"]], companies=[hidden_company, world["company"]])
    interactions.talk(owner, people=[person], body="Together")
    interactions.task(owner, person=person, subject="Call them")
    interactions.task(agent, person=hidden, company=world["company"], subject="Ask the company")
    person.job_title = "Head buyer"
    person.save()
    return {**world.records, "person": person}


UNSPEAKABLE = (b"Voldemort", b"Riddle", b"Kryptonite", b"Xanadu")


@pytest.mark.parametrize("name", ["owner", "manager"])
def test_the_name_of_a_hidden_record_stands_on_no_page(name, world, entangled, signed_in):
    client = signed_in(getattr(world.cast, name))
    urls = set(addresses(World(world.cast, entangled))) | {f"/people/{world['person'].pk}/"}
    urls |= {"/search/?q=visible", "/people/choices/?q=visible", "/people/?q=visible", "/people/export/?q=visible"}
    told = [
        (url, word)
        for url, (_s, content) in pages(client, sorted(urls)).items()
        for word in UNSPEAKABLE
        if word in content
    ]
    assert told == []
    assert b"Visible" in pages(client, ["/people/?q=visible"]).popitem()[1][1]


def test_those_who_see_the_hidden_records_do_read_their_names(world, entangled, signed_in):
    client = signed_in(world.cast.auditor)
    content = pages(client, [f"/people/{entangled['person'].pk}/"]).popitem()[1][1]
    assert b"Kryptonite" in content
    assert b"Voldemort" in content


def test_a_person_at_a_hidden_company_is_not_found_by_its_name(world, entangled, signed_in):
    client = signed_in(world.cast.owner)
    for url in ("/search/?q=kryptonite", "/people/choices/?q=kryptonite", "/companies/choices/?q=xanadu"):
        assert b"Visible" not in client.get(url).content


def test_filtering_by_a_hidden_company_answers_as_by_a_missing_one(world, entangled, signed_in):
    client = signed_in(world.cast.owner)
    hidden, missing = f"/people/?company={entangled['person'].company_id}", "/people/?company=987654321"
    answers = pages(client, [hidden, missing])
    pks = rb"\b(%d|987654321)\b" % entangled["person"].company_id
    assert re.sub(pks, b"", answers[hidden][1]) == re.sub(pks, b"", answers[missing][1])
    assert b"Visible" not in answers[hidden][1]


# What is private does not show in what is kept


@pytest.mark.parametrize("whole", ["person", "company"])
def test_private_talks_and_tasks_move_no_date(whole, world):
    record = contacts.reload(world[whole])
    kept = (record.last_contacted_at, record.next_activity_at, record.version, record.updated_at)
    later = timezone.now() + timedelta(hours=1)
    interactions.talk(world.cast.owner, people=[world["person"]], at=later, is_private=True)
    interactions.task(world.cast.owner, person=world["person"], in_days=0, is_private=True)
    record = contacts.reload(world[whole])
    assert (record.last_contacted_at, record.next_activity_at, record.version, record.updated_at) == kept


def test_a_talk_made_private_no_longer_counts(world):
    person = contacts.person(world.cast.owner)
    talk = interactions.talk(world.cast.owner, people=[person])
    assert contacts.reload(person).last_contacted_at == talk.at
    talk.is_private = True
    interactions.services.amend(interaction=talk, by=world.cast.owner)
    assert contacts.reload(person).last_contacted_at is None


def test_the_comparison_would_notice(world, signed_in, still):
    """The same records are not hidden from the owner when a teammate has them."""
    client = signed_in(world.cast.owner)
    urls = ["/people/", "/search/?q=ngozi", "/people/export/?columns=name,tags", f"/companies/{world['company'].pk}/"]
    before = pages(client, urls)
    hide_fifty(world, world.cast.teammate)
    assert [url for url in urls if before[url] == pages(client, [url])[url]] == ["/people/export/?columns=name,tags"]


def test_hidden_words_do_not_push_visible_ones_out_of_a_search(world, elsewhere, signed_in):
    client = signed_in(world.cast.owner)
    contacts.person(world.cast.owner, given_name="Ada", family_name="Hollengsworth")
    assert b"Hollengsworth" in client.get("/search/?q=ollen").content
    for first in "bcdfghjk":
        names = [f"{first}ollen{last}" for last in "bcdfghjklm"]
        contacts.person(elsewhere, given_name=" ".join(names[:5]), family_name=" ".join(names[5:]))
    assert b"Hollengsworth" in client.get("/search/?q=ollen").content
