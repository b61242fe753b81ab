"""What signing in asks of every request: the second step where the role requires it; when a session was last seen."""

from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from crm import errors
from crm.accounts import second_step, sessions_of
from crm.middleware import SAFE_METHODS, loaded_user
from crm.pages import PUBLIC


class SecondStepMiddleware:
    """Leads whose role requires a second step and who have none to setting one up; nothing else opens before that."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, _args, _kwargs):
        """Runs after SignInMiddleware has asked for the user, so that this costs no query."""
        if getattr(view, "permission", None) == PUBLIC or getattr(view, "before_second_step", False):
            return None
        if loaded_user(request) is None or not second_step.is_missing(request):
            return None
        return self.way_there(request)

    def way_there(self, request):
        """Answer with the page that sets up a second step; a write is refused with the way there."""
        url = reverse("mfa_index")
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRedirect(url)
        if request.method in SAFE_METHODS:
            return redirect(url)
        return errors.page(request, 403, name="second_step")


class SeenMiddleware:
    """Writes down every few minutes that a session is in use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code < 500 and loaded_user(request) is not None:
            sessions_of.seen(request)
        return response
