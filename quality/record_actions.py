"""Merging from the page of a record and from a list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import merging, record_actions
from crm.listing import bulk
from crm.record_actions import Action


def screen_url(model, ids):
    """Return the address of the screen that merges these records; of one, of the page that asks for the other."""
    asked = [("kind", model._meta.model_name), *(("pick", pk) for pk in ids)]
    return f"{reverse('quality:merge')}?{urlencode(asked)}"


def _with_another(record, user):
    if merging.mergeable(type(record)) is None or not user.access.covers(record, "edit"):
        return None
    return screen_url(type(record), [record.pk])


record_actions.register(Action("quality.merge", _("Merge with another"), "intersect", _with_another, order=90))
bulk.register(
    "merge", bulk.Change(_("Merge"), "intersect", "edit", leads=screen_url, suits=merging.mergeable, most=merging.MOST)
)
merging.reversal_page("quality:merge_reversal")
