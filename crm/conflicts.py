"""Two people at one form: what each of them changed, field by field, since they opened it.

A form carries a digest of every value it was opened with. When it comes back and the record has changed meanwhile,
each field tells who changed it: only they (their value is taken over), only I (mine stays), both (theirs stands beside
mine).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _

from crm.dates import in_full

NO_VALUE = (None, "", [], ())
LONGEST = 50_000  # characters of what a form says it was opened with


@dataclass
class Outcome:
    """What became of a stale form: labels of fields taken over, and (form, field, what is saved) of each conflict."""

    taken: list[str] = field(default_factory=list)
    conflicts: list[tuple[forms.BaseForm, str, str]] = field(default_factory=list)


def opened(lines):
    """Return as text what the fields of some forms were opened with. `lines`: {name: form}."""
    return json.dumps(
        {
            f"{line}.{name}": _digest(form.get_initial_for_field(form.fields[name], name))
            for line, form, name in _walk(lines)
        }
    )


def settle(lines, was, posted):
    """Compare what was sent with what is saved and what the forms were opened with.

    `was`: the text of `opened`, as it came back; what it does not know counts as changed by both. Their changes are
    written into `posted`, a mutable QueryDict.
    """
    known, outcome = _parsed(was), Outcome()
    for line, form, name in _walk(lines):
        saved = form.get_initial_for_field(form.fields[name], name)
        before, now, mine = known.get(f"{line}.{name}"), _digest(saved), _mine(form, name)
        if before == now or mine == now:
            continue
        bound = form[name]
        if before is not None and mine == before:
            _put(posted, form, name, saved)
            outcome.taken.append(str(bound.label))
        else:
            outcome.conflicts.append((form, name, _put({}, form, name, saved)))
    return outcome


def in_words(form, name):
    """Return what is saved in a field of a form as its reader may see it; "" for nothing."""
    field, value = form.fields[name], form.get_initial_for_field(form.fields[name], name)
    if isinstance(field, forms.ModelChoiceField):
        record = field.queryset.filter(pk=value).first() if value else None
        return field.label_from_instance(record) if record else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return in_full(value)
    choices = {str(key): label for key, label in getattr(field, "choices", ())}
    return str(choices.get(str(value), "" if value is None else value))


def _walk(lines):
    for line, form in lines.items():
        for name, one in form.fields.items():
            if not one.disabled and not one.widget.is_hidden and name != "DELETE":
                yield line, form, name


def _mine(form, name):
    """Return the digest of what was sent; a value that is wrong is like no other."""
    if name in form.errors:
        return "wrong"
    if name not in form.cleaned_data:  # a line of a formset that was left as it is
        return _digest(form.get_initial_for_field(form.fields[name], name))
    return _digest(form.cleaned_data[name])


def _digest(value):
    if isinstance(value, Model):
        value = value.pk
    if isinstance(value, datetime):
        value = value.replace(second=0, microsecond=0).timestamp()  # a field shows minutes
    if isinstance(value, list | tuple):
        value = [str(one) for one in value]
    text = "" if value in NO_VALUE else str(value)
    return blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()


def _parsed(text):
    try:
        found = json.loads(text) if len(text) <= LONGEST else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _put(posted, form, name, value):
    """Write a value as a browser would send it; return it as text."""
    one, html_name = form.fields[name], form.add_prefix(name)
    value = one.prepare_value(value)
    if isinstance(one.widget, forms.MultiWidget):
        parts = one.widget.decompress(value) or []
        texts = [widget.format_value(part) for widget, part in zip(one.widget.widgets, parts, strict=True)]
        posted.update({f"{html_name}_{number}": text or "" for number, text in enumerate(texts)})
        return " ".join(filter(None, texts))
    if isinstance(one.widget, forms.CheckboxInput):
        posted.pop(html_name, None)
        if value:
            posted[html_name] = "on"
        return "on" if value else ""
    text = one.widget.format_value(value)
    text = text[0] if isinstance(text, list | tuple) and text else text
    posted[html_name] = "" if text is None or text == [] else str(text)
    return posted[html_name]
