"""What is measured: pages by name, with the aim each is held against and the requests to make for one user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.samples import people_with_talks
from contacts.columns import CompanyColumns, PersonColumns
from contacts.models import Company, Person
from crm import timeline
from crm.listing.paging import KEY, Cursor
from crm.policies import HISTORY
from interactions.models import Interaction


@dataclass(frozen=True)
class Request:
    """A GET, or with a form a POST."""

    path: str
    form: dict | None = None


@dataclass(frozen=True)
class Case:
    """A page, and the aim it is held against (see bench.aims); its requests are made in turn, again and again."""

    name: str
    aim: str
    requests: list[Request]


def cases(user, samples) -> Iterator[Case]:
    """Yield everything that is measured for a user, in the order it is printed."""
    yield from _lists(user, samples)
    yield from _searches(samples)
    yield from _records(user)
    yield from _writes(user, samples)


def may(user, model, action):
    return user.access.may(model.record_kind(), action)


def page(name, aim, path, **query):
    return Case(name, aim, [Request(f"{path}?{urlencode(query)}" if query else path)])


# Lists


def _lists(user, samples):
    yield page("people", "list", "/people/")
    yield page("people, deep", "list", "/people/", sort="name", after=_middle(user))
    yield from _sorted("people", PersonColumns)
    for name, query in _filters(user, samples).items():
        yield page(f"people, {name}", "list", "/people/", **query)
    for name, query in _combinations(samples).items():
        yield page(f"people, {name}", "any list", "/people/", **query)
    yield page("companies", "list", "/companies/")
    yield from _sorted("companies", CompanyColumns)


def _sorted(name, columns):
    for key, column in columns.all().items():
        if column.order is not None:
            for sort in (key, f"-{key}"):
                yield page(f"{name} by {sort}", "list" if column.indexed else "any list", f"/{name}/", sort=sort)


def _middle(user):
    """Return the cursor of the page in the middle of all the people the user sees, by name."""
    people = Person.objects.visible_to(user).annotate(**{KEY: PersonColumns.name.expression}).order_by(KEY, "pk")
    before = people.count() // 2
    row = people.values_list(KEY, "pk")[before - 1 : before].first() if before else None
    return str(Cursor(*row, before=before)) if row else ""


def _filters(user, samples):
    country, _rare_tag, tag, _idle, busy = samples.rare
    return {
        "mine": {"owner": "me"},
        "the busiest colleague's": {"owner": busy},
        "a team's": {"team": user.team_id},
        "customers": {"stage": "customer"},
        "blocked": {"stage": "blocked"},
        "a country": {"country": country},
        "a tag": {"tag": tag},
        "quiet for 60 days": {"contacted": "not60"},
        "late": {"next": "late"},
        "a word": {"q": samples.people[3][2]},
        "my customers": {"owner": "me", "stage": "customer"},
    }


def _combinations(samples):
    country, rare_tag, _tag, idle, _busy = samples.rare
    return {
        "rare combination": {"stage": "blocked", "country": country, "source": "partner", "next": "none"},
        "nothing fits": {"stage": "blocked", "country": country, "tag": rare_tag, "q": "zzyzx"},
        "a word by stage": {"q": samples.common_names[0], "sort": "stage"},
        "three stages, a tag": {"stage": "lapsed", "tag": rare_tag, "sort": "last_contacted"},
        "idle colleague, source": {"owner": idle, "source": "trade_fair", "sort": "-created"},
    }


# Search


def _searches(samples):
    people = samples.people
    asked = {
        "a beginning": [family[:4] for _pk, _given, family, _phone, _email in people],
        "a fragment": [family[1:5] for _pk, _given, family, _phone, _email in people],
        "a full name": [f"{given} {family}" for _pk, given, family, _phone, _email in people],
        "misspelt": [f"{given} {_misspelt(family)}" for _pk, given, family, _phone, _email in people],
        "phone": [phone[-7:] for _pk, _given, _family, phone, _email in people],
        "e-mail": [email for _pk, _given, _family, _phone, email in people],
        "a common name": samples.common_names,
        "two letters": [family[:2] for _pk, _given, family, _phone, _email in people],
    }
    for name, words in asked.items():
        yield _each(f"search, {name}", "search", "/search/", words)
    yield _each("palette", "search", "/search/", asked["a beginning"], palette=1)
    yield _each("picker, people", "search", "/people/choices/", asked["a full name"])
    yield _each("picker, companies", "search", "/companies/choices/", [name[:6] for _pk, name in samples.companies])


def _each(name, aim, path, words, **query):
    return Case(name, aim, [Request(f"{path}?{urlencode({'q': word, **query})}") for word in words])


def _misspelt(name):
    """Return the name with two letters in its middle exchanged."""
    at = len(name) // 2
    return name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]


# Record pages and My day


def _records(user):
    few, most = people_with_talks(user, most=False), people_with_talks(user, most=True)
    yield Case("person, some 20 talks", "record", [Request(f"/people/{pk}/") for pk in few])
    yield Case("person, 50,000 talks", "record", [Request(f"/people/{pk}/") for pk in most])
    older = [Request(f"/people/{pk}/?before={_much_older(pk, user)}") for pk in most]
    yield Case("the same, older", "record", older)
    companies = Company.objects.visible_to(user).order_by("pk").values_list("pk", flat=True)[:30]
    yield Case("company", "record", [Request(f"/companies/{pk}/") for pk in companies])
    yield page("My day", "record", "/")
    if may(user, Person, "create"):
        yield page("person, empty form", "record", "/people/new/")
    if may(user, Interaction, "create"):
        yield page("call, empty form", "record", "/calls/new/")
    yield page("activity of oneself", "record", f"/users/{user.pk}/")
    if user.access.may(HISTORY, "view"):
        yield page("history of the site", "any list", "/history/")
        yield page("history, one user's", "any list", "/history/", who=user.pk)


def _much_older(pk, user):
    """Return the cursor in the middle of somebody's timeline."""
    from interactions.models import Participation

    person = Person.objects.visible_to(user).get(pk=pk)
    talks = Participation.objects.on(person, user).order_by("-at", "-interaction")
    at, talk = talks.values_list("at", "interaction")[talks.count() // 2]
    return timeline._cursor((at, 0, talk))


# Writing


def _writes(user, samples):
    if not may(user, Person, "create"):
        return
    _pk, given, family, phone, _email = samples.people[0]
    company = Company.objects.visible_to(user).values_list("pk", flat=True).first()
    person = {
        "given_name": given, "family_name": family, "company": company or "", "job_title": "Buyer", "stage": "lead",
        "email": f"{given}.{family}@example.com".lower(), "phone": phone,
    }  # fmt: skip
    yield Case("create a person", "write", [Request("/people/quick/", person)])
    few = people_with_talks(user, most=False)
    call = {"kind": "call", "body": "Sent the offer, calls back", "outcome": "reached", "next_on": "2030-01-02"}
    yield Case("log a call", "write", [Request(f"/people/{pk}/log/", call) for pk in few])
