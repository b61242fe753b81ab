"""With whom a record is shared: the dialog that says so, shares it with one more, and ends a share."""

from __future__ import annotations

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import parsing, sharing
from crm.models import Team, User
from crm.pages import answer, moved
from crm.record_views import RecordView

RIGHTS = (("view", gettext_lazy("See it")), ("edit", gettext_lazy("See and change it")))

PICKED = {"data-picker": "", "data-placeholder": gettext_lazy("Type a name or a team")}


class ShareForm(forms.Form):
    """With whom, with which right, until when (the end of that day where the user is)."""

    whom = forms.ChoiceField(label=gettext_lazy("With"), widget=forms.Select(attrs=PICKED))
    right = forms.ChoiceField(label=gettext_lazy("They may"), choices=RIGHTS, widget=forms.RadioSelect, initial="view")
    until_day = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The end of that day. Left empty: until somebody ends it."),
    )

    def __init__(self, data=None, *, record):
        super().__init__(data)
        self.record = record
        users = User.objects.filter(is_active=True).exclude(pk=record.owner_id)
        people = [(f"user-{user.pk}", str(user)) for user in users.order_by("given_name", "family_name", "pk")]
        teams = [(f"team-{team.pk}", team.name) for team in Team.objects.order_by("name")]
        self.fields["whom"].choices = [("", ""), (_("Colleagues"), people), (_("Teams"), teams)]

    def clean_whom(self):
        """Return {"user": User} or {"team": Team}."""
        what, _dash, pk = self.cleaned_data["whom"].partition("-")
        whom = (User if what == "user" else Team).objects.get(pk=pk)
        kind = self.record.record_kind()
        if isinstance(whom, User) and not whom.access.may(kind, "view"):
            raise ValidationError(_("Their role opens no %(kind)s.") % {"kind": self.record._meta.verbose_name_plural})
        return {what: whom}

    def clean_until_day(self):
        day = self.cleaned_data["until_day"]
        if day and (day < timezone.localdate() or day.year not in parsing.YEARS):
            raise ValidationError(_("That day is over."))
        return day

    @property
    def until(self):
        """Return the last moment of the day in the user's zone, or None."""
        day = self.cleaned_data["until_day"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class SharesView(RecordView):
    """The shares of a record, for those who may change it; POST shares it with one more."""

    action = "edit"
    http_method_names = ("get", "head", "post", "options")

    @property
    def record(self):
        return self.fetched(self.model.objects.editable_by(self.user))

    def get(self, request, pk):
        record = self.record
        return self.shown(record, ShareForm(record=record))

    def post(self, request, pk):
        record = self.record
        form = ShareForm(request.POST, record=record)
        if not form.is_valid():
            return self.shown(record, form, status=422)
        may_edit = form.cleaned_data["right"] == "edit"
        made = sharing.share(record, **form.cleaned_data["whom"], may_edit=may_edit, until=form.until, by=request.user)
        messages.success(request, _("Shared with %(whom)s.") % {"whom": made})
        return moved(request, record)

    def shown(self, record, form, status=200):
        rows = [(share, said(share)) for share in sharing.of(record)]
        name = f"{self.model._meta.app_label}:{self.model._meta.model_name}"
        action, end_url = (reverse(f"{name}_{what}", args=[record.pk]) for what in ("shares", "share_end"))
        context = {"record": record, "form": form, "shares": rows, "action": action, "end_url": end_url}
        return answer(self.request, "record_shares.html", "shares", context, status=status)


class ShareEndView(RecordView):
    """POST ends a share (`share`: its id) of a record."""

    action = "edit"
    http_method_names = ("post", "options")

    def post(self, request, pk):
        record = self.fetched(self.model.objects.editable_by(self.user))
        share_id = parsing.identifier(request.POST.get("share"), default=None)
        if share_id is None:
            raise Http404
        sharing.end(record, share_id, by=request.user)
        messages.success(request, _("The share is ended."))
        return moved(request, record)


def said(share):
    """Return "may change it, until 3 Dec 2026"."""
    right = _("may see and change it") if share.may_edit else _("may see it")
    end = _("until %(day)s") % {"day": date_format(timezone.localtime(share.until), "j M Y")} if share.until else ""
    return ", ".join(filter(None, [right, end]))
