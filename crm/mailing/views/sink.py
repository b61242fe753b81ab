"""What the development sink got. On a demo or a developer's machine alone: anywhere else these pages do not exist."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import parsing
from crm.framing import framed, with_pictures
from crm.mailing import sink
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


def _read(pk):
    """Return (the mail, what is in it)."""
    kept = sink.at(_folder(), pk)
    opened = kept and kept.opened()
    if opened is None:
        raise Http404
    return kept, opened


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
    kept, opened = _read(pk)
    context = {
        "pk": pk,
        "at": kept.at,
        "subject": kept.subject or _("No subject"),
        "head": [(name, sink.shown(value)) for name, value in kept.head.items()][:60],
        "text": opened.words(opened.texts[0])[:LONGEST] if opened.texts else "",
        "has_html": bool(opened.pages),
        "files": opened.names(),
    }
    return render(request, "mailing/sink_mail.html", context)


@administers
@require_safe
@framed()
def sink_html(request, pk):
    """The HTML of a mail the sink got, for a frame."""
    _kept, opened = _read(pk)
    if not opened.pages:
        raise Http404
    return with_pictures(opened.words(opened.pages[0]), opened.pictures())


@administers
@require_safe
def sink_file(request, pk, number):
    """A file of a mail the sink got, as a download."""
    _kept, opened = _read(pk)
    if not number < len(opened.files):
        raise Http404
    headers = {
        "Content-Disposition": content_disposition_header(True, opened.names()[number]),
        "X-Content-Type-Options": "nosniff",
    }
    content = opened.content(opened.files[number])
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
