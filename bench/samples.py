"""What is looked for: people spread over the whole table, and who has little or much history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db import connection

SAMPLES = 30


@dataclass
class Samples:
    """The same people for every user: whether they see them is part of what is measured."""

    @cached_property
    def people(self):
        """Return (id, given name, family name, digits of a phone number, e-mail address) of 30 people."""
        return _rows(
            """
            SELECT person.id, given_name, family_name, phone.number, email.address
            FROM generate_series(1, %(number)s) AS step
            CROSS JOIN LATERAL (
                SELECT id, given_name, family_name FROM contacts_person
                WHERE id >= (SELECT max(id) FROM contacts_person) * step / (%(number)s + 1)
                AND trashed_at IS NULL AND merged_into_id IS NULL AND family_name ~ '^[A-Za-z]{5,}$'
                AND given_name ~ '^[A-Za-z]{4,}$'
                AND EXISTS (SELECT FROM contacts_phonenumber WHERE person_id = contacts_person.id)
                AND EXISTS (SELECT FROM contacts_emailaddress WHERE person_id = contacts_person.id)
                ORDER BY id LIMIT 1
            ) AS person
            CROSS JOIN LATERAL (
                SELECT number FROM contacts_phonenumber WHERE person_id = person.id ORDER BY id LIMIT 1
            ) AS phone
            CROSS JOIN LATERAL (
                SELECT address FROM contacts_emailaddress WHERE person_id = person.id ORDER BY id LIMIT 1
            ) AS email
            """,
            {"number": SAMPLES},
        )

    @cached_property
    def common_names(self):
        """Return the ten given names most people have."""
        query = "SELECT given_name FROM contacts_person GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 10"
        return [name for (name,) in _rows(query)]

    @cached_property
    def companies(self):
        """Return (id, name) of 30 companies."""
        query = "SELECT id, name FROM contacts_company ORDER BY id LIMIT 30"
        return _rows(query)

    @cached_property
    def rare(self):
        """Return the rarest country, the rarest and the most common tag, the idlest and the busiest colleague."""
        country = "SELECT country FROM contacts_person WHERE country <> '' GROUP BY 1 ORDER BY count(*)"
        tags = "SELECT tag FROM contacts_person, unnest(tags) AS tag GROUP BY 1 ORDER BY count(*)"
        owner = "SELECT owner_id FROM contacts_person WHERE owner_id IS NOT NULL GROUP BY 1 ORDER BY count(*)"
        queries = [country, tags, f"{tags} DESC", owner, f"{owner} DESC"]
        return [_rows(f"{query}, 1 LIMIT 1")[0][0] for query in queries]


def people_with_talks(user, most):
    """Return ids of 30 people the user sees with 15 to 25 talks (`most`=False), or the one with most of all."""
    from contacts.models import Person

    counts = "SELECT person_id FROM interactions_participation WHERE person_id IS NOT NULL GROUP BY 1"
    query = f"{counts} ORDER BY count(*) DESC LIMIT 1" if most else f"{counts} HAVING count(*) BETWEEN 15 AND 25"
    ids = [pk for (pk,) in _rows(query)]
    visible = Person.objects.visible_to(user).filter(pk__in=ids).order_by("pk")
    return list(visible.values_list("pk", flat=True)[:SAMPLES])


def _rows(query, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
