"""The bell: what one was told, and how one wants to be told."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import parsing
from crm.notifications.forms import HabitForm
from crm.notifications.reading import lines, read
from crm.notifications.rows import Notification
from crm.pages import answer, moved, signed_in

PAGE = 30  # rows


@signed_in
@require_safe
def notification_list(request):
    """What one was told, the newest first; `before` is the id after which the page goes on."""
    rows = Notification.objects.filter(user=request.user, on_bell=True).select_related("by").order_by("-id")
    before = parsing.identifier(request.GET.get("before"), default=None)
    if before:
        rows = rows.filter(id__lt=before)
    page = list(rows[: PAGE + 1])
    older = page[PAGE - 1].pk if len(page) > PAGE else None
    context = {"lines": lines(page[:PAGE], request.user), "older": older, "paged": bool(before)}
    return answer(request, "notifications/list.html", "rows", context)


@signed_in
@require_safe
def bell(request):
    """The bell alone: an open page asks for it now and then."""
    return answer(request, "notifications/bell.html", "bell", {})


@signed_in
@require_POST
def opening(request, pk):
    """Go to what a notification is about; from now on it is read."""
    own = Notification.objects.filter(user=request.user, pk=pk)
    [line] = lines([get_object_or_404(own.select_related("by"))], request.user)
    read(own)
    return moved(request, line.url or reverse("notifications"))


@signed_in
@require_POST
def reading(request):
    """Take all on the bell as read that one had been told when the page was made (`to`: the newest id on it).

    What one wants to hear of by mail alone was not on the page, and is still mailed.
    """
    newest = parsing.identifier(request.POST.get("to"))
    read(Notification.objects.filter(user=request.user, on_bell=True, pk__lte=newest))
    return moved(request, reverse("notifications"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def habits(request):
    """How one wants to be told."""
    form = HabitForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return moved(request, reverse("notification_habits"))
    status = 422 if form.errors else 200
    return answer(request, "notifications/habits.html", "form", {"form": form}, status=status)
