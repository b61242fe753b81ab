"""What the form of every record does: owners from the actor's reach, stale versions, choices through the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm import conflicts
from crm.access import policy_of
from crm.choices import RecordChoiceField, assignable
from crm.lookalikes import Lookalikes


class OwnerField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.get_full_name()


class RecordForm(forms.ModelForm):
    """A form over one Record. Carries the version it was opened with, and a digest of its values.

    A save over somebody else's is refused; what they changed elsewhere is taken over, what both changed stands side by
    side, and the next save knows of it.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    opened = forms.CharField(widget=forms.HiddenInput, required=False, max_length=conflicts.LONGEST)

    rights_names: dict[str, str] = {}
    """Under which name the rights speak of a form field, where that is not its own."""

    ids = "id_%s"
    """How its fields are told from those of another form on the page: a dialog opens over any."""

    matched: dict[str, str | tuple[str, ...]] = {}
    """{column of the kind's specification of duplicates: the field, or the fields that make it up}."""

    matched_lines: dict[str, Callable] = {}
    """{prefix of a formset: function of a line, which gives the text of a field by name, to {column: text}}."""

    likely_url: Any = ""
    """Where likely duplicates are asked for while somebody types; "" for a form that is not matched."""

    def __init__(self, data=None, *, user, instance=None, initial=None):
        self.user = user
        super().__init__(data, instance=instance, initial=initial, auto_id=self.ids)
        self.initial["version"] = self.instance.version if self.instance.pk else None
        self.initial["opened"] = self._seen if self.instance.pk else None
        self.theirs: dict[str, str] = {}
        if "owner" in self.fields:
            self.fields["owner"] = self._owner_field()
        self._respect_rights()
        self.kept = {}
        for name, field in self.fields.items():
            if isinstance(field, RecordChoiceField):
                field.for_user(user, self._value_of(name))
                self._keep_hidden(name, field)

    def _respect_rights(self):
        """Leave out the fields that are hidden from the user; show those they may not set, whatever is sent for them.

        What a record cannot be without can be given to a new one.
        """
        kind = self._meta.model.record_kind()
        hidden, fixed = self.user.access.hidden(kind), self.user.access.fixed(kind)
        needed = () if self.instance.pk else policy_of(self._meta.model).fixable
        for name in list(self.fields):
            right = self.rights_names.get(name, name)
            if right in hidden:
                del self.fields[name]
            elif right in fixed and right not in needed:
                self.fields[name].disabled = True

    def _keep_hidden(self, name, field):
        """Note a record referred to that the user may not see: it is not shown, and left empty it stays."""
        referred = getattr(self.instance, f"{name}_id", None)
        if referred and not field.queryset.filter(pk=referred).exists():
            self.kept[name], self.initial[name] = referred, None
            field.widget.placeholder = _("Not yours to see; leave it empty to keep it")

    def _value_of(self, name):
        value = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return getattr(value, "pk", value)

    def _owner_field(self):
        users = assignable(self.user, self._meta.model, self.instance)
        if not self.instance.pk:
            self.initial.setdefault("owner", self.user.pk)
        label = self._meta.model._meta.get_field("owner").verbose_name
        return OwnerField(users, label=capfirst(label), required=False, empty_label=_("Nobody"))

    def clean(self):
        cleaned: dict = super().clean() or {}
        for name, pk in self.kept.items():
            if not cleaned.get(name) and name not in self.errors:
                rows = self.fields[name].model_wanted.objects.unscoped(because="a hidden reference stays as it was")
                cleaned[name] = rows.get(pk=pk)
        if self.instance.pk and "version" in self.fields and cleaned.get("version") != self.instance.version:
            self._settle(cleaned.get("opened") or "")
        return cleaned

    @cached_property
    def lookalikes(self):
        """Return the Lookalikes of what was sent; None for a form that is not matched."""
        return Lookalikes(type(self), self.data, self.user, self.instance.pk) if self.likely_url else None

    @property
    def likely_at(self):
        """Return the address to ask, of a record that is being changed with its id."""
        return f"{self.likely_url}?but={self.instance.pk}" if self.instance.pk else str(self.likely_url)

    @property
    def likely_id(self):
        return self.ids % "likely"

    @property
    def matched_names(self):
        """Return the names of the fields that are matched, separated by blanks; "emails-" for all of a formset."""
        fields = [name for one in self.matched.values() for name in ((one,) if isinstance(one, str) else one)]
        return " ".join([*fields, *(f"{prefix}-" for prefix in self.matched_lines)])

    def matched_changed(self):
        """Whether anything was changed that is matched."""
        return not set(self.matched_names.split()).isdisjoint(self.changed_data)

    def is_held_up(self):
        """Whether this valid form comes back once, because it clearly looks like a record that is there already."""
        if self.lookalikes is None or not self.lookalikes.hold_up(self):
            return False
        self.add_error(None, _("Nothing was saved yet: this looks like a record that is there already. See below."))
        return True

    def lines(self):
        """Return {name: form} of the forms that are compared when somebody else was faster: this and those inside."""
        return {"": self}

    def _seen(self):
        return conflicts.opened(self.lines())

    def _settle(self, opened):
        """Say at each field what is saved there now where both changed it, and take over what they changed alone."""
        posted = self.data.copy()
        outcome = conflicts.settle(self.lines(), opened, posted)
        for form, name, theirs in outcome.conflicts:
            saved = conflicts.in_words(form, name) or _("nothing")
            form.add_error(name, ValidationError(_("Saved now: %(saved)s"), code="theirs", params={"saved": saved}))
            form.theirs = {**getattr(form, "theirs", {}), name: theirs}
        posted[self.add_prefix("version")] = str(self.instance.version)
        posted[self.add_prefix("opened")] = self._seen()
        self.rebind(posted)
        self.add_error(None, ValidationError(self._words_on(outcome), code="stale"))

    def rebind(self, data):
        """Show other data than was sent, without looking at it anew."""
        self.data = data

    def _words_on(self, outcome):
        said: list = [_("%(who)s changed this in the meantime; nothing was saved.") % {"who": self._last_writer()}]
        if outcome.taken:
            said.append(_("Taken over from them: %(fields)s.") % {"fields": ", ".join(dict.fromkeys(outcome.taken))})
        if outcome.conflicts:
            said.append(_("Where you both changed a field, what is saved now stands at it; save to put yours there."))
        else:
            said.append(_("Save again to add your changes to theirs."))
        return " ".join(map(str, said))

    def _last_writer(self):
        return (self.instance.updated_by_id and self.instance.updated_by.get_full_name()) or _("Somebody")

    def save(self, commit=True):
        if not self.instance.pk and not self.instance.owner_id:
            self.instance.owner = self.user
        return super().save(commit)
