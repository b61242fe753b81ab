"""Global search: exact, by fragment, misspelt, by phone and by e-mail, over every kind of Searchable record.

Candidates come from indexes, at most 200 a kind, through the door; rapidfuzz puts them in order. Sources: pg_trgm
(https://www.postgresql.org/docs/current/pgtrgm.html) over the vocabulary only, tsquery prefixes over the records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from rapidfuzz import fuzz

from crm import standards
from crm.access import access_of
from crm.planner import by_bitmaps
from crm.records import Searchable

MOST_CANDIDATES = 200
MOST_WORDS = 400  # that a word of the query may mean, of everybody's: one's own must be among them
MOST_WORDS_AMONG_ALL = 60  # for those who see all records: each word costs them 0.4 ms at 1,000,000
ENOUGH = 5
LONGEST = 100  # characters of a query that are looked at


@dataclass(frozen=True)
class Hit:
    """One record found: its name, what tells it from others, where it is, and how well it fits.

    `score`: 0 to 100 for likeness, and 100 more for a name that has every word asked for.
    """

    record: Searchable
    detail: str
    score: float

    @property
    def title(self):
        return str(self.record)

    @property
    def url(self):
        return self.record.get_absolute_url()


class WordsMatch(Func):
    """Whether a record's words satisfy a tsquery; the expression the search indexes are built on."""

    template = "(array_to_tsvector(%(expressions)s)::tsquery)"
    arg_joiner = ") @@ ("
    output_field = BooleanField()


class NamesMatch(Func):
    """Whether the words of a record's name alone satisfy a tsquery; looked at after the index has found the record."""

    template = "(array_to_tsvector(array_remove(regexp_split_to_array(%(expressions)s)::tsquery)"
    arg_joiner = ", '[^a-z0-9]+'), '')) @@ ("
    output_field = BooleanField()


def searchable_models():
    """Return every kind of record that can be searched, in the order apps are installed."""
    return [model for model in apps.get_models() if issubclass(model, Searchable)]


def search(user, query, *, models=None, limit=20):
    """Return the hits of all kinds the user may see, best first."""
    query = standards.line(query)[:LONGEST]
    if not query:
        return []
    meant = cache(partial(_meant, _terms(query)))
    with by_bitmaps():
        hits = [hit for model in models or searchable_models() for hit in _hits(model, user, query, meant, limit)]
    if not hits and "." in query and " " not in query and not is_phone(query):  # a domain: its own word finds more
        return search(user, max(query.split("."), key=len), models=models, limit=limit)
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


def _hits(model, user, query, meant, limit):
    visible = model.objects.visible_to(user).only(*model.search_fields)
    sees_all = access_of(user).scope(model.record_kind(), "view") == "all"
    most_words = MOST_WORDS_AMONG_ALL if sees_all else MOST_WORDS
    found = {record.pk: record for record in candidates(visible, query, meant, most_words)}
    best = ranked(found.values(), query)[:limit]
    details = model.search_details([record for record, _score in best], user)
    return [Hit(record, details.get(record.pk, ""), score) for record, score in best]


def candidates(records, query, meant, most_words):
    """Return up to 200 of the records that the query may mean: by e-mail, by phone, else by words.

    `meant`: gives for each word of the query the words that may be meant; asked only when few records fit as typed.
    """
    model, hidden = records.model, records.query.hidden
    if "@" in query.strip("@"):
        condition = model.email_condition(query.lower().strip())
        return [] if "emails" in hidden else records.filter(condition)[:MOST_CANDIDATES]
    if is_phone(query):
        return (
            [] if "phones" in hidden else records.filter(model.phone_condition(_significant(query)))[:MOST_CANDIDATES]
        )
    if not _terms(query):
        return []
    by_name = names_only(model, hidden)
    found = list(records.filter(words_condition(query, names_only=by_name))[:MOST_CANDIDATES])
    if len(found) >= ENOUGH or not all(meant()):
        return found
    wider = _all_of(f"({' | '.join(words[:most_words])})" for words in meant())
    return [*found, *records.filter(_matching(wider, by_name))[:MOST_CANDIDATES]]


def names_only(model, hidden):
    """Whether somebody from whom these fields are hidden may find such records by the words of their names alone."""
    return not hidden.isdisjoint(model.words_tell)


def words_condition(query, *, names_only=False):
    """Return the condition "every word of the query begins a word of the record", or of its name alone; nothing for a
    query without words."""
    terms = _terms(query)
    return _matching(_all_of(map(_beginning, terms)), names_only) if terms else Q(pk__in=[])


def _matching(tsquery, names_only):
    matches = Q(WordsMatch(F("words"), Value(tsquery)))
    return matches & Q(NamesMatch(F("sort_name"), Value(tsquery))) if names_only else matches


def is_phone(query):
    """Whether the query is a phone number or the end of one: at least five digits and no letters."""
    return len(standards.digits(query)) >= 5 and not re.search(r"[^\d\s()+./-]", query)


def _significant(query):
    """Return the digits without the trunk or international prefix, which are not stored."""
    return standards.digits(query.replace("(0)", "")).lstrip("0")


def _terms(query):
    return list(dict.fromkeys(re.findall(r"[a-z0-9]+", standards.sort_key(query))))[:8]


def _beginning(term):
    return f"{term}:*" if len(term) > 1 else term


def _all_of(parts):
    return " & ".join(parts)


def _meant(terms):
    """Return for each term the words of the vocabulary that contain it or look like it."""
    if all(len(term) < 3 for term in terms):
        return [[_beginning(term)] for term in terms]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT term, word FROM unnest(%s::text[]) AS term, LATERAL (
                SELECT word FROM crm_searchword
                WHERE length(term) > 2 AND (word LIKE '%%' || term || '%%' OR word %% term)
                ORDER BY similarity(word, term) DESC, word LIMIT %s
            ) AS near
            """,
            [terms, MOST_WORDS],
        )
        near = cursor.fetchall()
    return [[_beginning(term), *(word for of, word in near if of == term and _is_near(term, word))] for term in terms]


def _is_near(term, word):
    return term in word or fuzz.ratio(term, word) >= 60


def ranked(records, query):
    """Return (record, score): those whose name has every word first, then those like it; equal ones by name."""
    key, terms = standards.sort_key(query), _terms(query)
    scored = [(r, fuzz.WRatio(key, r.sort_name) + 100 * _has_all(terms, r.sort_name)) for r in records]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].sort_name, pair[0].pk))


def _has_all(terms, name):
    """Whether each term begins a word of the name."""
    words = re.findall(r"[a-z0-9]+", name)
    return all(any(word.startswith(term) for word in words) for term in terms)
