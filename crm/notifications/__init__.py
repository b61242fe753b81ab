"""Telling users what concerns them: the bell, and mail at once or in a digest, as each likes it.

In an app: `notifications.declare("sales.won", _("A deal of yours is won"), words=…)`, and in a service or an event's
handler, in its transaction: `notifications.notify(user, "sales.won", record=deal, by=whoever)`.
"""

from crm.notifications.kinds import declare, declared
from crm.notifications.rows import Habit, Notification, Setting
from crm.notifications.telling import Told, notify, notify_all, notify_each

__all__ = ["Habit", "Notification", "Setting", "Told", "declare", "declared", "notify", "notify_all", "notify_each"]
