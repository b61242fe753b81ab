"""The sealed door: records and their parts become SQL only after somebody said for whom.

`Model.objects` filters and chains freely, but raises Sealed when it is about to be run before `.visible_to(user)`,
`.editable_by(user)` or `.unscoped(because="...")` was said. What the seal does not hold (forward foreign keys,
select_related, values across relations, generic keys) is listed in docs/access.md and has rules of its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models
from django.db.models import sql
from django.db.models.expressions import Col, F
from django.db.models.query import ModelIterable

from crm.access import access_of, policy_of

_lifted: ContextVar[bool] = ContextVar("seal_lifted", default=False)


class Sealed(RuntimeError):
    """A set of records was run without saying for whom."""


class HiddenField(Sealed):
    """A set of records was narrowed, ordered or read by a field that is hidden from its reader."""


@contextmanager
def lifted():
    """Lift the seal for Django's own uniqueness checks, which must see what the user may not."""
    token = _lifted.set(True)
    try:
        yield
    finally:
        _lifted.reset(token)


class SealedQuery(sql.Query):
    """A query that refuses to compile until it carries an opening: for whom, or why for nobody."""

    opening: str | None = None
    hidden: frozenset[str] = frozenset()
    """Fields its reader may not know: nothing is asked by them, and rows come without their values."""

    def check_open(self):
        if self.opening is None and not _lifted.get():
            raise Sealed(
                f"{self.model._meta.label}: say .visible_to(user), .editable_by(user) or .unscoped(because=...) first"
            )

    def check_fields(self):
        """Refuse to filter, order, group or read by a hidden field, whoever asks for it."""
        if not self.hidden:
            return
        expressions = [self.where, *self.annotations.values(), *self.order_by]
        expressions += self.group_by if isinstance(self.group_by, tuple) else ()
        named = {name for expression in expressions for name in _fields_of(expression, self.model)}
        if told := self.hidden & (named | set(self.values_select)):
            raise HiddenField(f"{self.model._meta.label}: {', '.join(sorted(told))} is hidden from this reader")

    def get_compiler(self, *args, **kwargs):
        self.check_open()
        self.check_fields()
        return super().get_compiler(*args, **kwargs)

    def chain(self, klass=None):
        if klass is not None:  # becomes an update or delete, which is no longer a SealedQuery
            self.check_open()
        return super().chain(klass)

    def check_same(self, other):
        if self.opening != getattr(other, "opening", None):
            raise Sealed(f"{self.model._meta.label}: both sides of |, & and ^ must be opened for the same reader")

    def combine(self, rhs, connector):
        self.check_same(rhs)
        return super().combine(rhs, connector)


def _fields_of(expression, model):
    """Yield the names of a model's fields that an expression reads; subqueries answer for themselves."""
    if isinstance(expression, str):
        yield expression.lstrip("-")
    elif isinstance(expression, F):
        yield expression.name
    elif isinstance(expression, Col):
        if expression.target.model._meta.concrete_model is model._meta.concrete_model:
            yield expression.target.name
    elif not isinstance(expression, sql.Query) and hasattr(expression, "get_source_expressions"):
        for part in expression.get_source_expressions():
            yield from _fields_of(part, model)


class MaskedRows(ModelIterable):
    """Rows without the values of what is hidden from their reader."""

    def __iter__(self):
        hidden = self.queryset.query.hidden
        for row in super().__iter__():
            row.mask(hidden)
            yield row


class SealedQuerySet(models.QuerySet):
    """What Record and Part share: a queryset over a SealedQuery."""

    def __init__(self, model=None, query=None, using=None, hints=None):
        super().__init__(model, query or SealedQuery(model), using, hints)

    def _opened(self, opening):
        clone = self._chain()
        clone.query.opening = opening
        return clone

    def unscoped(self, *, because):
        """Open for nobody in particular: jobs, constraints, commands. The reason stands in the code for review."""
        return self._opened(f"unscoped: {because}")

    def __or__(self, other):
        return super().__or__(self._checked(other))

    def __and__(self, other):
        return super().__and__(self._checked(other))

    def __xor__(self, other):
        return super().__xor__(self._checked(other))

    def _checked(self, other):
        """Return the other side if it is opened as this one is: of a slice Django makes a query without a seal."""
        if not (self.query.is_empty() or other.query.is_empty()):
            self.query.check_same(other.query)
        return other

    def _raw_delete(self, using):
        self.query.check_open()
        return super()._raw_delete(using)

    def raw(self, *args, **kwargs):
        raise Sealed("raw SQL has no reader; it belongs to crm/ and asks for a connection")


class RecordQuerySet(SealedQuerySet):
    """A set of records. Live ones by default; trash and tombstones only by name."""

    def delete(self):
        raise TypeError("Records are put in the trash, not deleted.")

    def live(self):
        return self.filter(trashed_at=None, merged_into=None)

    def trashed(self):
        return self.filter(trashed_at__isnull=False, merged_into=None)

    def _for(self, user, action):
        """Open for a reader: nothing is asked by what is hidden from them; to change a record takes the whole row."""
        opened = self._opened(f"{action} by {getattr(user, 'pk', None)}")
        opened.query.hidden = access_of(user).hidden(self.model._meta.label_lower)
        return opened if action in ("edit", "trash") else opened.masked()

    def masked(self):
        """Return the same rows without the values of what is hidden from their reader."""
        clone = self._chain()
        if clone.query.hidden:
            clone._iterable_class = MaskedRows
        return clone

    def masked_for(self, user):
        """Return rows read for this user by other means, without the values of what is hidden from them."""
        clone = self._chain()
        clone.query.hidden = access_of(user).hidden(self.model._meta.label_lower)
        return clone.masked()

    def _allowed(self, user, action):
        return policy_of(self.model).narrow(self._for(user, action), access_of(user), action)

    def visible_to(self, user):
        """Return the live records this user may see; none for somebody not signed in."""
        return self._allowed(user, "view").live()

    def mine(self, user):
        """Return the live records this user owns, if their role sees any of the kind: one index walk for any role."""
        may = access_of(user).may(self.model._meta.label_lower, "view")
        opened = self._for(user, "view").live()
        return opened.filter(owner=user.pk) if may else opened.none()

    def editable_by(self, user):
        """Return the live records this user may change."""
        return self._allowed(user, "edit").live()

    def trashable_by(self, user):
        """Return the live records this user may put in the trash."""
        return self._allowed(user, "trash").live()

    def changeable_by(self, user, action):
        """Return the records this user may edit or trash, live or not: for undoing what was done to them."""
        return self._allowed(user, action)

    def merged_for(self, user):
        """Return the records this user would see if they had not been merged into others, to name them."""
        return self._allowed(user, "view").exclude(merged_into=None)

    def exportable_by(self, user):
        """Return the live records this user may take away in a file."""
        return self._allowed(user, "export").live()

    def restorable_by(self, user):
        """Return the trashed records this user may see and take back."""
        return self._allowed(user, "trash").trashed().masked()

    def branches(self, user, action="view"):
        """Return one live queryset per reason the user has for access; a record may be in several."""
        opened = self._for(user, action).live()
        return [opened.filter(branch) for branch in policy_of(self.model).branches(access_of(user), action)]


class PartQuerySet(SealedQuerySet):
    """Rows that belong to a record (its phones, its addresses) and are seen with it."""

    def of(self, *records):
        """Open for records that came through the door themselves, as far as their reader may see such parts."""
        opened = self._opened("of records already opened")
        seen = [record for record in records if self.model.rights_name not in record.hidden_fields]
        return opened.filter(self.model.whole_condition(seen))

    def visible_to(self, user):
        """Return the parts of records this user may see."""
        return self._opened(f"view by {user.pk}").filter(self.model.visible_condition(user))


RecordManager = models.Manager.from_queryset(RecordQuerySet, "RecordManager")
PartManager = models.Manager.from_queryset(PartQuerySet, "PartManager")
