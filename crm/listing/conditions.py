"""The page on which the conditions of a list are written."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.views import View

from crm.conditions import BadRule, language
from crm.conditions.editing import Editor
from crm.conditions.language import Group
from crm.listing.filters import RULE
from crm.pages import answer, moved, needs


class ConditionsView(View):
    """GET shows the editor with the conditions in the address; POST (`do`) changes it, or leads to the list with them.

    Conditions that are wrong: 422 with what is wrong at each.
    """

    list_view: Any = None
    list_name = ""
    http_method_names = ("get", "head", "post", "options")

    @classmethod
    def as_view(cls, **initkwargs):
        return needs(initkwargs["list_view"].record_kind(), "view")(super().as_view(**initkwargs))

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.listing = self.list_view()
        self.listing.setup(request)

    def get(self, request):
        rule = self.listing.filterset.rule
        root = rule.root if rule else Group()
        return self.shown(Editor.opened(self.listing.record_kind(), request.user, root))

    def post(self, request):
        shows = request.POST.get("do", "refresh") == "show"
        editor = Editor.sent(self.listing.record_kind(), request.user, request.POST, strict=shows)
        if not shows:
            return self.shown(editor)
        try:
            rule = editor.finished()
            packed = language.packed(rule.root) if rule.root.parts else None
        except BadRule as error:
            editor.message = " ".join(error.messages)
            return self.shown(editor, 422)
        if not rule.is_sound:
            return self.shown(editor, 422)
        return moved(request, f"{reverse(self.list_name)}?{self.listing.query(**{RULE: packed, 'view': None})}")

    def shown(self, editor, status=200):
        back = f"{reverse(self.list_name)}?{self.listing.query()}"
        context = {"editor": editor, "list": self.listing, "list_url": back, "action": f"?{self.listing.query()}"}
        return answer(self.request, "listing/conditions.html", "editor", context, status=status)
