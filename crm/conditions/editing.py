"""The editor of conditions: its whole state stands in the form, so it works without JavaScript and without a session.

Every part has a path ("0.1"; "0.w" is what is asked of the related records of part 0) and fields named
"rule:0.1:field", ":op", ":value". Buttons send `do`: "add:0", "group:0", "remove:0.1", "refresh".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.conditions import language
from crm.conditions.asking import Asker
from crm.conditions.fields import fields_of, may_ask, relations_of
from crm.conditions.language import ALL, ANY, COUNTED, DEEPEST, MOST_LEAVES, NONE, Group, Leaf, Related
from crm.conditions.operands import MOST_COUNT, MOST_DAYS, Whole
from crm.conditions.rules import Rule

MODES = (
    (ALL, gettext_lazy("all of these")),
    (ANY, gettext_lazy("any of these")),
    (NONE, gettext_lazy("none of these")),
)
COUNT_WORDS = (
    ("has", gettext_lazy("has any")),
    ("has_not", gettext_lazy("has none")),
    ("at_least", gettext_lazy("has at least")),
    ("at_most", gettext_lazy("has at most")),
)


@dataclass(frozen=True)
class Control:
    """One control with the words before and after it."""

    html: SafeString
    before: str = ""
    after: str = ""


@dataclass
class Drawn:
    """One part as the template draws it; `parts`: what stands inside."""

    path: str
    type: str
    controls: list[Control] = field(default_factory=list)
    parts: list[Drawn] = field(default_factory=list)
    within: Drawn | None = None
    error: str = ""
    deep: bool = False
    name: str = ""
    at: str = ""
    was: str = ""

    @property
    def error_id(self):
        return f"{self.name.rpartition(':')[0]}-error".replace(":", "-").replace(".", "-")


class Editor:
    """A rule about records of a kind while it is written. `name`: what the names of its form fields begin with.

    `strict`: what is wrong is shown at each part; else only what no longer exists.
    """

    def __init__(self, kind, user, root, *, name="rule", strict=False, now=None):
        self.kind, self.name, self.strict = kind, name, strict
        self.asker, self.message = Asker.of(user, now), ""
        self.root = root if root.parts else Group(root.mode, [Leaf("", "")])
        self._settle()

    @classmethod
    def opened(cls, kind, user, root, **options):
        """Return the editor of a rule that is there; root: a language.Group."""
        return cls(kind, user, root, **options)

    @classmethod
    def sent(cls, kind, user, data, *, name="rule", strict=False):
        """Return the editor in the state of a form that was sent, after what its button asks for."""
        root = _Reading(kind, data, name).group("", 1)
        language.placed(root, "")
        editor = cls(kind, user, root, name=name, strict=strict)
        editor.do(data.get("do", ""))
        return editor

    def _settle(self):
        language.placed(self.root, "")
        self.rule = Rule(self.kind, self.root, self.asker)

    # What the buttons do

    def do(self, asked):
        verb, _colon, path = asked.partition(":")
        acts: dict[str, Any] = {"add": self._add, "group": self._group, "remove": self._remove}
        if verb in acts:
            acts[verb](path)
            self._settle()

    def _found(self, path):
        """Return (parent, node) at a path, (None, None) for none."""
        todo: list[tuple] = [(None, self.root)]
        while todo:
            parent, node = todo.pop()
            if node.path == path and (isinstance(node, Group) or parent):
                return parent, node
            inner = [node.where] if isinstance(node, Related) else getattr(node, "parts", [])
            todo += [(node, one) for one in inner]
        return None, None

    def _add(self, path, part=None):
        _parent, group = self._found(path)
        if len(list(language.leaves(self.root))) >= MOST_LEAVES:
            self.message = _("At most %d conditions.") % MOST_LEAVES
        elif isinstance(group, Group):
            group.parts.append(part or Leaf("", ""))

    def _group(self, path):
        if _depth(path) < DEEPEST:
            self._add(path, Group(ANY, [Leaf("", "")]))

    def _remove(self, path):
        parent, node = self._found(path)
        if isinstance(parent, Group):
            parent.parts = [part for part in parent.parts if part is not node]
            if not parent.parts and parent is not self.root and not parent.path.endswith("w"):
                self._remove(parent.path)
        if not self.root.parts:
            self.root.parts = [Leaf("", "")]

    # What it comes to

    def finished(self):
        """Return the rule without the parts that were left blank. Raises language.BadRule for one too large."""
        root = _without_blanks(self.root)
        root = language.parse(language.stored(root)) if root.parts else Group()
        return Rule(self.kind, root, self.asker)

    @property
    def sentence(self):
        """Return what it says so far; "" for nothing yet."""
        root = _without_blanks(self.root)
        if not root.parts:
            return ""
        language.placed(root, "")
        said = Rule(self.kind, root, self.asker).sentence
        self._settle()
        return said

    @property
    def is_sound(self):
        blank = {leaf.path for leaf in language.leaves(self.root) if isinstance(leaf, Leaf) and not leaf.field}
        return not (set(self.rule.problems) - blank)

    # How it is drawn

    def drawn(self):
        """Return the tree as the template draws it."""
        return self._drawn_group(self.root, self.kind)

    def _drawn_group(self, group, kind, at=""):
        drawn = Drawn(group.path, "group", name=self._field(group.path, "item"), at=at)
        drawn.controls = [self._select(group.path, "mode", MODES, group.mode, _("Which of these must hold"))]
        for number, part in enumerate(group.parts):
            drawn.parts.append(self._drawn(part, kind, str(number)))
        drawn.deep = _depth(group.path) >= DEEPEST
        return drawn

    def _drawn(self, node, kind, at):
        if isinstance(node, Group):
            return self._drawn_group(node, kind, at)
        is_related = isinstance(node, Related)
        chosen = node.relation if is_related else node.field
        drawn = Drawn(node.path, "related" if is_related else "leaf", at=at, was=chosen)
        drawn.error = self._error(node)
        drawn.name = self._field(node.path, "was")
        drawn.controls.append(self._select(node.path, "field", self._fields(kind, chosen), chosen, _("Field")))
        if is_related:
            self._draw_related(drawn, node, relations_of(kind).get(chosen))
        elif node.path in self.rule.known or node.field in fields_of(kind):
            self._draw_leaf(drawn, node, fields_of(kind)[node.field])
        return drawn

    def _error(self, node):
        lost = node.path in self.rule.lost and getattr(node, "field", True)
        return self.rule.problems.get(node.path, "") if self.strict or lost else ""

    def _draw_leaf(self, drawn, leaf, known):
        choices = [(key, one.menu_label) for key, one in known.operators.items()]
        drawn.controls.append(self._select(leaf.path, "op", choices, leaf.op, _("Comparison")))
        operator = known.operators.get(leaf.op)
        if operator is None:
            return
        name = self._field(leaf.path, "value")
        after = _("days") if isinstance(operator.operand, Whole) else ""
        for widget, named, value, label in operator.operand.widgets(name, leaf.value, self.asker):
            drawn.controls.append(self._control(widget, named, value, label, drawn.error, after=after))

    def _draw_related(self, drawn, node, relation):
        if relation is None:
            return
        drawn.controls.append(self._select(node.path, "op", COUNT_WORDS, node.op, _("How many")))
        if node.op in COUNTED:
            number = forms.NumberInput({"min": 1, "max": MOST_COUNT})
            drawn.controls.append(self._control(number, self._field(node.path, "count"), node.count, _("Number"), ""))
        if relation.date:
            days = forms.NumberInput({"min": 1, "max": MOST_DAYS, "placeholder": _("any")})
            words = {"before": _("in the last"), "after": _("days")}
            name, label = self._field(node.path, "days"), _("In the last days")
            drawn.controls.append(self._control(days, name, node.within_days, label, "", **words))
        drawn.within = self._drawn_group(node.where, relation.to)

    def _fields(self, kind, chosen):
        """Return the choices of what to ask by; what was chosen stays one, even where it is gone."""
        asked = [(one.id, _capital(one.label)) for one in fields_of(kind).values() if may_ask(one, kind, self.asker)]
        found: list = [("", _("Choose a field")), (_("Fields"), asked)]
        near = [(one.id, _capital(one.label)) for one in relations_of(kind).values() if may_ask(one, kind, self.asker)]
        if near:
            found.append((_("What belongs to them"), near))
        if chosen and chosen not in dict(asked) and chosen not in dict(near):
            found.append((chosen, _("A field that is gone")))
        return found

    def _select(self, path, what, choices, chosen, label):
        return self._control(forms.Select(choices=choices), self._field(path, what), chosen, label, "")

    def _control(self, widget, name, value, label, error, before="", after=""):
        html_id = name.replace(":", "-").replace(".", "-")
        css = "form-select" if isinstance(widget, forms.Select) else "form-control"
        attrs = {"id": html_id, "aria-label": str(label), "class": f"{css} is-invalid" if error else css}
        if error:
            attrs["aria-invalid"] = "true"
            attrs["aria-describedby"] = f"{html_id.rpartition('-')[0]}-error"
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return Control(_boxes(widget, name, value, html_id))
        return Control(widget.render(name, value, attrs), str(before), str(after))

    def _field(self, path, what):
        return f"{self.name}:{path}:{what}"


def _boxes(widget, name, value, html_id):
    """Return a box for each choice, with its label."""
    attrs = {"id": html_id, "class": "form-check-input"}
    drawn = (
        (
            widget._render(one["template_name"], {"widget": {**one, "wrap_label": False}}),
            one["attrs"]["id"],
            one["label"],
        )
        for one in widget.subwidgets(name, value, attrs)
    )
    boxes = format_html_join(
        "", '<div class="form-check">{}<label class="form-check-label" for="{}">{}</label></div>', drawn
    )
    return format_html('<div class="choices">{}</div>', boxes)


def _capital(label):
    label = str(label)
    return label[:1].upper() + label[1:]


def _depth(path):
    """Return how deep a group at a path stands: 1 for the outermost."""
    return 1 + len([step for step in path.split(".") if step])


def _without_blanks(node):
    """Return a copy of a tree without parts that say nothing yet, and without groups that are left empty."""
    if isinstance(node, Group):
        parts = [_without_blanks(part) for part in node.parts]
        kept = [part for part in parts if not (isinstance(part, Leaf) and not part.field)]
        return Group(node.mode, [part for part in kept if not (isinstance(part, Group) and not part.parts)])
    if isinstance(node, Related):
        where = _without_blanks(node.where)
        return Related(node.relation, node.op, node.count, node.within_days, where)
    return Leaf(node.field, node.op, node.value)


class _Reading:
    """The tree a form was sent with; whatever is missing or wrong becomes a part that says so."""

    def __init__(self, kind, data, name):
        self.kind, self.data, self.name, self.left = kind, data, name, MOST_LEAVES

    def value(self, path, what):
        return self.data.get(f"{self.name}:{path}:{what}", "")[:1000]

    def group(self, path, depth, kind=None):
        mode = self.value(path, "mode")
        group = Group(mode if mode in (ALL, ANY, NONE) else ALL)
        items = self.data.getlist(f"{self.name}:{path}:item")[: MOST_LEAVES + 1] if depth <= DEEPEST else []
        for item in dict.fromkeys(items):
            if self.left > 0 and item.isascii() and item.isdecimal() and len(item) < 4:
                group.parts.append(self.part(f"{path}.{item}".lstrip("."), depth, kind or self.kind))
        return group

    def part(self, path, depth, kind):
        self.left -= 1
        if f"{self.name}:{path}:mode" in self.data and not self.value(path, "field"):
            return self.group(path, depth + 1, kind)
        chosen = self.value(path, "field")[: language.LONGEST_ID]
        anew = self.value(path, "was") != chosen
        if relation := relations_of(kind).get(chosen):
            return self.related(path, depth, relation, anew)
        known = fields_of(kind).get(chosen)
        if known is None:
            return Leaf(chosen, self.value(path, "op")[:40])
        op = self.value(path, "op")
        op = op if op in known.operators and not anew else next(iter(known.operators))
        value = None if anew else known.operators[op].operand.read(self.data, f"{self.name}:{path}:value")
        return Leaf(chosen, op, value)

    def related(self, path, depth, relation, anew):
        op = self.value(path, "op")
        op = op if op in dict(COUNT_WORDS) and not anew else "has"
        count = _whole(self.value(path, "count"), MOST_COUNT) if op in COUNTED else None
        days = None if anew else _whole(self.value(path, "days"), MOST_DAYS)
        where = Group() if anew else self.group(f"{path}.w", depth + 1, relation.to)
        return Related(relation.id, op, (count or 1) if op in COUNTED else None, days, where)


def _whole(text, most):
    """Return a whole number from 1 to `most`, the nearest to what was typed; None for none."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        return None
    return max(1, min(int(text), most))
