"""The form of a mailbox."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import standards
from crm.accounts.sealing import sealed
from crm.administration.forms.shown import Shown
from crm.administration.tree import team_choices
from crm.models import User
from crm.receiving.rows import Mailbox

SERVER = ("host", "port", "security", "username")
"""What decides to whom the password goes: with a change of these it is typed again."""


class MailboxForm(Shown, forms.ModelForm):
    """An address whose mail comes in. The password is written and never read."""

    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Mailbox
        fields = (
            *("address", "way", "owner", "team", "is_shared", *SERVER),
            *("folder", "after", "move_to", "from_start"),
        )

    def __init__(self, data=None, *, instance=None):
        super().__init__(data, instance=instance)
        fields = self.fields
        fields["owner"].queryset = User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk")
        fields["owner"].widget.attrs["data-picker"] = ""
        fields["owner"].help_text = _("Mail is logged for them, to the people they may see.")
        fields["team"].choices = [("", _("Nobody else")), *team_choices(set())]
        fields["team"].label = _("Who else reads it")
        fields["team"].help_text = _("This team and those above it also see mail nobody was found for.")
        fields["is_shared"].label = _("Share what comes in with everybody who sees the person")
        fields["is_shared"].help_text = _("Otherwise it is private to whose mailbox it is.")
        fields["from_start"].help_text = _("Otherwise only what comes from now on.")
        if self.instance.pk:
            fields["from_start"].disabled = True
            fields["password"].help_text = _("Empty: as it was.")
        for name in ("host", "port", "security", "folder", "after"):
            fields[name].required = False

    def compared(self):
        return [name for name in super().compared() if name != "password"]

    def is_stale(self):
        return bool(self.instance.pk) and super().is_stale()

    def clean_address(self):
        return standards.email(self.cleaned_data["address"])

    def clean(self):
        cleaned = super().clean()
        for name in ("port", "security", "folder", "after"):
            if cleaned.get(name) in (None, "") and name not in self.errors:
                cleaned[name] = Mailbox._meta.get_field(name).get_default()
        if cleaned.get("way") == Mailbox.Way.IMAP:
            self._check_server(cleaned)
        if cleaned.get("after") == Mailbox.After.MOVE and not cleaned.get("move_to"):
            self.add_error("move_to", ValidationError(_("Say to which folder."), code="required"))
        return cleaned

    def _check_server(self, cleaned):
        for name in ("host", "username"):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(_("An IMAP server needs this."), code="required"))
        goes_elsewhere = not self.instance.password_sealed or set(SERVER) & set(self.changed_data)
        if goes_elsewhere and not cleaned.get("password"):
            self.add_error("password", ValidationError(_("Type the password for this server."), code="required"))

    def save(self, commit=True):
        if self.cleaned_data["password"]:
            self.instance.password_sealed = sealed(self.cleaned_data["password"])
        if self.instance.pk and {"host", "username", "folder"} & set(self.changed_data):
            self.instance.uid_validity, self.instance.last_uid, self.instance.marked_uid = None, 0, 0
        self.instance.error, self.instance.failures = "", 0
        return super().save(commit)
