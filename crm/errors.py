"""Pages for what went wrong."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """Say that the page was open too long; nothing was changed."""
    return render(request, "errors/403.html", {"expired": True}, status=403)
