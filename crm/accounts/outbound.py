"""Requests to the firm's sign-in provider: to no other host, no redirects, ten seconds, a bounded size."""

import time
from urllib.parse import urlsplit

import requests
from django.conf import settings

MOST_BYTES = 1024 * 1024


class Elsewhere(requests.RequestException):
    """The provider named an address that is not its own."""


class TooMuch(requests.RequestException):
    """The provider answered with more than we read, or too slowly."""


def is_providers(url):
    """Whether an address stands where the provider's issuer does, or on a host named in OIDC_HOSTS (https alone)."""
    try:
        asked, issuer = urlsplit(url), urlsplit(settings.OIDC["issuer"])
        same = (asked.scheme, asked.hostname, asked.port) == (issuer.scheme, issuer.hostname, issuer.port)
    except (ValueError, TypeError, AttributeError):
        return False
    return bool(asked.hostname) and (
        same or (asked.scheme == "https" and asked.port in (None, 443) and asked.hostname in settings.OIDC["hosts"])
    )


class ProviderSession(requests.Session):
    def request(self, method, url, **options):  # type: ignore[override]  # only what it is called with
        """Ask the provider. Raises requests.RequestException: Elsewhere and TooMuch among them."""
        if not is_providers(url):
            raise Elsewhere("not an address of the provider's")
        deadline = time.monotonic() + settings.SOCIALACCOUNT_REQUESTS_TIMEOUT
        options |= {"timeout": settings.SOCIALACCOUNT_REQUESTS_TIMEOUT, "allow_redirects": False, "stream": True}
        response = super().request(method, url, **options)
        if response.is_redirect:
            raise Elsewhere("the provider sent us on")
        response._content = _read(response, deadline)
        return response


def _read(response, deadline):
    read = bytearray()
    for piece in response.iter_content(16 * 1024):
        read += piece
        if len(read) > MOST_BYTES or time.monotonic() > deadline:
            response.close()
            raise TooMuch("too long or too slow an answer")
    return bytes(read)
