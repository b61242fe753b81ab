"""Notifications by mail: what is due of one user goes in one mail, written together with the note that it was."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import mailing, standards
from crm.access import users_with_access
from crm.notifications.reading import lines
from crm.notifications.rows import Habit, Notification
from crm.notifications.times import after_quiet

logger = structlog.get_logger(__name__)
MOST = 50  # things in one mail
USERS = 500  # a run


def mail_due():
    """Write a mail to everybody of whose notifications some are due and unread; return how many mails.

    What cannot be put into words holds up its own user alone: it is raised after everybody else has their mail.
    """
    due = Notification.objects.filter(mail_after__lte=timezone.now(), mailed_at=None, read_at=None)
    due = due.filter(user__is_active=True)
    ids = list(due.order_by("mail_after").values_list("user", flat=True)[: USERS * MOST])
    mails, faults = 0, []
    for user in users_with_access().filter(pk__in=ids, is_active=True).order_by("pk")[:USERS]:
        try:
            mails += _mail(user)
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not the notification's
        except Exception as fault:
            logger.error("notification_not_mailed", user_id=user.pk, exc_info=fault)
            faults.append(fault)
    if faults:
        raise faults[0]
    return mails


@transaction.atomic
def _mail(user):
    """Mail one user what is due, but in their quiet hours; return whether it was."""
    now, zone = timezone.now(), standards.zone_of(user)
    due = Notification.objects.filter(user=user, mail_after__lte=now, mailed_at=None, read_at=None)
    rows = list(due.select_related("by").select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    chosen = Notification.objects.filter(pk__in=[row.pk for row in rows])
    habit = Habit.objects.filter(user=user).first() or Habit(user=user)
    later = after_quiet(now, habit, zone)
    if later > now:
        chosen.update(mail_after=later)
    if later > now or not rows:
        return False
    with timezone.override(zone):
        written = _written(lines(rows[-MOST:], user), len(rows))
    mailing.send(to=user.email, purpose=mailing.Purpose.NOTIFICATION, **written)
    chosen.update(mailed_at=now)
    return True


def _written(told, number):
    """Return what a mail says, as keywords of `mailing.send`: of one thing the thing itself, of several a list.

    The HTML is put together here, not by marks: a name may look like one.
    """
    said = [f"{line.text} ({date_format(timezone.localtime(line.row.at), 'D j M, H:i')})" for line in told]
    if number > len(told):
        said.append(_("and %(number)d more") % {"number": number - len(told)})
    here = settings.BASE_URL.rstrip("/")
    links = [
        (here + reverse("notifications"), _("Open")),
        (here + reverse("notification_habits"), _("How you are told")),
    ]
    subject = told[0].text if number == 1 else ngettext("%d thing for you", "%d things for you", number) % number
    items = format_html_join("", "<li>{}</li>", ((line,) for line in said))
    ways = format_html_join(" · ", '<a href="{}">{}</a>', links)
    plain = "\n".join([*(f"- {line}" for line in said), "", *(f"{label}: {url}" for url, label in links)])
    return {"subject": subject[:200], "text": plain, "html": format_html("<ul>{}</ul><p>{}</p>", items, ways)}
