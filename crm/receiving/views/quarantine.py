"""Settings: mails that were set aside, why, and what may be done with them."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.administration.views.pages import administers
from crm.newest import page_of
from crm.pages import answer, moved
from crm.receiving import reasons, working
from crm.receiving.rows import ReceivedMail


@administers
@require_safe
def quarantine(request):
    """What was set aside, the newest first; `before` is the id after which the page goes on."""
    rows = ReceivedMail.objects.quarantined().select_related("raw").defer("raw__content", "text", "reply", "html")
    page, older = page_of(rows, request)
    return answer(request, "receiving/quarantine.html", "rows", {"mails": page, "older": older})


@administers
@require_safe
def quarantined(request, pk):
    """One of them. What was sent to somebody's own mailbox alone is read by them, not by administrators."""
    mail = get_object_or_404(ReceivedMail.objects.quarantined().select_related("raw").defer("raw__content"), pk=pk)
    context = {
        "mail": mail,
        "tells": tells(mail),
        "may_release": mail.reason not in reasons.FINAL,
        "readers": sorted({str(one.reader) for one in _deliveries(mail) if one.reader}),
    }
    return render(request, "receiving/quarantined.html", context)


def tells(mail):
    """Whether administrators may read what a mail says: one of its places is nobody's own."""
    return any(one.reader is None or one.is_shared for one in _deliveries(mail))


def _deliveries(mail):
    return mail.deliveries.select_related("mailbox__owner", "user", "thread__owner")


@administers
@require_POST
def release(request, pk):
    """Let a mail pass: it is read again and goes to the handlers."""
    mail = get_object_or_404(ReceivedMail.objects.quarantined(), pk=pk)
    if working.release(mail):
        messages.success(request, _("The mail is let pass."))
    else:
        messages.error(request, _("It cannot be let pass: it is not here as a whole."))
    return moved(request, reverse("settings_quarantine"))


@administers
@require_POST
def deletion(request, pk):
    """Delete what a mail says for good."""
    mail = get_object_or_404(ReceivedMail.objects.quarantined(), pk=pk)
    working.erase(mail)
    messages.success(request, _("The mail is deleted."))
    return moved(request, reverse("settings_quarantine"))
