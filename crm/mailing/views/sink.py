"""What the development sink got. On a demo or a developer's machine alone: anywhere else these pages do not exist."""

from __future__ import annotations

import base64
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import parsing
from crm.mailing import sink
from crm.mailing.framing import framed
from crm.pages import needs
from crm.policies import ADMINISTRATION

administers = needs(ADMINISTRATION, "view")
PAGE = 50  # mails
LONGEST = 200_000  # characters of plain text shown


def _folder():
    folder = sink.directory()
    if folder is None:
        raise Http404
    return folder


def _message(pk):
    message = sink.message_at(_folder(), pk)
    if message is None:
        raise Http404
    return message


@administers
@require_safe
def sink_list(request):
    """The newest mails the sink got."""
    before = parsing.identifier(request.GET.get("before"), default=None)
    mails, has_more = sink.listed(_folder(), before=before, most=PAGE)
    older = mails[-1].pk if mails and has_more else None
    return render(request, "mailing/sink_list.html", {"mails": mails, "older": older})


@administers
@require_safe
def sink_mail(request, pk):
    """One mail the sink got: its head, its words, its files."""
    message = _message(pk)
    text = message.get_body(("plain",))
    context = {
        "pk": pk,
        "at": sink.moment(pk),
        "subject": sink.shown(message["Subject"]) or _("No subject"),
        "head": [(name, sink.shown(value)) for name, value in message.items()][:60],
        "text": sink.words(text)[:LONGEST] if text else "",
        "has_html": message.get_body(("html",)) is not None,
        "files": [sink.file_name(part) for part in message.iter_attachments()],
    }
    return render(request, "mailing/sink_mail.html", context)


@administers
@require_safe
@framed
def sink_html(request, pk):
    """The HTML of a mail the sink got, for a frame."""
    message = _message(pk)
    html = message.get_body(("html",))
    if html is None:
        raise Http404
    return _with_pictures(sink.words(html), message)


def _with_pictures(html, message):
    for part in message.walk():
        named = (part["Content-ID"] or "").strip().strip("<>")
        if named and part.get_content_type() in ("image/png", "image/jpeg", "image/gif"):
            content = base64.b64encode(part.get_payload(decode=True) or b"").decode()
            html = html.replace(f"cid:{named}", f"data:{part.get_content_type()};base64,{content}")
    return html


@administers
@require_safe
def sink_file(request, pk, number):
    """A file of a mail the sink got, as a download."""
    parts = list(_message(pk).iter_attachments())
    if not number < len(parts):
        raise Http404
    response = HttpResponse(parts[number].get_payload(decode=True) or b"", content_type="application/octet-stream")
    name = quote(sink.file_name(parts[number]))
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
