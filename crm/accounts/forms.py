"""Forms of the sign-in pages and of one's own account."""

from functools import cache
from zoneinfo import available_timezones

from allauth.account import forms as allauth
from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from crm import jobs
from crm.models import User


@cache
def zones():
    """Return the names of the time zones people live in, and UTC."""
    others = ("Etc/", "posix/", "right/", "SystemV/")
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(others))]


class NewPassword:
    """The fields for a new password, in our words."""

    words = {  # label, help
        "oldpassword": (_("Current password"), ""),
        "password1": (_("New password"), _("At least ten characters; no common one, and not your name.")),
        "password2": (_("New password again"), ""),
    }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label, field.help_text = self.words[name]
            field.widget.attrs.pop("placeholder", None)


class ChangePasswordForm(NewPassword, allauth.ChangePasswordForm):
    pass


class ReauthenticateForm(allauth.ReauthenticateForm):
    """Asks whoever is signed in for their password once more."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        field = self.fields["password"]
        field.label, field.help_text = _("Password"), ""
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["autofocus"] = True


class ResetPasswordKeyForm(NewPassword, allauth.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(allauth.ResetPasswordForm):
    """Takes an address and says nothing about it: a job looks up whether there is an account."""

    def clean_email(self):
        return self.cleaned_data["email"].strip().lower()

    def save(self, request, **_options):
        jobs.enqueue("crm.mail_password_reset", email=self.cleaned_data["email"])


class AccountForm(forms.ModelForm):
    """What users say about themselves."""

    timezone = forms.TypedChoiceField(label=_("Time zone"), choices=lambda: [(zone, zone) for zone in zones()])

    class Meta:
        model = User
        fields = ("given_name", "family_name", "timezone", "theme")
        widgets = {"theme": forms.RadioSelect}

    @property
    def helper(self):
        helper = FormHelper(self)
        helper.form_tag = False
        return helper
