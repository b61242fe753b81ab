from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from crm.cache import CacheRow

pytestmark = pytest.mark.django_db


def later(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


def test_a_value_is_kept_until_it_expires():
    cache.set("colour", ["lapis"], 60)
    assert cache.get("colour") == ["lapis"]
    assert "colour" in cache
    with later(61):
        assert cache.get("colour", "none") == "none"


def test_many_values_come_in_one_query(django_assert_num_queries):
    cache.set_many({"a": 1, "b": 2})
    with django_assert_num_queries(1):
        assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}


def test_add_keeps_what_stands_there_while_it_lives():
    assert cache.add("lock", 1, 10)
    assert not cache.add("lock", 2, 10)
    with later(11):
        assert cache.add("lock", 3, 10)


def test_numbers_count_up():
    cache.set("visits", 1)
    assert cache.incr("visits") == 2
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")


def test_a_count_starts_afresh_in_the_next_window():
    assert [cache.count("tries", 60) for _ in range(3)] == [1, 2, 3]
    cache.uncount("tries")
    assert cache.count("tries", 60) == 3
    with later(61):
        assert cache.count("tries", 60) == 1


def test_touch_and_delete_say_whether_there_was_something():
    cache.set("a", 1, 10)
    assert cache.touch("a", 100)
    with later(50):
        assert cache.get("a") == 1
    assert cache.delete("a")
    assert not cache.delete("a")
    assert not cache.touch("a")


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError):
        cache.set("object", object())


def test_filling_the_cache_pushes_nothing_out():
    cache.set("lockout", 1, 600)
    cache.set_many({f"rubbish{n}": n for n in range(500)})
    assert cache.get("lockout") == 1


def test_only_the_expired_are_cleared():
    cache.set("old", 1, 10)
    cache.set("new", 1, 1000)
    with later(60):
        assert cache.clear_expired() == 1
        assert list(CacheRow.objects.values_list("key", flat=True)) == [":1:new"]


@pytest.mark.django_db(transaction=True)
def test_simultaneous_counts_are_all_counted():
    def count(_number):
        try:
            return cache.count("burst", 60), cache.add("first", _number, 60)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts, firsts = zip(*pool.map(count, range(40)), strict=True)
    assert sorted(counts) == list(range(1, 41))
    assert sum(firsts) == 1
