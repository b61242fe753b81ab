"""What a worklist can be narrowed by: kind, owner, source; its order and its tabs. All of it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Source
from crm import parsing
from crm.models import User
from quality import worklist

STATES = {
    "open": gettext_lazy("Open"),
    "later": gettext_lazy("Later"),
    "answered": gettext_lazy("Answered"),
    "merged": gettext_lazy("Merged"),
}
ORDERS = {"sure": gettext_lazy("Surest first"), "worth": gettext_lazy("Last contacted first")}


@dataclass
class Filters:
    """What the address asks for, for one reader; `kind`, `source`, `owner`: "" where it does not say.

    Raises BadInput where it asks for what is none.
    """

    user: object
    query: object

    def __post_init__(self):
        self.kinds = {str(kind.model._meta.model_name): kind for kind in worklist.kinds_of(self.user)}
        said = {name: self.query.get(name, "") for name in ("kind", "source", "state", "order")}
        self.kind = parsing.choice(said["kind"], self.kinds, default="")
        self.source = parsing.choice(said["source"], [*filter(None, Source.values)] if self.sources else [], default="")
        self.state = parsing.choice(said["state"], STATES, default="open")
        self.order = parsing.choice(said["order"], ORDERS, default="sure")
        owner = self.query.get("owner", "")
        self.owner = self.user.pk if owner == "me" else parsing.identifier(owner, default=None)

    @property
    def sources(self):
        """The sources one can ask for: none where the reader may not know of any."""
        return [choice for choice in Source.choices if choice[0]] if self._telling("source") else []

    def _telling(self, name):
        return [kind for kind in self.kinds.values() if name not in self.user.access.hidden(kind.name)]

    @property
    def ranks(self):
        """Whether there is anything to rank by: when somebody was last contacted may be hidden."""
        return bool(self._telling("last_contacted_at"))

    @property
    def asked(self):
        kinds = [self.kinds[self.kind]] if self.kind else list(self.kinds.values())
        having = {"owner": self.owner} if self.owner else {}
        if self.source:
            having["source"] = self.source
            kinds = [kind for kind in kinds if kind in self._telling("source")]
        return worklist.Asked(tuple(kinds), having, by_worth=self.order == "worth" and self.ranks)

    @property
    def is_narrowed(self):
        return bool(self.kind or self.source or self.owner)

    def address(self, **changes):
        """Return the query of this list with some of it changed; "?" alone for the list as it is at first."""
        now = {"state": self.state, "kind": self.kind, "owner": self.owner or "", "source": self.source}
        now |= {"order": self.order, **changes}
        first = {"state": "open", "order": "sure"}
        return f"?{urlencode({name: value for name, value in now.items() if value and first.get(name) != value})}"

    @property
    def cleared(self):
        return self.address(kind="", owner="", source="")

    @property
    def kind_choices(self):
        return [(key, kind.model._meta.verbose_name_plural.capitalize()) for key, kind in self.kinds.items()]

    @property
    def chips(self):
        """Return [(field, value, address without it)] of what is set."""
        found = []
        if self.kind:
            found.append((_("Kind"), dict(self.kind_choices)[self.kind], self.address(kind="")))
        if self.owner:
            owner = User.objects.filter(pk=self.owner).first()
            found.append((_("Owner"), owner or _("Nobody"), self.address(owner="")))
        if self.source:
            found.append((_("Source"), Source(self.source).label, self.address(source="")))
        return found

    @property
    def orders(self):
        return [(label, self.address(order=key), key == self.order) for key, label in ORDERS.items()]
