"""Outgoing mail as people see it: what became of each, and what to do about those in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm import parsing
from crm.framing import framed, with_pictures
from crm.mailing import outcomes, providers, sending, sink
from crm.mailing.rows import MailProvider, OutgoingMail
from crm.newest import page_of
from crm.pages import answer, moved, signed_in
from crm.policies import ADMINISTRATION

MOST_SAID = 999
REASONS = {
    "suppressed": gettext_lazy("The address gets no mail"),
    "late": gettext_lazy("Too late to be of use"),
    "withdrawn": gettext_lazy("Not needed any more"),
    "content": gettext_lazy("It could not be written"),
    "tries": gettext_lazy("Given up after a dozen tries"),
    "server": gettext_lazy("The mail server refused it"),
    "hard": gettext_lazy("The address does not exist"),
    "soft": gettext_lazy("It came back"),
}
TONES = {"in_doubt": "warn", "refused": "bad", "bounced": "bad"}


@dataclass
class Shown:
    """A mail as its reader may see it."""

    mail: OutgoingMail
    is_read: bool

    @property
    def subject(self):
        return self.mail.subject if self.is_read else ""

    @property
    def reason(self):
        return REASONS.get(self.mail.reason, "")

    @property
    def tone(self):
        return "" if self.mail.set_aside_at else TONES.get(self.mail.state, "")


def shown(mail, user):
    return Shown(mail, mail.may_read(user))


@signed_in
@require_safe
def mail_list(request):
    """The mails one may see, the newest first; `before` is the id after which the page goes on."""
    state = parsing.choice(request.GET.get("state"), OutgoingMail.State.values, default="")
    rows = OutgoingMail.objects.visible_to(request.user).select_related("by").defer("text", "html")
    rows = rows.filter(state=state) if state else rows
    page, older = page_of(rows, request)
    context = {
        "mails": [shown(mail, request.user) for mail in page],
        "older": older,
        "state": state,
        "tabs": _tabs(request, state),
        "failing": _failing(request.user),
        "has_sink": _administers(request.user) and sink.directory() is not None,
    }
    return answer(request, "mailing/mail_list.html", "rows", context)


def _tabs(request, current):
    """Return the tabs over the list: the states, and of those that ask for somebody how many do."""
    rows = OutgoingMail.objects.visible_to(request.user).open_question()
    found: list[tuple] = [("", _("All"), None)]
    for key, label in OutgoingMail.State.choices:
        number = rows.filter(state=key)[: MOST_SAID + 1].count() if key in OutgoingMail.ASKS else 0
        found.append((key, label, f"{MOST_SAID}+" if number > MOST_SAID else number or None))
    return [
        {"label": label, "url": f"{reverse('mail_sent')}{f'?state={key}' if key else ''}", "current": key == current,
         "count": number}
        for key, label, number in found
        if key != OutgoingMail.State.SENDING
    ]  # fmt: skip


def _administers(user):
    return user.access.may(ADMINISTRATION, "view")


def _failing(user):
    """Return the ways out that do not answer, for those who can do something about it."""
    rows = MailProvider.objects.filter(failures__gt=0, pk__in=providers.names()).order_by("pk")
    return list(rows) if _administers(user) else []


def _mail(request, pk):
    return get_object_or_404(OutgoingMail.objects.visible_to(request.user).select_related("by"), pk=pk)


@signed_in
@require_safe
def mail_detail(request, pk):
    """One mail: what became of it, step by step; what it says only to those who may read it."""
    mail = _mail(request, pk)
    context = {
        "one": shown(mail, request.user),
        "mail": mail,
        "notes": [_worded(note) for note in mail.notes.select_related("by").order_by("pk")[:200]],
        "files": list(mail.attachments.filter(inline="").defer("file")) if mail.may_read(request.user) else [],
        "suppressions": list(outcomes.suppressions(mail.to_key)) if _administers(request.user) else [],
        "tells_answer": _administers(request.user) or mail.by_id == request.user.pk,
    }
    return answer(request, "mailing/mail_detail.html", "state", context)


def _worded(note):
    note.words = REASONS.get(note.text, note.text)
    return note


@signed_in
@require_safe
@framed()
def mail_html(request, pk):
    """The HTML of a mail, for a frame."""
    mail = _mail(request, pk)
    if not (mail.may_read(request.user) and mail.html):
        raise Http404
    shown = mail.attachments.exclude(inline="").select_related("file").order_by("pk")
    return with_pictures(mail.html, {part.inline: (part.type, bytes(part.file.content)) for part in shown})


@signed_in
@require_POST
def again(request, pk):
    """Send a mail in doubt or refused anew: whoever presses it takes it upon themselves that it may arrive twice."""
    mail = _mail(request, pk)
    if sending.send_again(mail, by=request.user):
        messages.success(request, _("It goes out again."))
    return moved(request, reverse("mail_detail", args=[mail.pk]))


@signed_in
@require_POST
def leaving(request, pk):
    """Leave a mail in doubt or refused as it is."""
    mail = _mail(request, pk)
    sending.leave(mail, by=request.user)
    return moved(request, reverse("mail_detail", args=[mail.pk]))
