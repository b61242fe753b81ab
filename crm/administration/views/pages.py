"""What the administrator's pages share: who may call them, and how an act that is refused is told."""

from __future__ import annotations

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from crm.administration import services
from crm.pages import moved, needs
from crm.policies import ADMINISTRATION

administers = needs(ADMINISTRATION, "view")
form_page = require_http_methods(["GET", "HEAD", "POST"])


def acted(request, to, act, said=""):
    """Do `act()` and say so; where it is refused, say why. Either way lead to `to`."""
    try:
        act()
    except services.Refused as refused:
        messages.error(request, str(refused))
    else:
        if said:
            messages.success(request, said)
    return moved(request, to)
