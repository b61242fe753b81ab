"""Made-up data: a firm, its users, and whatever the apps register to fill it.

An app's `demo.py` registers functions with `@part`; each adds rows to one Batch at a time, a few thousand people and
all that stands on them. The same seed and the same day give the same rows, whatever else runs.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import chain
from random import Random

from django.apps import apps
from django.db import transaction
from django.utils.module_loading import autodiscover_modules

from crm import duplicates, history, loading
from crm.demo.firm import found_firm
from crm.demo_labels import DemoLabel

BATCH_PEOPLE = 5_000
MANY_PEOPLE = 20_000  # from here on it pays to build the indexes last


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    people: int
    companies: int
    interactions: int
    users: int
    seed: int
    now: datetime
    sign_ins: bool = False
    heavy: int = 0


@dataclass
class Batch:
    """Some of the people asked for, with everything that stands on them, made and written together."""

    order: Order
    firm: object
    number: int
    first: int
    size: int
    rows: dict[type, list] = field(default_factory=lambda: defaultdict(list))
    labels: list = field(default_factory=list)
    employers: list = field(default_factory=list)

    def add(self, *rows):
        for row in rows:
            self.rows[type(row)].append(row)

    def share_of(self, total):
        """Return how many of `total` things fall to this batch; over all batches they sum to `total`."""
        last = self.first + self.size
        return total * last // self.order.people - total * self.first // self.order.people

    def label(self, row, label, variant, cluster=None, **detail):
        """Note what is known about a row; `cluster`: any row, the same for all that belong together."""
        self.labels.append((row, label, variant, cluster, detail))

    def forget(self):
        """Cut what holds the rows of a written batch in memory: what was noted on them refers back to them."""
        for row in chain.from_iterable(self.rows.values()):
            row.__dict__.pop("demo", None)
        self.rows.clear()

    @cached_property
    def is_first(self):
        return self.number == 0


_parts = []


def part(function):
    """Decorator: have `function(batch, rng)` add rows to every batch; apps are asked in the order of INSTALLED_APPS."""
    _parts.append(function)
    return function


def fill(order, progress=lambda people: None):
    """Write the firm and everything the apps registered, in one transaction."""
    autodiscover_modules("demo")
    with _uncollected(), transaction.atomic(), history.acting(None, reason="Demo data"):
        loading.check_references_at_once()
        firm = found_firm(Random(f"{order.seed}/firm"), users=order.users, sign_ins=order.sign_ins)
        with loading.unindexed() if order.people >= MANY_PEOPLE else nullcontext():
            for batch in _made_ahead(order, firm):
                _write(batch)
                progress(batch.first + batch.size)
                batch.forget()
        if order.people < MANY_PEOPLE:
            _match()
    loading.analyze()


def _match():
    """Find the duplicates among what was written; of very many the nightly job does."""
    for kind in duplicates.kinds():
        duplicates.keep(kind.model)
        duplicates.match_all(kind.model)


@contextmanager
def _uncollected():
    """Look for no garbage: doing so among a million live rows takes a quarter of the time. Batches forget their own."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _made_ahead(order, firm):
    """Yield the batches, each made while the one before it is being written."""
    starts = list(enumerate(range(0, order.people, BATCH_PEOPLE)))
    batches = (Batch(order, firm, number, first, min(BATCH_PEOPLE, order.people - first)) for number, first in starts)
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(_make, next(batches))
        for batch in batches:
            made, coming = coming.result(), maker.submit(_make, batch)
            yield made
        yield coming.result()


def _make(batch):
    """Have every part add its rows. No part may use the database: this runs beside the transaction."""
    for function in _parts:
        name = f"{function.__module__}.{function.__name__}"
        function(batch, Random(f"{batch.order.seed}/{name}/{batch.number}"))
    return batch


def _write(batch):
    for rows in batch.rows.values():
        loading.number(rows)
    for model in _in_order([model for model in apps.get_models() if batch.rows.get(model)]):
        loading.store(model, batch.rows[model])
    DemoLabel.objects.bulk_create(_label_rows(batch), batch_size=2000)


def _in_order(models):
    """Return these models so that what is referred to by another comes before it."""
    refers = {
        model: [
            one.related_model
            for one in model._meta.concrete_fields
            if one.is_relation and one.related_model is not model and one.related_model in models
        ]
        for model in models
    }
    return list(TopologicalSorter(refers).static_order())


def _label_rows(batch):
    for row, label, variant, cluster, detail in batch.labels:
        yield DemoLabel(
            kind=row._meta.label_lower,
            record_id=row.pk,
            label=label,
            variant=variant,
            cluster=cluster and cluster.pk,
            detail=detail,
        )
