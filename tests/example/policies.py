"""Who may see gifts: their owners and the owners' teams."""

from crm.access import RecordPolicy, register
from tests.example.models import Gift

ALL = dict.fromkeys(("view", "create", "edit", "trash", "export"), "all")


@register
class GiftPolicy(RecordPolicy):
    model = Gift
    grants = {"administrator": ALL, "rep": {"view": "team", "create": "own", "edit": "own", "trash": "own"}}
