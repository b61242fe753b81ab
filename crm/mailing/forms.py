"""The forms of a template, and of who gets no mail."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import parsing, standards
from crm.administration.forms.shown import Shown
from crm.mailing import merging
from crm.mailing.addressing import BadHeader, address_key, subject_line
from crm.mailing.rows import MailTemplate, Suppression

TAKEN = _("You have a template of this name.")


class MailTemplateForm(Shown, forms.ModelForm):
    """What a template says, with tokens that exist."""

    class Meta:
        model = MailTemplate
        fields = ("name", "subject", "body", "is_shared")
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        help_texts = {
            "body": _("A blank line begins a paragraph, “- ” a list, “# ” a heading. **bold**, [words](https://…)."),
            "is_shared": _("Everybody may send it; you and administrators change it."),
        }

    def is_stale(self):
        return bool(self.instance.pk) and super().is_stale()

    def clean_name(self):
        name = standards.line(self.cleaned_data["name"])
        same = MailTemplate.objects.filter(user=self.instance.user_id, name__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError(TAKEN, code="taken")
        return name

    def clean_subject(self):
        try:
            subject = subject_line(self.cleaned_data["subject"])
        except BadHeader as fault:
            raise ValidationError(fault.messages, code="header") from None
        merging.check(subject)
        return subject

    def clean_body(self):
        body = parsing.words(self.cleaned_data["body"], longest=20000, lines=True)
        merging.check(body)
        return body


def _reason(label, text):
    """Return the field for why somebody decides so: it stays as evidence, word for word."""
    return forms.CharField(label=label, help_text=text, max_length=500)


class ReleaseForm(forms.Form):
    """Why an address gets mail again."""

    source = _reason(_("Why it gets mail again"), _("Who asked for it, when and how. It stays for good."))

    def clean_source(self):
        return parsing.words(self.cleaned_data["source"], longest=500)


class SuppressionForm(ReleaseForm):
    """An address that gets no more mail, and why."""

    address = forms.CharField(label=_("Address"), max_length=320)
    scope = forms.ChoiceField(label=_("What it gets no more"), choices=Suppression.Scope)
    source = _reason(_("Why"), _("Who asked for it, when and how. It stays for good."))

    def clean_address(self):
        return address_key(self.cleaned_data["address"])
