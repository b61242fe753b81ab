from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import parsing
from crm.parsing import BadInput


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parsing.identifier, "7", 7),
        (parsing.identifier, str(2**63 - 1), 2**63 - 1),
        (parsing.whole, " 12 ", 12),
        (parsing.number, "-12.50", Decimal("-12.50")),
        (parsing.day, "2026-11-21", date(2026, 11, 21)),
        (parsing.moment, "2026-11-21T09:30:00+00:00", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        (parsing.words, "  Bjo\u0308rn ", "Bj\u00f6rn"),
    ],
)
def test_a_right_text_becomes_a_value(parse, text, value):
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parsing.identifier, "0"),
        (parsing.identifier, "-1"),
        (parsing.identifier, str(2**63)),
        (parsing.identifier, "1e3"),
        (parsing.identifier, "٣"),
        (parsing.identifier, "9" * 5000),
        (parsing.whole, "1.5"),
        (parsing.whole, "9" * 5000),
        (parsing.number, "NaN"),
        (parsing.number, "Infinity"),
        (parsing.number, "1e400"),
        (parsing.number, "0.00001"),
        (parsing.day, "2026-02-30"),
        (parsing.day, "20261121"),
        (parsing.day, "0001-01-01"),
        (parsing.moment, "2026-13-01T00:00"),
        (parsing.moment, "9999-12-31T23:59:59-14:00"),
        (parsing.words, "a\0b"),
        (parsing.words, "a\ud800b"),
        (parsing.words, "line\nline"),
        (parsing.words, "x" * 201),
        (parsing.words, None),
    ],
)
def test_a_wrong_text_is_bad_input(parse, text):
    with pytest.raises(BadInput):
        parse(text)


@pytest.mark.parametrize("parse", [parsing.identifier, parsing.whole, parsing.number, parsing.day, parsing.words])
def test_nothing_becomes_the_default(parse):
    assert parse("", default=None) is None
    assert parse(None, default=5) == 5


def test_a_time_without_offset_is_read_in_the_zone_asked_for():
    assert parsing.moment("2026-07-01T09:00", zone="Europe/Oslo") == datetime(
        2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Oslo")
    )


def test_a_choice_is_one_of_those_allowed():
    assert parsing.choice("dark", {"light", "dark"}) == "dark"
    with pytest.raises(BadInput):
        parsing.choice("__class__", {"light", "dark"})


def test_ids_come_without_repeats_and_not_too_many():
    assert parsing.identifiers(["3", "1", "3"]) == [3, 1]
    with pytest.raises(BadInput):
        parsing.identifiers(["1"] * 3, most=2)


def test_lines_are_kept_where_they_are_allowed():
    assert parsing.words("one\r\n\ttwo", lines=True) == "one\r\n\ttwo"


@given(st.text(), st.sampled_from([parsing.identifier, parsing.whole, parsing.number, parsing.day, parsing.moment]))
def test_any_text_gives_a_value_or_bad_input(text, parse):
    with suppress(BadInput):
        parse(text)


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_words_that_pass_can_be_stored(text):
    try:
        passed = parsing.words(text, lines=True, default="")
    except BadInput:
        return
    passed.encode()
    assert "\0" not in passed
