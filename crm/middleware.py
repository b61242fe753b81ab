"""What happens to every request before and after its view."""

import re
from contextlib import nullcontext
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

import structlog
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import QueryDict
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_structlog.middlewares import RequestMiddleware

from crm import errors, firm, health, history, standards

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)
LONGEST_PATH = 2_000  # characters
LONGEST_QUERY = 8_000  # characters
SESSION_KEY = re.compile(r"[a-z0-9]{32}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
RESET_KEY = re.compile(r"(/password/reset/key/)[^/]+")


class ProxyMiddleware:
    """Takes the client's address, scheme and host from X-Forwarded-* if a proxy named in TRUSTED_PROXIES sent them.

    From anybody else these headers are removed, so that nothing further in can believe them.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.proxies = [ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES]

    def __call__(self, request):
        sent = {name: request.META.pop(name, "") for name in FORWARDED}
        peer = _address(request.META.get("REMOTE_ADDR", ""))
        request.META["REMOTE_ADDR"] = str(peer or "0.0.0.0")
        if self.trusts(peer):
            self.believe(request, peer, sent)
        return self.get_response(request)

    def trusts(self, address):
        return address is not None and any(address in proxy for proxy in self.proxies)

    def believe(self, request, peer, sent):
        request.META["REMOTE_ADDR"] = str(self.client(peer, sent["HTTP_X_FORWARDED_FOR"]))
        scheme = sent["HTTP_X_FORWARDED_PROTO"].split(",")[-1].strip().lower()
        if scheme in {"http", "https"}:
            request.META["wsgi.url_scheme"] = scheme
        if host := sent["HTTP_X_FORWARDED_HOST"].split(",")[-1].strip():
            request.META["HTTP_HOST"] = host

    def client(self, peer, forwarded_for):
        """Return the nearest address that is not our proxy; what stands further left anybody may have written."""
        for text in reversed(forwarded_for.split(",")):
            if not self.trusts(peer):
                break
            peer = _address(text) or peer
        return peer


def _address(text):
    text = text.strip().removeprefix("[")
    text = text.split("]")[0] if "]" in text else text
    host, colon, _port = text.partition(":")
    for candidate in (text, host if colon else text):
        try:
            address = ip_address(candidate)
        except ValueError:
            continue
        return getattr(address, "ipv4_mapped", None) or address
    return None


class HealthMiddleware:
    """Answers /healthz and /readyz before host, scheme, session or database can stand in the way."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        view = health.VIEWS.get(request.path_info)
        return view(request) if view else self.get_response(request)


class ShapeMiddleware:
    """Refuses requests no browser sends; drops cookies we never set."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if status := self.fault(request):
            return errors.page(request, status)
        self.drop_foreign_cookies(request)
        return self.get_response(request)

    def fault(self, request):
        """Return the status to refuse the request with, or None."""
        query = request.META.get("QUERY_STRING", "")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if len(request.path_info) > LONGEST_PATH or len(query) > LONGEST_QUERY:
            return 414
        if CONTROL.search(request.path_info) or "%00" in query or "\0" in query:
            return 400
        if not getattr(request, "is_legible", True):
            return 415
        if not (length.isascii() and length.isdigit()):
            return 400
        return self.too_large(request, int(length))

    def too_large(self, request, length):
        multipart = request.content_type == "multipart/form-data"
        limit = settings.REQUEST_MAX_BYTES if multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return 413 if length > limit else None

    def drop_foreign_cookies(self, request):
        for name, value in list(request.COOKIES.items()):
            if CONTROL.search(value) or (name == settings.SESSION_COOKIE_NAME and not SESSION_KEY.fullmatch(value)):
                del request.COOKIES[name]


class RequestLogMiddleware(RequestMiddleware):
    """One log line a request: method and path, never the query, a reset key or a body; never a query of its own."""

    @staticmethod
    def format_request(request):
        path = RESET_KEY.sub(r"\1…", request.path)
        return f"{request.method} {path}"

    @staticmethod
    def bind_user_id(request):
        user = loaded_user(request)
        if user is not None:
            structlog.contextvars.bind_contextvars(user_id=user.pk)

    @classmethod
    def bind_ip(cls, request):
        structlog.contextvars.bind_contextvars(ip=request.META["REMOTE_ADDR"])


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks for a sign-in unless the view is public; a part asked for by htmx takes the whole page there."""

    def handle_no_permission(self, request, view):
        response = super().handle_no_permission(request, view)
        if request.headers.get("HX-Request") != "true":
            return response
        back = QueryDict(mutable=True)
        back["next"] = _path_of(request.headers.get("HX-Current-URL", ""))
        return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{back.urlencode(safe='/')}")


def _path_of(url):
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


class ActorMiddleware:
    """Names who acts and why for the history, shows times in the user's zone, keeps answers out of every cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            with self.acting(request), firm.kept():
                response = self.get_response(request)
        finally:
            timezone.deactivate()
        told = response.get("Cache-Control", "")
        if not told or (loaded_user(request) and "immutable" not in told):
            response["Cache-Control"] = "private, no-store"
        return response

    def acting(self, request):
        if request.method in SAFE_METHODS:
            return nullcontext()
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            return nullcontext()
        user = request.user if request.user.is_authenticated else None
        return history.acting(user, reason=f"{request.method} {name}")

    def process_view(self, request, view, _args, _kwargs):
        """Runs after SignInMiddleware has asked for the user, so that this costs no query."""
        user = loaded_user(request)
        if zone := user and standards.time_zone(user.timezone):
            timezone.activate(zone)


class FailureMiddleware:
    """Turns what the database refuses into a page: 503 when it is away, slow or busy, 400 for what it cannot store."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and request.method != "HEAD":
            page = errors.page(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request, error):
        return errors.answer_to(request, error)


def loaded_user(request):
    """Return the signed-in user if this request has asked for them already, else None. Never queries."""
    user = getattr(request, "_cached_user", None)
    return user if user is not None and user.is_authenticated else None
