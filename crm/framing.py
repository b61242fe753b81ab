"""Foreign HTML stands in a frame, at its own address, under its own policy: it runs nothing and asks nobody."""

import base64
from functools import wraps

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],  # a mail's look stands in its HTML; nothing in here can run or send anything
    "img-src": ["data:"],
    "form-action": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
}
LINKS = ("allow-popups", "allow-popups-to-escape-sandbox")
"""What a frame allows whose links open a window; its HTML names "_blank" and "noopener" for each."""


def framed(*allowances):
    """Let a view answer with HTML, for a frame of ours. `allowances`: words of its sandbox, LINKS or none."""
    policy = {**POLICY, "sandbox": allowances or True}

    def declare(view):
        @wraps(view)
        def within(request, *args, **kwargs):
            response = HttpResponse(view(request, *args, **kwargs), content_type="text/html; charset=utf-8")
            response["Referrer-Policy"] = "no-referrer"
            return response

        return xframe_options_sameorigin(csp(policy)(within))

    return declare


def picture(kind, content):
    """Return the data: address of a picture of this type, the only one that a frame shows."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def with_pictures(html, pictures):
    """Return HTML with the pictures it names by their Content-ID inside it. `pictures`: {Content-ID: (type, bytes)}."""
    for name, (kind, content) in pictures.items():
        html = html.replace(f"cid:{name}", picture(kind, content))
    return html
