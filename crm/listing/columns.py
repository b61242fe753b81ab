"""The columns a list may show, declared once per kind and rendered in Python."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db.models import F
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


class Column:
    """One column of a list.

    `order`: a field or an expression that is never NULL, or None where the list cannot be sorted by it.
    `indexed`: the order has an index for everybody, each owner and each team; else it is answered within a time limit.
    `fields`: what its cells read of a row, "owner__email" of its owner; else the attribute.
    `tells`: the names under which the rights on fields speak of what it shows; else its attribute.
    `fetch(rows, user)` asks once per page for what the rows themselves do not hold; what is hidden from the user is
    not in it. `text` gives plain text (export), `html` the cell.
    """

    fields: tuple[str, ...] | None = None
    tells: tuple[str, ...] | None = None

    def __init__(self, label, *, attribute="", order=None, indexed=True, css="", numeric=False, opens=False):
        self.label, self.attribute, self.order, self.indexed = label, attribute, order, indexed
        self.css, self.numeric, self.opens = css, numeric, opens
        self.classes = " ".join(filter(None, ["num" if numeric else "", css]))
        self.key = ""

    def __set_name__(self, owner, name):
        self.key, self.attribute = name, self.attribute or name
        self.fields = (self.attribute,) if self.fields is None else self.fields
        self.tells = (self.attribute,) if self.tells is None else self.tells

    @classmethod
    def like(cls, column):
        """Return a column of this class with the label, order and looks of another, to stand in its place."""
        twin = cls.__new__(cls)
        twin.__dict__.update(column.__dict__)
        return twin

    @property
    def expression(self) -> Any:
        return F(self.order) if isinstance(self.order, str) else self.order

    def fetch(self, rows, user):
        return {}

    def value(self, row, found):
        return getattr(row, self.attribute)

    def text(self, row, found):
        value = self.value(row, found)
        return "" if value is None else str(value)

    def html(self, row, found):
        text = escape(self.text(row, found))
        return SafeString(f'<span class="cut" title="{text}">{text}</span>') if text else NOTHING


NOTHING = SafeString('<span class="faint">–</span>')


class RecordColumns:
    """The columns of one kind of record, as attributes. `default`: those shown at first; `order`: the first order."""

    model: Any = None
    default: tuple[str, ...] = ()
    order = "name"
    always: tuple[str, ...] = ("name",)

    @classmethod
    def add(cls, **columns):
        """Add columns, or put better ones in the place of others: how an app extends the list of another's records."""
        for key, column in columns.items():
            column.__set_name__(cls, key)
            setattr(cls, key, column)

    @classmethod
    def all(cls):
        return {
            key: column
            for base in reversed(cls.__mro__)
            for key, column in vars(base).items()
            if isinstance(column, Column)
        }

    @classmethod
    def open_to(cls, hidden):
        """Return {key: column} of those that tell nothing of hidden fields."""
        return {key: column for key, column in cls.all().items() if hidden.isdisjoint(column.tells)}

    @classmethod
    def chosen(cls, keys, hidden=frozenset()):
        """Return the columns asked for, in the order asked for; unknown and hidden ones are left out, required kept."""
        columns = cls.open_to(hidden)
        wanted = [key for key in dict.fromkeys(keys) if key in columns] or [
            key for key in cls.default if key in columns
        ]
        return [columns[key] for key in [*(key for key in cls.always if key not in wanted), *wanted]]

    @classmethod
    def sorted_by(cls, key, hidden=frozenset()):
        """Return (column, descending) for "name" or "-name"; an unknown or hidden key gives the first order."""
        for candidate in (key, cls.order):
            column = cls.open_to(hidden).get(candidate.removeprefix("-"))
            if column and column.order is not None:
                return column, candidate.startswith("-")
        raise LookupError(f"{cls.__name__}.order is no sortable column")


def table_rows(records, columns, found, url_of, *, picks=False) -> SafeString:
    """Return the <tr>s of a list; the column that opens the record carries the link. `picks`: each can be selected."""
    cells = [(column.html, found[column.key], column.opens, _beginning(column)) for column in columns]
    return SafeString("\n".join(_table_row(record, cells, url_of, picks) for record in records))


def _beginning(column):
    css = f' class="{column.classes}"' if column.classes else ""
    return f'<td role="cell"{css}>'


def _table_row(record, cells, url_of, picks):
    row = ['<tr role="row">', _pick(record) if picks else ""]
    for html, found, opens, beginning in cells:
        content = conditional_escape(html(record, found))
        if opens:
            content = f'<a class="row-line" href="{escape(url_of(record))}">{content}</a>'
        row += (beginning, content, "</td>")
    return "".join((*row, "</tr>"))


def _pick(record):
    label = escape(_("Select %s") % record)
    return (
        '<td role="cell" class="pick"><label class="hit"><input class="form-check-input" type="checkbox" form="bulk" '
        f'name="pick" value="{record.pk}" aria-label="{label}"></label></td>'
    )
