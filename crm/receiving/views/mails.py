"""Mail as its readers see it: what nobody was found for, one mail, its HTML in a frame of its own, its files."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import parsing
from crm.framing import LINKS, framed
from crm.mime import html
from crm.mime.attachments import OK, PICTURES
from crm.newest import page_of
from crm.pages import answer, moved, signed_in
from crm.receiving import addresses, files, working
from crm.receiving.rows import ReceivedMail

FRAME = '<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light"></head>{}</html>'
STATES = {"": ReceivedMail.State.PARSED, "all": None, "aside": ReceivedMail.State.QUARANTINED}


@signed_in
@require_safe
def mail_list(request):
    """Mails delivered to the reader or their team: those nobody was found for, all, or those set aside."""
    state = parsing.choice(request.GET.get("state"), STATES, default="")
    rows = ReceivedMail.objects.addressed_to(request.user).exclude(state=ReceivedMail.State.DELETED)
    rows = rows.filter(state=STATES[state]) if STATES[state] else rows
    page, older = page_of(rows.defer("text", "reply", "html", "to", "cc"), request)
    labels = (("", _("Without a person")), ("all", _("All")), ("aside", _("Set aside")))
    url = reverse("mail")
    tabs = [
        {"label": label, "url": f"{url}?state={key}" if key else url, "current": key == state} for key, label in labels
    ]
    context = {"mails": page, "tabs": tabs, "state": state, "older": older}
    return answer(request, "receiving/list.html", "rows", context)


@signed_in
@require_safe
def drop_box(request):
    """The reader's own address for copies of what they send elsewhere. It is made when it is asked for first."""
    return render(request, "receiving/drop_box.html", {"address": addresses.dropbox_address(request.user, make=False)})


@signed_in
@require_POST
def new_drop_box(request):
    """End the address the reader's drop box has, and give it another."""
    with transaction.atomic():
        addresses.renew_dropbox(request.user)
    messages.success(request, _("The drop box has a new address."))
    return moved(request, reverse("mail_drop_box"))


def _mail(request, pk, **having):
    return get_object_or_404(ReceivedMail.objects.visible_to(request.user), pk=pk, **having)


@signed_in
@require_safe
def received_mail(request, pk):
    """One mail: who, when, its text, its files; its HTML in a frame."""
    mail = _mail(request, pk)
    if mail.state == ReceivedMail.State.DELETED:
        raise Http404
    is_mine = ReceivedMail.objects.addressed_to(request.user).filter(pk=pk).exists()
    asked = urlencode({"email": mail.sender_address, "name": mail.sender_name})
    context = {
        "mail": mail,
        "attachments": _shown_files(mail) if mail.is_readable else (),
        "more_recipients": mail.recipients - len(mail.to) - len(mail.cc),
        "is_unclaimed": is_mine and mail.state == ReceivedMail.State.PARSED,
        "create_query": asked,
    }
    return render(request, "receiving/mail.html", context)


def _shown_files(mail):
    """Return the files of a mail but for the pictures that stand in its HTML."""
    named = mail.attachments.order_by("pk")
    return named.exclude(~Q(content_id=""), type__in=PICTURES, verdict=OK) if mail.html else named


@signed_in
@require_safe
@framed(*LINKS)
def mail_html(request, pk):
    """The HTML of a mail, sanitised once more, for a frame."""
    mail = _mail(request, pk)
    if not (mail.is_readable and mail.html):
        raise Http404
    return FRAME.format(f"<body>{html.sanitised(mail.html, files.pictures(mail))}</body>")


@signed_in
@require_safe
def mail_file(request, pk, key):
    """A file of a mail, as a download; programs are not given out."""
    mail = _mail(request, pk)
    attachment = get_object_or_404(mail.attachments, key=key)
    if not (mail.is_readable and attachment.is_given_out):
        raise Http404
    headers = {
        "Content-Disposition": content_disposition_header(True, attachment.name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(files.content(attachment), content_type=attachment.type, headers=headers)


@signed_in
@require_POST
def handling(request, pk):
    """Look once more for whom a mail is from and to, as after a person was added."""
    mine = ReceivedMail.objects.addressed_to(request.user).unclaimed()
    mail = get_object_or_404(mine, pk=pk)
    with transaction.atomic():
        working.ask_again(mail)
    messages.success(request, _("Its people are looked for again."))
    return moved(request, reverse("received_mail", args=[mail.pk]))
