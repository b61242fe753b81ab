"""What the form of every record does: owners from the actor's reach, stale versions, choices through the door."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.access import policy_of
from crm.choices import RecordChoiceField, assignable


class OwnerField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return user.get_full_name()


class RecordForm(forms.ModelForm):
    """A form over one Record. Carries the version it was opened with: a save over somebody else's is refused."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    rights_names: dict[str, str] = {}
    """Under which name the rights speak of a form field, where that is not its own."""

    ids = "id_%s"
    """How its fields are told from those of another form on the page: a dialog opens over any."""

    def __init__(self, data=None, *, user, instance=None, initial=None):
        self.user = user
        super().__init__(data, instance=instance, initial=initial, auto_id=self.ids)
        self.initial["version"] = self.instance.version if self.instance.pk else None
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
        return OwnerField(users, label=label[:1].upper() + label[1:], required=False, empty_label=_("Nobody"))

    def clean(self):
        cleaned: dict = super().clean() or {}
        for name, pk in self.kept.items():
            if not cleaned.get(name) and name not in self.errors:
                rows = self.fields[name].model_wanted.objects.unscoped(because="a hidden reference stays as it was")
                cleaned[name] = rows.get(pk=pk)
        opened = cleaned.get("version")
        if self.instance.pk and "version" in self.fields and opened != self.instance.version:
            self._show_what_is_saved()
            raise ValidationError(
                _(
                    "Somebody changed this in the meantime; nothing was saved. What is saved now stands at each field "
                    "that differs. Save again to put yours in its place."
                ),
                code="stale",
            )
        return cleaned

    def _show_what_is_saved(self):
        """Say at each field that differs what is saved now; the next save knows of it."""
        for name in self.changed_data:
            if name != "version" and name not in self.errors:
                saved = self._in_words(name) or _("nothing")
                self.add_error(name, ValidationError(_("Saved now: %(saved)s"), code="theirs", params={"saved": saved}))
        posted = self.data.copy()
        posted[self.add_prefix("version")] = str(self.instance.version)
        self.data = posted

    def _in_words(self, name):
        """Return what is saved in a field as its reader may see it."""
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.ModelChoiceField):
            record = field.queryset.filter(pk=value).first() if value else None
            return field.label_from_instance(record) if record else ""
        if isinstance(value, list):
            return ", ".join(map(str, value))
        choices = dict(getattr(field, "choices", ()))
        return str(choices.get(value, "" if value is None else value))

    def save(self, commit=True):
        if not self.instance.pk and not self.instance.owner_id:
            self.instance.owner = self.user
        return super().save(commit)
