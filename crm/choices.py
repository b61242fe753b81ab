"""Choosing one record out of very many: a field whose options come through the door, by search."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from crm import parsing
from crm.models import User
from crm.search import search
from crm.tombstones import survivor_of


def is_id(value):
    """Whether a value can be the id of a row."""
    try:
        parsing.identifier(value)
    except parsing.BadInput:
        return False
    return True


class Picker(forms.Select):
    """A select that knows only the chosen record and asks `url` for others; without JavaScript a name can be typed."""

    def __init__(self, *, url, placeholder="", **kwargs):
        super().__init__(**kwargs)
        self.url, self.placeholder = url, placeholder

    def get_context(self, name, value, attrs):
        attrs = {**(attrs or {}), "data-picker-url": str(self.url), "data-placeholder": str(self.placeholder)}
        return super().get_context(name, value, attrs)

    def render(self, name, value, attrs=None, renderer=None):
        select = super().render(name, value, attrs, renderer)
        label = self.placeholder or _("Type a name")
        typed = value[1:] if isinstance(value, str) and value.startswith("?") else ""
        return format_html(
            '{}<noscript><input class="form-control mt-1" name="{}_text" value="{}" placeholder="{}" aria-label="{}"'
            ' maxlength="200"></noscript>',
            select,
            name,
            typed,
            label,
            label,
        )

    def value_from_datadict(self, data, files, name):
        """Return what was typed, marked by "?": it replaces the record that was chosen before."""
        typed = (data.get(f"{name}_text") or "").strip()
        return f"?{typed}" if typed else data.get(name, "")


class RecordChoiceField(forms.ModelChoiceField):
    """One record of `model` the user may see. `for_user` must be called before the form is used.

    A value "?words" (typed without JavaScript) is searched for; several that fit are named in the error.
    """

    def __init__(self, model, *, url, placeholder="", **kwargs):
        self.model_wanted = model
        super().__init__(queryset=None, widget=Picker(url=url, placeholder=placeholder), **kwargs)

    def for_user(self, user, initial=None):
        """Take the choices from the user's door; show the record chosen at first."""
        self.user = user
        self.queryset = self.model_wanted.objects.visible_to(user)
        self.shown(initial)

    def shown(self, pk):
        """Offer only this record as option: the others come by search."""
        options = [("", "")]
        record = self._found(pk) if is_id(pk) else None
        if record:
            options.append((record.pk, str(record)))
        self.choices = options

    def to_python(self, value):
        if isinstance(value, str) and value.startswith("?"):
            return self._meant(value[1:])
        if isinstance(value, str) and value and not is_id(value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        try:
            return super().to_python(value)
        except ValidationError:
            found = self._survivor(value) if is_id(value) else None
            if found is None:
                raise
            return found

    def _found(self, pk):
        return self.queryset.filter(pk=pk).first() or self._survivor(pk)

    def _survivor(self, pk):
        """Return the record that the one with this id was merged into, if the user sees it; else None."""
        now = survivor_of(self.model_wanted, int(pk))
        return now and self.queryset.filter(pk=now).first()

    def _meant(self, words):
        hits = search(self.user, words, models=[self.model_wanted], limit=6)
        exact = [hit for hit in hits if hit.title.casefold() == words.strip().casefold()] or hits
        if len(exact) == 1:
            return exact[0].record
        if not hits:
            raise ValidationError(_("Nobody found by “%(words)s”."), code="none", params={"words": words[:60]})
        names = "; ".join(f"{hit.title} ({hit.detail})" if hit.detail else hit.title for hit in exact[:5])
        raise ValidationError(
            _("Several fit: %(names)s. Type more of the name."), code="several", params={"names": names}
        )


def assignable(user, model, record=None):
    """Return the users to whom this user may give a record of `model`: themselves, their teams, or everybody."""
    action = "edit" if record is not None and record.pk else "create"
    scope = user.access.scope(model._meta.label_lower, action)
    active = User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk")
    if scope == "all":
        return active
    ids = {user.pk, *([record.owner_id] if record is not None and record.owner_id else [])}
    if scope == "team":
        return active.filter(pk__in=ids) | active.filter(team__in=user.access.team_ids)
    return active.filter(pk__in=ids)
