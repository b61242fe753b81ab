"""Records that look like what somebody types in a form: told while they type, and once more before it is saved.

A form says which of its fields are which column of its kind's specification (see `RecordForm.matched`); what is hidden
from the user is neither compared nor told (see crm.duplicates.looking). Nobody is held up by a record they do not see.
"""

from __future__ import annotations

from functools import cached_property

from crm import duplicates
from crm.choices import RecordChoiceField, is_id
from crm.duplicates import Suggestion

CLEAR = 0.9  # probability from which a form that says nothing about it comes back once
MOST = 3  # records told of at once
MOST_BEFORE = 30  # records that a record may look like already
LONGEST = 300  # characters of a field that are compared
MOST_LINES = 30  # of e-mails, phones, addresses
ANSWERS = {"another": Suggestion.State.NOT_SAME, "later": Suggestion.State.LATER}
"""Fields of the form in which the ids of records stand that somebody has answered for."""


class Lookalikes:
    """What is typed in a form, beside the stored records that it may be.

    `data`: a QueryDict as the form would send it. `but`: the id of the record that is being changed.
    """

    def __init__(self, form_class, data, user, but=None):
        self.form_class, self.data, self.user, self.but = form_class, data, user, but
        self.model = form_class._meta.model
        self.held_up = False

    @cached_property
    def columns(self):
        """Return {column of the specification: texts} of what is typed."""
        found: dict[str, list[str]] = {}
        for column, fields in self.form_class.matched.items():
            names = (fields,) if isinstance(fields, str) else fields
            found[column] = [" ".join(filter(None, map(self._text_of, names)))]
        for prefix, columns_of in self.form_class.matched_lines.items():
            for line in self._lines(prefix):
                for column, text in columns_of(line).items():
                    found.setdefault(column, []).append(text)
        return found

    def _text_of(self, name):
        """What stands in a field; of a record that is referred to its name, if the user may see it."""
        text, field = self._sent(name), self.form_class.base_fields.get(name)
        if not isinstance(field, RecordChoiceField):
            return text
        row = field.model_wanted.objects.visible_to(self.user).filter(pk=text).first() if is_id(text) else None
        return str(row) if row else ""

    def _sent(self, name):
        return self.data.get(name, "").strip()[:LONGEST]

    def _lines(self, prefix):
        """Yield for each line that stays a function of a field's name that gives its text."""
        total = self._sent(f"{prefix}-TOTAL_FORMS")
        for number in range(min(int(total), MOST_LINES) if is_id(total) else 0):
            if not self._sent(f"{prefix}-{number}-DELETE"):
                yield lambda name, number=number: self._sent(f"{prefix}-{number}-{name}")

    @cached_property
    def answers(self):
        """Return {id: state of Suggestion} of what was said so far; "save as another" answers for all that are told."""
        said = {pk: state for name, state in ANSWERS.items() for pk in self._ids(name)}
        told = self._ids("told") if self.data.get("save_as") == "another" else ()
        return {**dict.fromkeys(told, Suggestion.State.NOT_SAME), **said}

    def _ids(self, name):
        sent = self.data.getlist(name)[:MOST_LINES]
        return [int(text) for text in sent if is_id(text)]

    @property
    def answered(self):
        """Return [(field, id)] of what was answered, as the form keeps it."""
        names = {state: name for name, state in ANSWERS.items()}
        return [(names[state], pk) for pk, state in self.answers.items()]

    @cached_property
    def found(self):
        """Return [Likely], surest first: those that nothing was said about yet."""
        without = {*self.answers, *(duplicates.settled(self.model, self.but) if self.but else ())}
        return duplicates.likely(self.model, self.columns, self.user, but=self.but, most=MOST, without=without)

    @cached_property
    def details(self):
        """Return {id: what tells the record from others of its name}."""
        return self.model.search_details([one.record for one in self.found], self.user)

    @property
    def told(self):
        """Return [(Likely, detail, per cent, reasons)] to be shown."""
        return [
            (one, self.details.get(one.record.pk, ""), min(int(one.probability * 100), 99), "; ".join(one.words[:3]))
            for one in self.found
        ]

    def hold_up(self, form):
        """Return whether a valid form has to come back first: it clearly looks like a record nothing was said about.

        Waits for those who save the same at this moment; within the transaction of the save. A change asks only if it
        touches what is compared, and not about records that it looked like before.
        """
        if self.but and not form.matched_changed():
            return False
        duplicates.take_turns(self.model, self.columns)
        clear = _clear(self.found)
        self.held_up = bool(clear and not clear <= self._before())
        return self.held_up

    def _before(self):
        """The records that one that is being changed clearly looks like as it is stored."""
        if not self.but:
            return set()
        columns = duplicates.stored(self.model, self.but)
        return _clear(duplicates.likely(self.model, columns, self.user, but=self.but, most=MOST_BEFORE))

    def note(self, record):
        """Keep the answers with the record that was saved; about records that its user does not see nothing is said."""
        if self.answers:
            rows = self.model.objects.visible_to(self.user).filter(pk__in=self.answers).order_by()
            seen = set(rows.values_list("pk", flat=True)) - {record.pk}
            said = {pk: state for pk, state in self.answers.items() if pk in seen}
            duplicates.note(self.model, record.pk, said, by=self.user)


def _clear(found):
    return {one.record.pk for one in found if one.probability >= CLEAR}
