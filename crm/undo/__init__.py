"""The undo journal: what was done to many records, or to one, can be taken back.

In a service: `with undo.recording("crm.trash", by=user) as act:` around what is written;
then `undo.undo(act, by=user)`.
Above a model: `@undo.journaled()`. In an app's undoing.py: `@undo.followed(Task)` for what follows from restored rows,
`undo.say("sales.close", _("Closed %(what)s"))` for the words of its acts.
"""

from crm.undo.following import Touched, followed
from crm.undo.journal import is_journaled, journaled
from crm.undo.recording import begun_by, finish, recording
from crm.undo.rows import Act, UndoEntry
from crm.undo.rules import Refused, Rule, rights, rule
from crm.undo.undoing import NotOpen, step, undo
from crm.undo.wording import say

__all__ = [
    "Act",
    "NotOpen",
    "Refused",
    "Rule",
    "Touched",
    "UndoEntry",
    "begun_by",
    "finish",
    "followed",
    "is_journaled",
    "journaled",
    "recording",
    "rights",
    "rule",
    "say",
    "step",
    "undo",
]
