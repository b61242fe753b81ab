"""Foreign HTML stands in a frame, at its own address, under its own policy: it runs nothing and asks nobody."""

from functools import wraps

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

POLICY = {
    "sandbox": True,
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],  # a mail's look stands in its HTML; nothing in here can run or send anything
    "img-src": ["data:"],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
}


def framed(view):
    """Let a view answer with the HTML of a mail, for a frame of ours."""

    @wraps(view)
    def within(request, *args, **kwargs):
        response = HttpResponse(view(request, *args, **kwargs), content_type="text/html; charset=utf-8")
        response["Referrer-Policy"] = "no-referrer"
        return response

    return xframe_options_sameorigin(csp(POLICY)(within))
