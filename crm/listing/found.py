"""The rows of a list: how many there are, and a page of them, by the way that reads least."""

from __future__ import annotations

from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from crm.listing import counting, paging


class Found:
    """What the filters leave of the records with which a user may do `action`.

    Few are looked up by the filters and then put in order; of many, each branch walks its order until a page is full.
    The planner alone would walk a million people for the last of fifty who are hardly there.
    """

    def __init__(self, *, model, user, filterset, shaped, action="view"):
        self.model, self.user, self.filterset, self.shaped, self.action = model, user, filterset, shaped, action

    @cached_property
    def branches(self):
        """Return one narrowed queryset per reason for access, each in index order."""
        opened = self.model.objects.branches(self.user, self.action)
        return [self.filterset.filter_queryset(self.shaped(branch)) for branch in opened]

    @cached_property
    def at_once(self):
        """Return the same rows as one queryset, for indexes that know the reasons for access and the filters."""
        rows = self.model.objects
        opened = rows.exportable_by(self.user) if self.action == "export" else rows.visible_to(self.user)
        return self.filterset.filter_queryset(self.shaped(opened))

    @cached_property
    def count(self):
        if self.filterset.active:
            return counting.bounded([self.at_once])
        return (self.sees_all and counting.estimated(self.model)) or counting.bounded(self.branches)

    def bounded(self, most):
        """Return how many rows a file of them has, at most so many."""
        return counting.bounded([self.at_once], most)

    @property
    def sees_all(self):
        return self.user.access.scope(self.model._meta.label_lower, self.action) == "all"

    def page(self, order, **options):
        """Return a page by `order`, an expression; see crm.listing.paging for the options."""
        if self.filterset.active and not self.count.more:
            return paging.page([self.at_once], order=unindexed(order), **options)
        return paging.page(self.branches, order=order, **options)


def unindexed(order):
    """Return an expression that orders the same, and that no index does."""
    return Coalesce(order, order)
