"""Settings: the mailboxes that are fetched, or that mail is sent to."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from crm.administration.views.pages import administers, form_page
from crm.once import Once
from crm.pages import answer, moved
from crm.receiving import imap
from crm.receiving.forms import MailboxForm
from crm.receiving.rows import Mailbox

TEST_SECONDS = 20  # a request waits for it


@administers
@require_safe
def mailbox_list(request):
    """Every mailbox with whose it is and how its fetching goes."""
    mailboxes = Mailbox.objects.select_related("owner", "team").order_by("address", "pk")
    return render(request, "receiving/mailboxes.html", {"mailboxes": mailboxes})


class NewMailboxView(Once, View):
    """A new mailbox."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return _form(request, MailboxForm())

    def post(self, request):
        return _saved(request, MailboxForm(request.POST))


@administers
@form_page
@transaction.atomic
def mailbox_detail(request, pk):
    """Change a mailbox."""
    rows = Mailbox.objects.select_for_update(of=("self",)) if request.method == "POST" else Mailbox.objects
    mailbox = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return _form(request, MailboxForm(instance=mailbox))
    return _saved(request, MailboxForm(request.POST, instance=mailbox))


def _saved(request, form):
    if not form.is_valid():
        return _form(request, form, status=422)
    form.instance.poll_after = timezone.now()
    form.save()
    messages.success(request, _("%(name)s saved.") % {"name": form.instance})
    return moved(request, reverse("settings_mailbox", args=[form.instance.pk]))


def _form(request, form, status=200):
    mailbox = Mailbox.objects.get(pk=form.instance.pk) if form.instance.pk else None
    context = {"form": form, "mailbox": mailbox}
    return answer(request, "receiving/mailbox.html", "form", context, status=status)


@administers
@require_POST
def mailbox_test(request, pk):
    """Sign in at the server and open the folder, no more; say how it went."""
    mailbox = get_object_or_404(Mailbox, pk=pk, way=Mailbox.Way.IMAP)
    try:
        with imap.connected(mailbox, seconds=TEST_SECONDS):
            pass
    except imap.Failure as failure:
        messages.error(request, str(failure))
    else:
        messages.success(request, _("The server lets us in, and the folder is there."))
    return moved(request, reverse("settings_mailbox", args=[mailbox.pk]))


@administers
@require_POST
def mailbox_pause(request, pk):
    """Stop taking mail in from a mailbox, or go on (`paused=0`)."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    is_paused = request.POST.get("paused") != "0"
    again = {} if is_paused else {"poll_after": timezone.now(), "failures": 0, "error": ""}
    Mailbox.objects.filter(pk=mailbox.pk).update(is_paused=is_paused, **again)
    return moved(request, reverse("settings_mailbox", args=[mailbox.pk]))


@administers
@require_POST
def mailbox_removal(request, pk):
    """Remove a mailbox with its password; the mails that came by it stay."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    said = _("%(name)s is removed.") % {"name": mailbox}
    mailbox.remove()
    messages.success(request, said)
    return moved(request, reverse("settings_mailboxes"))


new_mailbox = administers(NewMailboxView.as_view())
