"""Forms over rows that count no versions: what was shown when a form was opened is compared with what is saved now."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import conflicts

STALE = _(
    "Somebody changed this in the meantime; nothing was saved. What is saved now stands at each field that differs. "
    "Save again to put yours in its place."
)


class Shown:
    """Mixin of forms: carries a digest of what it showed; a save over somebody else's is refused and says what differs.
    What asks for nothing but what is saved already, as a form sent twice does, is let through.

    To be used with the row locked, so that what is compared is what will be replaced.
    """

    data: Any
    fields: dict[str, Any]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["shown"] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
        self.saved_now = _digest(
            (name, self.get_initial_for_field(self.fields[name], name)) for name in self.compared()
        )
        self.initial["shown"] = self.saved_now

    def compared(self):
        """Return the names of the fields whose saved values are compared."""
        return [name for name in self.fields if name != "shown"]

    def clean(self):
        cleaned = super().clean()
        if self.is_stale() and self.differing():
            self._show_what_is_saved()
            raise ValidationError(STALE, code="stale")
        return cleaned

    def is_stale(self):
        return self.data.get(self.add_prefix("shown"), "") != self.saved_now

    def differing(self):
        """Return the compared fields whose value is another than the one saved now."""
        compared = set(self.compared())
        return [name for name in self.changed_data if name in compared]

    def _show_what_is_saved(self):
        """Say at each field that differs what is saved now; the next save knows of it."""
        for name in self.differing():
            if name not in self.errors:
                saved = self.in_words(name) or _("nothing")
                self.add_error(name, ValidationError(_("Saved now: %(saved)s"), code="theirs", params={"saved": saved}))
        posted = self.data.copy()
        posted[self.add_prefix("shown")] = self.saved_now
        self.data = posted

    def in_words(self, name):
        """Return what is saved in a field, "" for nothing."""
        return conflicts.in_words(self, name)


def _digest(pairs):
    return sha256(repr([(name, str(value)) for name, value in pairs]).encode()).hexdigest()[:32]
