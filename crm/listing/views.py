"""The base of every list page: narrow, filter, order, page, export; three declarations make a list."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View

from crm import parsing
from crm.access import taking
from crm.conditions import kinds, language
from crm.listing import bulk
from crm.listing.columns import table_rows
from crm.listing.counting import Count
from crm.listing.found import Found
from crm.listing.paging import PAGE_SIZE, Cursor, Page
from crm.listing.tabs import FixedView, Tabs
from crm.models import User
from crm.pages import answer, needs
from crm.planner import TooSlow, time_limit
from crm.saved_views import OF_A_PAGE, SavedView

UNINDEXED_LIMIT = 220  # milliseconds for an order or filter without an index
NARROW = _("Too many to sort this way. These are some of them: narrow the list to see them in order.")


@dataclass(frozen=True)
class Head:
    """One column head: label, whether the list is sorted by it, and the query string that sorts by it."""

    label: str
    css: str
    query: str | None
    sorted: str = ""


class RecordListView(View):
    """A list of one kind of record.

    Subclasses state `model`, `filterset_class`, `columns_class`, `template`, the names of the addresses beside it
    (`list_name`, `create_name`, `export_name`, `trash_name`, `bulk_name`, `conditions_name`, `views_name`), the words
    of its empty page, and may state `views` (tabs).
    Every list answers ?sort=, ?columns=, ?after=, its filters (?filters=1: with their form), and at `export_url` the
    same as a file.
    """

    model: Any = None
    filterset_class: Any = None
    columns_class: Any = None
    template = ""
    views: tuple[FixedView, ...] = ()
    list_name = ""
    create_name = export_name = trash_name = bulk_name = conditions_name = views_name = ""
    create_label: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""
    http_method_names = ("get", "head", "options")

    @classmethod
    def as_view(cls, **initkwargs):
        """Return the view with its permission declared: to see such records."""
        return needs(cls.record_kind(), "view")(super().as_view(**initkwargs))

    @classmethod
    def record_kind(cls):
        """Return the kind that the rights to this list are about."""
        return cls.model._meta.label_lower

    @property
    def title(self):
        """Return what the rows are, in the plural: the beginning of a file's name."""
        return self.model._meta.verbose_name_plural

    def get(self, request):
        if request.htmx and self.shows_filters:
            return render(request, "listing/filters.html", {"list": self})
        return answer(request, self.template, "rows", self.context())

    # What the URL asks for

    @cached_property
    def params(self):
        """Return what the address says; where it names a saved view and no more, what that says."""
        asked = self.request.GET
        if "view" not in asked or set(asked) - OF_A_PAGE or not self.views_name:
            return asked
        found = self.saved_view.params(self._packed(self.saved_view))
        for key in OF_A_PAGE.intersection(asked):
            found[key] = asked[key]
        return found

    @cached_property
    def saved_view(self):
        """Return the saved view the address names, or None. Raises Http404 if it is none of the reader's."""
        if "view" not in self.request.GET or not self.views_name:
            return None
        pk = parsing.identifier(self.request.GET["view"])
        found = next((view for view in self.saved_views if view.pk == pk), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def saved_views(self):
        """Return the saved views of this list: the reader's own in their order, then those shared with them."""
        if not self.views_name or self.record_kind() not in self.request.user.access.viewed:
            return []
        rows = SavedView.objects.of_list(self.record_kind()).seen_by(self.request.user).select_related("owner")
        me = self.request.user.pk
        return sorted(rows, key=lambda view: (view.owner_id != me, view.position, view.pk))

    @staticmethod
    def _packed(view):
        return language.packed(language.parse(view.rule)) if view.rule else ""

    @cached_property
    def hidden(self):
        """The names of the fields its reader may not know: no column, no filter, no order."""
        return self.request.user.access.hidden(self.record_kind())

    @cached_property
    def columns(self):
        keys = [key for given in self.params.getlist("columns") for key in given.split(",")]
        return self.columns_class.chosen(keys, self.hidden)

    @cached_property
    def order(self):
        return self.columns_class.sorted_by(self.params.get("sort", self.columns_class.order), self.hidden)

    @cached_property
    def filterset(self):
        return self._filterset(whole="filters" in self.params)

    def _filterset(self, *, whole):
        opened = self.model.objects.none()
        return self.filterset_class(self.params, whole=whole, queryset=opened, request=self.request)

    @cached_property
    def is_valid(self):
        """Whether the filters are right. Raises BadRequest for conditions that are none at all."""
        self.filterset.rule  # noqa: B018
        return self.filterset.form.is_valid()

    @cached_property
    def found(self):
        """Return what the user sees, narrowed by the filters, with the columns' fields only."""
        return self.found_for("view")

    def found_for(self, action):
        user = self.request.user
        shaped = self.shaped_for_file if action == "export" else self.shaped
        return Found(model=self.model, user=user, filterset=self.filterset, shaped=shaped, action=action)

    def shaped(self, branch):
        """Return a branch with what the columns read of a row, and no more."""
        fields = {name for column in self.columns for name in column.fields}
        joined = branch.select_related("owner") if "owner" in fields else branch
        return joined.only("pk", *fields)

    def shaped_for_file(self, branch):
        """Return the same for thousands of rows at a time: each owner is read once, not with every row."""
        fields = {name for column in self.columns for name in column.fields if "__" not in name}
        rows = branch.only("pk", *fields)
        return rows.prefetch_related(Prefetch("owner", User.objects.all())) if "owner" in fields else rows

    # What is shown

    @cached_property
    def page(self) -> Page:
        column, descending = self.order
        cursor = Cursor.parse(self.params.get("after", ""))
        if not self.is_valid:
            return Page([], 1, None, None)
        is_indexed = column.indexed and self.filterset.is_indexed
        try:
            with nullcontext() if is_indexed else time_limit(UNINDEXED_LIMIT):
                return self.found.page(column.expression, descending=descending, cursor=cursor)
        except TooSlow:
            return self.some()

    hint = ""

    def some(self):
        """Return some matching rows, in no particular order, when the order asked for would take too long."""
        self.hint = NARROW
        rows = []
        try:
            with time_limit(UNINDEXED_LIMIT // 3):
                for branch in self.found.branches[:3]:
                    rows.extend(branch.order_by()[:PAGE_SIZE])
        except TooSlow:
            pass
        rows = list({row.pk: row for row in rows}.values())[:PAGE_SIZE]
        return Page(rows, 1, None, None)

    @property
    def count(self):
        """Return how many rows there are; of a page that was too slow, only those on it."""
        return Count(self.page.end, more=True) if self.hint else self.found.count

    @cached_property
    def fetched(self):
        return {column.key: column.fetch(self.page.rows, self.request.user) for column in self.columns}

    def rows(self):
        return table_rows(self.page.rows, self.columns, self.fetched, self.url_of, picks=bool(self.bulk_changes))

    def url_of(self, record):
        return record.get_absolute_url()

    def heads(self):
        return [self._head(column) for column in self.columns]

    def _head(self, column):
        css = column.classes
        if column.order is None:
            return Head(column.label, css, None)
        current, descending = self.order
        mine = current.key == column.key
        flipped = f"-{column.key}" if mine and not descending else column.key
        way = ("descending" if descending else "ascending") if mine else ""
        return Head(column.label, css, self.query(sort=flipped), way)

    def query(self, **changes):
        """Return this list's query string with some parameters changed; None removes one. The page starts anew."""
        query = self.params.copy()
        for key in ("after", "filters"):
            query.pop(key, None)
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = str(value)
        return query.urlencode()

    # What the page says and links to

    @property
    def query_string(self):
        return self.query()

    @property
    def next_url(self):
        return f"?{self.query(after=self.page.next)}" if self.page.next else ""

    @property
    def previous_url(self):
        return f"?{self.query(after=self.page.previous)}" if self.page.previous else ""

    @property
    def position(self):
        """Return "1–50 of 1,000+", "1 of 1"."""
        if self.page.start == self.page.end:
            return _("%(start)s of %(count)s") % {
                "start": number_format(self.page.start, force_grouping=True),
                "count": self.count,
            }
        return _("%(start)s–%(end)s of %(count)s") % {
            "start": number_format(self.page.start, force_grouping=True),
            "end": number_format(self.page.end, force_grouping=True),
            "count": self.count,
        }

    @property
    def views_url(self):
        return reverse(self.views_name) if self.views_name else ""

    @property
    def save_url(self):
        """Return where what the list shows is saved as a view; "" where there is nothing to save."""
        return f"{reverse(f'{self.views_name}_new')}?{self.query()}" if self.views_name else ""

    @property
    def has_changed(self):
        """Whether the list shows something else than the reader's own saved view it was opened by."""
        view = self.saved_view
        if view is None or view.owner_id != self.request.user.pk:
            return False
        kept = view.params(self._packed(view))
        return {key: value for key, value in self.params.lists() if key not in OF_A_PAGE} != dict(kept.lists())

    @property
    def conditions_url(self):
        """Return where the conditions of this list are edited; "" where it has none."""
        known = self.conditions_name and self.record_kind() in kinds()
        return f"{reverse(self.conditions_name)}?{self.query(view=None)}" if known else ""

    @property
    def rule_problems(self):
        """Return why the conditions match nothing, if they are broken."""
        rule = self.filterset.rule if self.is_valid else None
        return list(dict.fromkeys(rule.problems.values())) if rule else []

    @cached_property
    def shows_filters(self):
        """Whether the form of the filters is on the page: its choices are many, so only when asked for, or wrong."""
        return "filters" in self.params or not self.is_valid

    @cached_property
    def filter_form(self):
        """The form of all filters, with what is wrong with those set."""
        return self._filterset(whole=True).form

    @property
    def filters_url(self):
        return f"?{self.query(filters=1)}"

    def kept(self):
        """Return the parameters a filter form carries along: order, columns, conditions."""
        return [(key, value) for key in ("sort", "columns", "rule") for value in self.params.getlist(key)]

    def kept_filters(self):
        """Return the parameters a column form carries along: order and filters."""
        dropped = ("columns", "after", "filters")
        return [(key, value) for key, values in self.params.lists() if key not in dropped for value in values]

    def column_choices(self):
        """Return every column with whether it is shown; those shown first, in their order."""
        others = [c for c in self.columns_class.open_to(self.hidden).values() if c not in self.columns]
        return [*((column, True) for column in self.columns), *((column, False) for column in others)]

    @property
    def clear_url(self):
        kept = QueryDict(mutable=True)
        for key, value in self.kept():
            if key != "rule":
                kept.appendlist(key, value)
        return f"?{kept.urlencode()}"

    @cached_property
    def bulk_changes(self):
        """Return what the reader may do with many of these at once."""
        return bulk.changes_for(self.request.user, self.record_kind()) if self.bulk_name else {}

    @property
    def bulk_url(self):
        return reverse(self.bulk_name)

    @property
    def create_url(self):
        may = self.request.user.access.may(self.record_kind(), "create")
        return reverse(self.create_name) if may else ""

    def context(self):
        """Return what the list template shows."""
        access, kind, tabs = self.request.user.access, self.record_kind(), Tabs(self)
        return {
            "list": self,
            "page": self.page,
            "tabs": tabs.shown,
            "more_tabs": tabs.more,
            "chips": self.filterset.chips() if self.is_valid else [],
            "may_create": access.may(kind, "create"),
            "may_export": access.may(kind, taking(kind)),
            "may_trash": access.may(kind, "trash"),
        }
