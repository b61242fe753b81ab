"""One language of conditions for lists, saved views, segments, policies and automations.

An app registers what can be asked of its records in its `conditions.py`:
`conditions.register("contacts.person", Field("contacts.person.stage", _("stage"), Choice(Stage.choices)))`.
A rule is read with `Rule.read(kind, json, user)`; `rule.condition` is a Q, `rule.sentence` its words.
"""

from crm.conditions.asking import Asker
from crm.conditions.fields import Field, Relation, kinds, provider, register, relate
from crm.conditions.kinds import (
    Boolean,
    Choice,
    Day,
    Kind,
    Moment,
    Money,
    Number,
    Person,
    Reference,
    Tags,
    Team,
    Text,
)
from crm.conditions.language import BadRule
from crm.conditions.rules import Rule, asks_hidden

__all__ = [
    "Asker",
    "BadRule",
    "Boolean",
    "Choice",
    "Day",
    "Field",
    "Kind",
    "Moment",
    "Money",
    "Number",
    "Person",
    "Reference",
    "Relation",
    "Rule",
    "Tags",
    "Team",
    "Text",
    "asks_hidden",
    "kinds",
    "provider",
    "register",
    "relate",
]
