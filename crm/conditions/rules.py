"""A rule about one kind of record, asked by somebody: what is wrong with it, its SQL, its sentence."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property, reduce
from operator import and_, or_

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.conditions import language
from crm.conditions.asking import Asker
from crm.conditions.fields import fields_of, may_ask, relations_of
from crm.conditions.language import ALL, NONE, Group, Leaf
from crm.parsing import BadInput

NOBODY = Q(pk__in=[])


class Rule:
    """Conditions on records of one kind (`kind`: "contacts.person") as one asker means them.

    A rule that is not sound (a field is gone, or hidden from the asker; a value is none) matches nothing and says why.
    """

    def __init__(self, kind, root, asker):
        self.kind, self.root, self.asker = kind, root, asker
        self.known: dict[str, tuple] = {}
        self.problems: dict[str, str] = {}
        self.lost: dict[str, str] = {}
        self._take(root, kind)

    @classmethod
    def read(cls, kind, given, user, now=None):
        """Return the rule of stored or sent JSON. Raises language.BadRule for what is no rule at all."""
        return cls(kind, language.parse(given), Asker.of(user, now))

    # Looking things up

    def _take(self, node, kind):
        """Find what the names in a tree stand for, and bring the values into their one form."""
        if isinstance(node, Group):
            for part in node.parts:
                self._take(part, kind)
        elif isinstance(node, Leaf):
            self._take_leaf(node, kind)
        else:
            self._take_related(node, kind)

    def _take_leaf(self, leaf, kind):
        field = self._field(fields_of(kind), leaf.field, leaf.path, kind)
        if not field:
            return
        operator = field.operators.get(leaf.op)
        if operator is None:
            self.problems[leaf.path] = _("This cannot be asked of it.")
            return
        try:
            leaf.value = operator.operand.parse(leaf.value)
        except BadInput as error:
            self.problems[leaf.path] = str(error)
            return
        self.known[leaf.path] = (field, operator)
        if problem := operator.operand.problem(leaf.value, self.asker):
            self.problems[leaf.path] = problem

    def _take_related(self, node, kind):
        relation = self._field(relations_of(kind), node.relation, node.path, kind)
        if not relation:
            return
        if node.within_days and not relation.date:
            self.problems[node.path] = _("This has no date.")
        self.known[node.path] = (relation,)
        self._take(node.where, relation.to)

    def _field(self, known, name, path, kind):
        field = known.get(name)
        if field is None:
            self.problems[path], self.lost[path] = _("A deleted field is asked by."), _("a deleted field")
        elif not may_ask(field, kind, self.asker):
            self.problems[path], self.lost[path] = _("You may not ask by this."), _("a field you may not ask by")
            return None
        return field

    @property
    def is_sound(self):
        return not self.problems

    @property
    def is_empty(self):
        return not self.root.parts

    @property
    def hides(self):
        """Whether it asks by something that is hidden from the asker."""
        return asks_hidden(self.kind, self.root, self.asker)

    def stored(self):
        """Return the JSON that is kept of it."""
        return language.stored(self.root)

    # As SQL

    @cached_property
    def condition(self):
        """Return the Q for a queryset of such records opened for the asker. It joins nothing: no row comes twice."""
        return self._compiled(self.root) if self.is_sound else NOBODY

    def _compiled(self, node):
        if isinstance(node, Group):
            return self._group(node)
        if isinstance(node, Leaf):
            field, _operator = self.known[node.path]
            return field.condition(node.op, node.value, self.asker)
        return self._counted(node)

    def _group(self, group):
        parts = [self._compiled(part) for part in group.parts]
        if not parts:
            return Q()
        together = reduce(and_ if group.mode == ALL else or_, parts)
        return ~together if group.mode == NONE else together

    def _counted(self, node):
        """Return whether there are so many, looking at no more of them than it takes to know."""
        relation = self.known[node.path][0]
        rows = self._rows(relation, node)
        least = node.count or 1
        if node.op == "at_most":
            return ~Q(Exists(rows[least : least + 1]))
        found = Q(Exists(rows if least == 1 else rows[least - 1 : least]))
        return ~found if node.op == "has_not" else found

    def _rows(self, relation, node):
        asker, rows = self.asker, relation.rows(self.asker).order_by()
        if node.within_days:
            first = asker.start(asker.today - timedelta(days=node.within_days))
            rows = rows.filter(**{f"{relation.date}__gte": first, f"{relation.date}__lte": asker.now})
        inner = self._compiled(node.where)
        if not relation.through:
            return rows.filter(inner)
        records = relation.records(asker).filter(pk=OuterRef(relation.through))
        return rows.filter(Exists(records.filter(inner)))

    # In words

    @cached_property
    def sentence(self):
        """Return it as a sentence without a full stop: "Stage is Customer, and has at least 2 calls"."""
        words = self._said(self.root)
        return words[:1].upper() + words[1:]

    def _said(self, node, inside=False):
        if isinstance(node, Group):
            return self._group_said(node, inside)
        if isinstance(node, Leaf):
            return self._leaf_said(node)
        return self._related_said(node)

    def _group_said(self, group, inside):
        parts = [self._said(part, True) for part in group.parts]
        if not parts:
            return _("everything")
        if group.mode == NONE:
            return _("none of (%s)") % _("; ").join(parts)
        words = (_(", and ") if group.mode == ALL else _(", or ")).join(parts)
        return f"({words})" if inside and len(parts) > 1 else words

    def _leaf_said(self, leaf):
        field = self.known.get(leaf.path, (None,))[0]
        if field is None:
            return self._broken_said(leaf.path)
        words, operand = str(field.operators[leaf.op].words), field.operators[leaf.op].operand
        value = operand.said(leaf.value, self.asker)
        said = words % value if "%s" in words else f"{words} {value}".strip()
        return f"{field.label} {said}"

    def _broken_said(self, path):
        return self.lost.get(path, "…")

    def _related_said(self, node):
        if node.path not in self.known:
            return self._broken_said(node.path)
        relation = self.known[node.path][0]
        words = counted_words(node.op, node.count, relation)
        if node.within_days:
            words += " " + ngettext("in the last day", "in the last %d days", node.within_days).replace(
                "%d", str(node.within_days)
            )
        return f"{words} {_('where')} {self._said(node.where, True)}" if node.where.parts else words


def asks_hidden(kind, node, asker):
    """Whether a tree asks by something that is hidden from the asker. Takes no query: values are not looked at."""
    if isinstance(node, Group):
        return any(asks_hidden(kind, part, asker) for part in node.parts)
    if isinstance(node, Leaf):
        field = fields_of(kind).get(node.field)
        return field is not None and not may_ask(field, kind, asker)
    relation = relations_of(kind).get(node.relation)
    if relation is None:
        return False
    return not may_ask(relation, kind, asker) or asks_hidden(relation.to, node.where, asker)


def counted_words(op, count, relation):
    """Return "has at least 2 calls"."""
    if op == "has":
        return _("has %(one)s") % {"one": with_article(relation.one)}
    if op == "has_not":
        return _("has no %(one)s") % {"one": relation.one}
    words = {"at_least": _("has at least %(count)d %(many)s"), "at_most": _("has at most %(count)d %(many)s")}[op]
    return words % {"count": count, "many": relation.one if count == 1 else relation.many}


def with_article(word):
    word = str(word)
    return _("an %s") % word if word[:1] in "aeiou" else _("a %s") % word
