"""Where a user is signed in, and how that ends: the session and what is shown of it go together."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

SEEN_EVERY = timedelta(minutes=5)
_MOST_NOTED = 10_000
_noted = {}  # session key -> when this process last wrote down that it was seen


def live(user):
    """Return the user's sessions that still hold, the last seen first."""
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return UserSession.objects.filter(user=user, session_key__in=open_ones).order_by("-last_seen_at", "-pk")


@transaction.atomic
def end(sessions):
    """End these sessions (a queryset of UserSession); return how many. The next request with one is nobody's."""
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_all(user, *, but=""):
    """End every session of a user, except the one with the key `but`; return how many ended."""
    return end(UserSession.objects.filter(user=user).exclude(session_key=but))


def seen(request):
    """Write down, every few minutes, that the request's session is in use, and from where."""
    key, now = request.session.session_key, timezone.now()
    if key is None or _noted.get(key, now - SEEN_EVERY) > now - SEEN_EVERY:
        return
    note(key)
    address = request.META["REMOTE_ADDR"]
    if not UserSession.objects.filter(session_key=key).update(last_seen_at=now, ip=address):
        UserSession.objects.create_from_request(request)


def note(key):
    """Remember in this process that the session was written down just now."""
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted[key] = timezone.now()
