"""`manage.py urls`: every address of the site with its app, the methods it takes and who may call it."""

from django.core.management.base import BaseCommand
from django.urls import URLResolver, get_resolver

from crm.checks import url_map
from crm.pages import PUBLIC

COLUMNS = ("pattern", "app", "methods", "permission", "public")
ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def methods_of(view):
    """Return the methods a view takes: those its decorator allows, those its class has, else any."""
    decorated = view
    while decorated is not None:
        kept = dict(zip(decorated.__code__.co_freevars, decorated.__closure__ or (), strict=True))
        if "request_method_list" in kept:
            return tuple(kept["request_method_list"].cell_contents)
        decorated = getattr(decorated, "__wrapped__", None)
    return _methods_of_class(view.view_class) if hasattr(view, "view_class") else ANY


def _methods_of_class(view_class):
    names = view_class.http_method_names
    return tuple(name.upper() for name in names if hasattr(view_class, "get" if name == "head" else name))


def rows():
    """Yield (pattern, app, methods, permission, public or not) of every URL."""
    for entry in get_resolver().url_patterns:
        app = getattr(entry, "app_name", None) or "crm"
        inner = url_map(entry, str(entry.pattern)) if isinstance(entry, URLResolver) else [(str(entry.pattern), entry)]
        for route, pattern in inner:
            permission = getattr(pattern.callback, "permission", "not declared")
            public = "public" if permission == PUBLIC else "not public"
            yield f"/{route}", app, " ".join(methods_of(pattern.callback)), permission, public


class Command(BaseCommand):
    help = "Print the URL map: pattern, app, methods, permission, public or not; separated by tabs."

    def handle(self, **options):
        for row in (COLUMNS, *rows()):
            self.stdout.write("\t".join(row))
