"""The vocabulary of all search words, small enough to find the ones meant by a misspelt one."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models


class SearchWord(models.Model):
    """A word that stands in at least one searchable record."""

    word = models.TextField(primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_trigram")]

    def __str__(self):
        return self.word


def learn(words):
    """Add words to the vocabulary; known ones stay. Sorted, so that two at once do not lock each other.

    Those with digits, nearly all from e-mail addresses, would make nine tenths of it; they are found as typed.
    """
    letters = sorted({word for word in words if word.isalpha()})
    if letters:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO crm_searchword (word) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [letters]
            )
