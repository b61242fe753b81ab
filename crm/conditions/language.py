"""The language rules are stored in: JSON of groups, conditions on fields and conditions on relations.

{"v": 1, "all": [...]}, {"any": [...]}, {"not": {...}};
{"field": id, "op": "is", "value": ...};
{"relation": id, "op": "at_least", "count": 3, "within_days": 30, "where": {"all": [...]}}.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.conditions.operands import MOST_COUNT, MOST_DAYS

VERSION = 1
DEEPEST = 4  # groups within groups, those of relations too
MOST_LEAVES = 50
LONGEST = 20_000  # characters of JSON
LONGEST_PACKED = 3_500  # characters in an address
LONGEST_ID = 120
ALL, ANY, NONE = "all", "any", "none"
COUNTS = ("has", "has_not", "at_least", "at_most")
COUNTED = ("at_least", "at_most")


class BadRule(ValidationError):
    """What was sent is no rule. `path`: where it is wrong, "0.1" for the second part of the first part."""

    def __init__(self, path, message):
        super().__init__(message, code="rule")
        self.path = path

    def __str__(self):
        return f"{self.path or _('The rule')}: {' '.join(self.messages)}"


@dataclass
class Leaf:
    """A condition on a field. The value is as it came until a Rule has brought it into its one form."""

    field: str
    op: str
    value: Any = None
    path: str = ""


@dataclass
class Group:
    """`mode`: all, any or none of the parts must hold. All and none of no parts hold for everything."""

    mode: str = ALL
    parts: list = field(default_factory=list)
    path: str = ""


@dataclass
class Related:
    """A condition on how many records of a relation there are, in the last days, that fit `where`."""

    relation: str
    op: str
    count: int | None = None
    within_days: int | None = None
    where: Group = field(default_factory=Group)
    path: str = ""


def parse(given):
    """Return the Group of a rule given as JSON, as text or already read. Raises BadRule."""
    if isinstance(given, (str, bytes)):
        given = _read(given)
    if not isinstance(given, dict):
        raise BadRule("", _("It is not a group of conditions."))
    given = dict(given)
    version = given.pop("v", VERSION)
    if type(version) is not int or version != VERSION:
        raise BadRule("", _("It is of a version that is not known here."))
    root = _node(given, "", 1) if given else Group()
    root = root if isinstance(root, Group) else Group(ALL, [root])
    placed(root, "")
    if len(list(leaves(root))) > MOST_LEAVES:
        raise BadRule("", _("At most %d conditions.") % MOST_LEAVES)
    return root


def _read(text):
    try:
        if len(text) > LONGEST:
            raise ValueError(text[:20])
        return json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise BadRule("", _("That is no JSON.")) from None


def _refused(name):
    raise ValueError(name)


def _node(given, path, depth):
    if not isinstance(given, dict):
        raise BadRule(path, _("It is not a condition."))
    if depth > DEEPEST:
        raise BadRule(path, _("Groups stand in one another too deep."))
    keys = set(given)
    for mode in (ALL, ANY):
        if keys == {mode}:
            return Group(mode, _parts(given[mode], path, depth))
    if keys == {"not"}:
        inner = _node(given["not"], path, depth + (not (_is_leaf(given["not"]) or _is_any(given["not"]))))
        if isinstance(inner, Group) and not inner.parts:
            raise BadRule(path, _("A group without a condition."))
        return Group(NONE, inner.parts if isinstance(inner, Group) and inner.mode == ANY else [inner])
    if "field" in keys and keys <= {"field", "op", "value"}:
        return Leaf(_name(given["field"], path), _name(given.get("op"), path), given.get("value"))
    if "relation" in keys and keys <= {"relation", "op", "count", "within_days", "where"}:
        return _related(given, path, depth)
    raise BadRule(path, _("It is neither a condition nor a group of them."))


def _parts(given, path, depth):
    if not isinstance(given, list) or len(given) > MOST_LEAVES:
        raise BadRule(path, _("A group is a list of at most %d.") % MOST_LEAVES)
    if not given and path:
        raise BadRule(path, _("A group without a condition."))
    return [_node(one, f"{path}.{at}".lstrip("."), depth + (not _is_leaf(one))) for at, one in enumerate(given)]


def _is_leaf(given):
    return isinstance(given, dict) and ("field" in given or "relation" in given)


def _is_any(given):
    return isinstance(given, dict) and set(given) == {ANY}


def _related(given, path, depth):
    op = _name(given.get("op"), path)
    if op not in COUNTS:
        raise BadRule(path, _("It says neither has nor has not."))
    count = _number(given.get("count"), MOST_COUNT, path) if op in COUNTED else None
    days = _number(given["within_days"], MOST_DAYS, path) if given.get("within_days") is not None else None
    inner = given.get("where") or {ALL: []}
    where = Group() if inner == {ALL: []} else _node(inner, f"{path}.w".lstrip("."), depth + 1)
    return Related(
        _name(given["relation"], path), op, count, days, where if isinstance(where, Group) else Group(ALL, [where])
    )


def _name(given, path):
    if not isinstance(given, str) or not given or len(given) > LONGEST_ID or not given.isprintable():
        raise BadRule(path, _("A name is missing."))
    return given


def _number(given, most, path):
    if type(given) is not int or not 1 <= given <= most:
        raise BadRule(path, _("A whole number from 1 to %d is needed.") % most)
    return given


def placed(node, path):
    """Tell every node where it stands."""
    node.path = path
    inner = node.where if isinstance(node, Related) else node
    if isinstance(node, Related):
        placed(node.where, f"{path}.w")
    elif isinstance(node, Group):
        for at, part in enumerate(inner.parts):
            placed(part, f"{path}.{at}".lstrip("."))


def leaves(node):
    """Yield the conditions of a tree in order, those inside relations too."""
    if isinstance(node, Group):
        for part in node.parts:
            yield from leaves(part)
    else:
        yield node
        if isinstance(node, Related):
            yield from leaves(node.where)


def written(node):
    """Return the JSON of a tree, in its one form."""
    if isinstance(node, Leaf):
        return {"field": node.field, "op": node.op, **({} if node.value is None else {"value": node.value})}
    if isinstance(node, Related):
        found = {"relation": node.relation, "op": node.op, "count": node.count, "within_days": node.within_days}
        found["where"] = written(node.where) if node.where.parts else None
        return {key: value for key, value in found.items() if value is not None}
    parts = [written(part) for part in node.parts]
    return {"not": {ANY: parts}} if node.mode == NONE else {node.mode: parts}


def stored(root):
    """Return what is kept of a rule: its JSON with the version."""
    return {"v": VERSION, **written(root)}


# In an address


def packed(root):
    """Return a rule as an address carries it. Raises BadRule for one that is too long for that."""
    text = json.dumps(written(root), ensure_ascii=False, separators=(",", ":"))
    found = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    if len(found) > LONGEST_PACKED:
        raise BadRule("", _("These conditions are too long: use fewer of them, or shorter words."))
    return found


def unpacked(text):
    """Return the Group of a rule that an address carries, packed or as JSON. Raises BadRule."""
    if text.lstrip().startswith("{"):
        return parse(text)
    try:
        if len(text) > LONGEST_PACKED or not text.isascii():
            raise ValueError(text[:20])
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        pressed = zlib.decompressobj()
        return parse(pressed.decompress(raw, LONGEST).decode())
    except (ValueError, binascii.Error, zlib.error):
        raise BadRule("", _("That is no rule.")) from None
