"""What acts are called: each kind of act says it once, with places for what it was done to."""

from __future__ import annotations

from django.apps import apps
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import access_of

_words: dict[str, object] = {}


def say(kind, words):
    """Register the words of a kind of act: "Put %(what)s in the trash"; %(value)s is its fact `value`."""
    _words[kind] = words


say("crm.assign", gettext_lazy("Assigned %(what)s to %(value)s"))
say("crm.tag", gettext_lazy("Added the tag “%(value)s” to %(what)s"))
say("crm.untag", gettext_lazy("Removed the tag “%(value)s” from %(what)s"))
say("crm.trash", gettext_lazy("Put %(what)s in the trash"))
say("crm.import", gettext_lazy("Imported %(what)s"))
say("crm.restore", gettext_lazy("Took %(what)s out of the trash"))


def in_words(act, reader, name=""):
    """Return an act in words; `name`: of its one record, if its reader may know it.

    A value of a field that is hidden from the reader is left out.
    """
    if act.undoes_id:
        return _("Undid: %s") % in_words(act.undoes, reader, name)
    facts = act.facts
    value = facts.get("value", "")
    hidden = access_of(reader).hidden(facts.get("kind", ""))
    if facts.get("field") in hidden or act.kind not in _words:
        return _("Changed %s") % what(act, name)
    return str(_words[act.kind]) % {"what": what(act, name), "value": value}


def what(act, name=""):
    """Return "Ada Lovelace" for one record whose name may be known, else "1,240 people"."""
    number = act.facts.get("number", act.rows)
    if number == 1 and name:
        return name
    return counted(number, act.facts.get("kind", ""))


def counted(number, kind):
    """Return "1,240 people" for records of a kind; of a kind nobody knows, "1,240 rows"."""
    shown = number_format(number, force_grouping=True)
    try:
        meta = apps.get_model(kind)._meta
    except (LookupError, ValueError):
        return (_("%s row") if number == 1 else _("%s rows")) % shown
    return f"{shown} {meta.verbose_name if number == 1 else meta.verbose_name_plural}"
