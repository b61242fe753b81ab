"""Why something was written, in words: what the history notes for the machine, said for people."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.jobs.kinds import label_of

_PAGES = {
    "_create": gettext_lazy("Entered in a form"),
    "_quick": gettext_lazy("Entered in the short form"),
    "_edit": gettext_lazy("Edited in a form"),
    "_log": gettext_lazy("Logged on a page"),
    "_bulk": gettext_lazy("Changed in a list"),
    "_trash": gettext_lazy("Put in the trash"),
    "_restoration": gettext_lazy("Taken out of the trash"),
    "_completion": gettext_lazy("Ticked as done"),
    "_reopening": gettext_lazy("Opened again"),
    "_merge": gettext_lazy("Merged"),
    "_import": gettext_lazy("Imported"),
    "_switch": gettext_lazy("Switched on a page"),
    "account": gettext_lazy("Own settings"),
    "theme": gettext_lazy("Own settings"),
    "account_login": gettext_lazy("Sign-in"),
    "account_logout": gettext_lazy("Sign-out"),
    "account_change_password": gettext_lazy("Own password"),
}
"""How names of addresses end, and what a person does there."""


def in_words(reason):
    """Return "Edited in a form" for "POST contacts:person_edit"; what is in words already stays as it is."""
    if page := re.fullmatch(r"[A-Z]+ ([\w:.-]+)", reason):
        return _on_page(page[1].split(":")[-1])
    if job := re.fullmatch(r"job ([\w.]+) \d+", reason):
        return str(label_of(job[1])) if label_of(job[1]) != job[1] else _("Background work")
    if re.fullmatch(r"merge \d+", reason):
        return _("Merged")
    if re.fullmatch(r"undo \d+", reason):
        return _("Undone")
    if re.fullmatch(r"import \d+", reason):
        return _("Imported")
    return reason


def _on_page(name):
    fitting = [ending for ending in _PAGES if name.endswith(ending)]
    return str(_PAGES[max(fitting, key=len)]) if fitting else _("On a page")
