"""What the ground floor itself tells users of."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.notifications.kinds import AT_ONCE, NEVER, declare


def _who(row):
    return row.by.get_full_name() if row.by else _("Cornerstone")


def _assigned(row, subject):
    told = {"who": _who(row), "what": subject or _("a record"), "count": row.count}
    return ngettext("%(who)s gave you %(what)s", "%(who)s gave you %(count)d records", row.count) % told


def _shared(row, subject):
    told = {"who": _who(row), "what": subject or _("a record"), "count": row.count}
    return ngettext("%(who)s shared %(what)s with you", "%(who)s shared %(count)d records with you", row.count) % told


def _job_over(row, _subject):
    said = _("%(job)s: done") if row.facts["state"] == "done" else _("%(job)s: given up")
    return said % {"job": row.facts["label"]}


declare("crm.assigned", gettext_lazy("A record becomes yours"), words=_assigned, icon="person-check")
declare("crm.shared", gettext_lazy("A record is shared with you"), words=_shared, icon="person-plus", mail=AT_ONCE)
declare("crm.job_over", gettext_lazy("Work you asked for is over"), words=_job_over, icon="hourglass-split", mail=NEVER)
