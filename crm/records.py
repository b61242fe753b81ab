"""What every record is: owned, versioned, dated, trashed and brought back, and saved through one gate."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.db.models.base import ModelState
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgtrigger import AnyChange, Before, Trigger, Update

from crm import events, history
from crm.access import access_of
from crm.door import PartManager, RecordManager, lifted
from crm.search_words import learn

LIVE = Q(trashed_at__isnull=True, merged_into__isnull=True)
KEPT_BY_ITSELF = ("version", "updated_at", "updated_by")
"""Columns of every record that follow from others and are no change of their own."""

UNREAD = -1  # in place of an owner's id


class Gated(models.Model):
    """A row that is standardised and validated on every save; there is no other way to write one."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values, **_options):
        """Return a row as it was read: what Django's own constructor would look at again takes longer than the query.

        https://docs.djangoproject.com/en/5.2/ref/models/instances/#customizing-model-loading
        """
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True), _state=ModelState())
        row._state.db, row._state.adding = db, False
        return row

    def standardise(self):
        """Bring the values into their standard form. Safe to repeat. Subclasses say how."""

    def full_clean(self, exclude=None, validate_unique=True, validate_constraints=True):
        """Standardise, then run every rule. Raises ValidationError with the findings by field."""
        self.standardise()
        with lifted():
            super().full_clean(exclude, validate_unique, validate_constraints)

    def standard(self, field, form, *args):
        """Return what `form(value, *args)` makes of a field. Raises ValidationError at that field if it cannot."""
        try:
            return form(getattr(self, field), *args)
        except ValidationError as error:
            raise ValidationError({field: error}) from None

    def validate_unique(self, exclude=None):
        with lifted():
            super().validate_unique(exclude)

    def validate_constraints(self, exclude=None):
        with lifted():
            super().validate_constraints(exclude)

    def save(self, *args, **kwargs):
        """Save what passes the gate. References are checked by the database, not one query each."""
        references = {f.name for f in self._meta.concrete_fields if f.is_relation}
        self.full_clean(exclude=references)
        super().save(*args, **kwargs)


class Record(Gated):
    """A thing the firm keeps: has an owner and a team, a version, a trash, and a history."""

    owner = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("owner")
    )
    team = models.ForeignKey(
        "crm.Team", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("team")
    )
    custom = models.JSONField(default=dict, blank=True, editable=False)
    typed = models.JSONField(
        default=dict, blank=True, editable=False, help_text="As typed, where standardising changed it."
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    trashed_at = models.DateTimeField(null=True, editable=False)
    trashed_by = models.ForeignKey(
        "crm.User", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+", db_index=False)

    objects = RecordManager()

    class Meta:
        abstract = True

    undone_with = {"team_id": "owner_id", "trashed_by_id": "trashed_at"}
    """Columns that an undo restores together with another, or not at all."""

    hidden_fields: frozenset[str] = frozenset()
    """What is hidden from the reader this record was opened for: its values are not in it."""

    def mask(self, hidden):
        """Leave out the values of hidden fields; the record can then be read, but not saved."""
        self.hidden_fields = hidden
        for field in self._meta.concrete_fields:
            if field.name in hidden:
                setattr(self, field.attname, _nothing(field))

    def behind(self, name):
        """Return the value of a field although its reader may not know it: for what follows from it, never to show."""
        if not self.hidden_fields:
            return getattr(self, name)
        rows = type(self).objects.unscoped(because="what follows from a field does not depend on who acts")
        return rows.values_list(name, flat=True).get(pk=self.pk)

    def save(self, *args, **kwargs):
        """Pass the gate, note who saved. A new record without an owner is its maker's."""
        if self.hidden_fields:
            raise TypeError("It was opened without its hidden fields; .editable_by(user) gives the whole record.")
        actor_id, verb = history.actor_id(), "created" if self._state.adding else "changed"
        if self._state.adding:
            self.created_by_id = self.created_by_id or actor_id
        self.updated_by_id = actor_id or self.updated_by_id
        self.team_id = self._owner_team_id()
        if not self._state.adding and kwargs.get("update_fields") is None:
            kwargs["update_fields"] = self._own_fields()
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.note(verb)
            self._note_owner(actor_id)

    def _note_owner(self, actor_id):
        """Note that somebody has been given the record by somebody else."""
        before, self._owner_read = self._owner_read, self.owner_id
        if self.owner_id and before != UNREAD and self.owner_id not in (before, actor_id):
            self.note("assigned", owner=self.owner_id)

    _owner_read: int | None = None
    """The owner it was read with."""

    @classmethod
    def from_db(cls, db, field_names, values, **options):
        row = super().from_db(db, field_names, values, **options)
        row._owner_read = row.__dict__.get("owner_id", UNREAD)
        return row

    def note(self, verb, /, **told):
        """Note that something happened to this record: "changed" of a deal is the event "sales.deal.changed"."""
        events.note(f"{self.record_kind()}.{verb}", self, **told)

    derived: tuple[str, ...] = ()
    """Columns that other rows decide (when last contacted): a save leaves them as they are by now."""

    @classmethod
    def _own_fields(cls):
        """Return the columns a change writes: not those that a trigger, another row or the trash decides."""
        elsewhere = {*cls.derived, "version", "updated_at", "trashed_at", "trashed_by", "merged_into"}
        columns = (f for f in cls._meta.concrete_fields if not f.primary_key and not f.generated)
        return [f.name for f in columns if f.name not in elsewhere]

    def touch(self):
        """Count a change of something that belongs to the record as one of its own: open forms of it become stale."""
        actor_id = history.actor_id()
        by = {"updated_by": actor_id} if actor_id else {}
        rows = type(self).objects.unscoped(because="what belongs to a record is changed with it").filter(pk=self.pk)
        rows.update(version=F("version") + 1, updated_at=timezone.now(), **by)

    def _owner_team_id(self):
        return self.owner.team_id if self.owner_id else self.team_id

    def delete(self, *args, **kwargs):
        raise TypeError("A record is put in the trash, not deleted.")

    @property
    def is_trashed(self):
        return self.trashed_at is not None

    def trash(self, *, by):
        """Put the record in the trash; one that is there already is left as it is."""
        with transaction.atomic():
            rows = type(self).objects.trashable_by(by).filter(pk=self.pk)
            if rows.update(trashed_at=timezone.now(), trashed_by=by):
                self.note("trashed", by=by)

    @classmethod
    def trash_all(cls, ids, *, by):
        """Put these records in the trash in one statement, as far as the user may; return how many."""
        rows = cls.objects.trashable_by(by).filter(pk__in=ids)
        with transaction.atomic():
            chosen = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
            events.note_many(f"{cls.record_kind()}.trashed", chosen, by=by)
            return rows.filter(pk__in=chosen).update(trashed_at=timezone.now(), trashed_by=by)

    def restore(self, *, by):
        """Take the record out of the trash."""
        with transaction.atomic():
            rows = type(self).objects.restorable_by(by).filter(pk=self.pk)
            if rows.update(trashed_at=None, trashed_by=None):
                self.note("restored", by=by)

    @classmethod
    def record_kind(cls):
        return cls._meta.label_lower


def _nothing(field):
    """Return what stands in a field that has no value."""
    if field.null:
        return None
    return [] if isinstance(field, ArrayField) else {} if isinstance(field, models.JSONField) else ""


def version_trigger(*derived):
    """Return the trigger that counts a record's version and dates its last change.

    A change of `derived` columns alone (what follows from other rows) is no new version, so that
    logging a call does not make a colleague's open form stale.
    """
    return Trigger(
        name="count_version",
        operation=Update,
        when=Before,
        condition=AnyChange(exclude=[*KEPT_BY_ITSELF, *derived]),
        func="NEW.version := OLD.version + 1; NEW.updated_at := now(); RETURN NEW;",
    )


class Audience(Func):
    """The numbers of those a record is open to: its owner's, its team's, and those of its shares. See crm.access."""

    template = "array_remove(ARRAY[owner_id * 4, team_id * 4 + 1], NULL)"
    output_field = ArrayField(models.IntegerField())

    def __init__(self, *shares):
        super().__init__(*shares)
        if shares:  # not yet so in the first migrations
            self.template = f"({self.template} || %(expressions)s)"


class Searchable(Record):
    """A record that global search finds: by its words, for its audience, in one index.

    `words` are lower-case, unaccented and never empty strings; a subclass gives them in `search_words()`.
    """

    words = ArrayField(models.TextField(), default=list, editable=False)
    sort_name = models.CharField(max_length=300, editable=False, db_collation="C")
    shared_with = ArrayField(
        models.IntegerField(),
        default=list,
        db_default=[],
        editable=False,
        help_text="Marks of its shares; crm.sharing.",
    )
    audience = models.GeneratedField(
        expression=Audience("shared_with"), output_field=ArrayField(models.IntegerField()), db_persist=True
    )

    class Meta:
        abstract = True

    search_fields: tuple[str, ...] = ("sort_name",)
    words_tell: tuple[str, ...] = ()
    """Fields beside the name that give words a record is found by."""

    def search_words(self):
        """Return the words a search finds this record by."""
        raise NotImplementedError

    @classmethod
    def search_details(cls, records, user):
        """Return {id: what tells a record from its namesakes}, as far as the user may see it; at most one query."""
        return {}

    @classmethod
    def email_condition(cls, beginning):
        """Return the condition "has an e-mail address that begins so"."""
        return Q(pk__in=[])

    @classmethod
    def phone_condition(cls, digits):
        """Return the condition "has a phone number that ends, or in international form begins, with these digits"."""
        return Q(pk__in=[])

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        learn(self.words)

    def rewrite_words(self):
        """Bring `words` up to date after a part that contributes to them has changed."""
        words = self.search_words()
        if words != self.words:
            self.words = words
            type(self).objects.unscoped(because="words follow from the record and its parts").filter(pk=self.pk).update(
                words=words
            )
            learn(words)

    @classmethod
    def search_index(cls, name, *filtered):
        """Return the GIN index over audience, words and filtered columns that every subclass puts in its Meta.

        What was written last stands unsorted in 256 kB at most, read by every search until it is sorted in.
        """
        words = Func(F("words"), function="array_to_tsvector")
        return GinIndex(
            OpClass(F("audience"), "array_ops"),
            OpClass(words, "tsvector_ops"),
            *map(F, filtered),
            name=name,
            condition=LIVE,
            gin_pending_list_limit=256,
        )


class Part(Gated):
    """A row of a record (an address, a phone), seen and changed with it. `wholes`: the fields that name the record."""

    wholes: tuple[str, ...] = ()
    rights_name = ""
    """Under which name the rights on the whole's fields speak of such parts."""

    objects = PartManager()

    class Meta:
        abstract = True

    @classmethod
    def whole_condition(cls, records):
        """Return the condition "belongs to one of these records"."""
        condition = Q(pk__in=[])
        for name in cls.wholes:
            model: Any = cls._meta.get_field(name).related_model
            ids = [record.pk for record in records if isinstance(record, model)]
            if ids:
                condition |= Q(**{f"{name}__in": ids})
        return condition

    @classmethod
    def visible_condition(cls, user):
        """Return the condition "belongs to a record this user may see"."""
        condition = Q(pk__in=[])
        for name in cls.wholes:
            model = cls._meta.get_field(name).related_model
            if cls.rights_name not in access_of(user).hidden(model._meta.label_lower):
                condition |= Q(**{f"{name}__in": model.objects.visible_to(user).values("pk")})
        return condition
