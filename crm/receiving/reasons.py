"""Why a mail was set aside, as people read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.mime import refusal

LOOP_OURS, LOOP_REPLY, LOOP_HOPS, LOOP_MANY = "loop", "auto_reply", "too_many_hops", "too_many_in_an_hour"
OWN_ID, ROBOT, FORGED, FILE, HANDLER = "own_mail", "robot", "forged_address", "dangerous_file", "not_handled"
REASONS = {
    refusal.TOO_BIG: _("Too big"),
    refusal.HEADER: _("Its header is too long"),
    refusal.TOO_DEEP: _("Parts within parts without end"),
    refusal.TOO_MANY: _("Too many parts"),
    refusal.BROKEN: _("Broken: it cannot be read"),
    refusal.TOO_SLOW: _("Reading it took too long"),
    refusal.TOO_MUCH: _("Reading it took too much memory"),
    refusal.DIED: _("Reading it broke off"),
    LOOP_OURS: _("It has been here before"),
    LOOP_REPLY: _("An automatic reply"),
    LOOP_HOPS: _("It went through too many servers"),
    LOOP_MANY: _("Too many from this sender within an hour"),
    OWN_ID: _("A mail of ours that came back"),
    ROBOT: _("It says it comes from this site"),
    FORGED: _("A forged or ended reply address"),
    FILE: _("A dangerous file is attached"),
    HANDLER: _("What should be done with it failed each time"),
}
FINAL = {refusal.TOO_BIG}
"""Reasons that releasing changes nothing about: the whole mail is not here."""
