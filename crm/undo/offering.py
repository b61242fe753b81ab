"""Offering the way back, right after an act."""

from __future__ import annotations

from django.contrib import messages
from django.urls import reverse


def offer(request, act, text, *, redo=False):
    """Say what was done, with a button that undoes it; what changed nothing is said without one.

    `redo`: the act was itself an undo, so that the button does again what was undone.
    """
    tags = f"{'redo ' if redo else ''}undo:{reverse('undo_reversal', args=[act.pk])}" if act.rows else ""
    messages.success(request, text, extra_tags=tags)
