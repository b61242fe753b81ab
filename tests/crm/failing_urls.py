"""Views that fail in the ways a database can make them fail."""

from django.db import InternalError, OperationalError, connection
from django.http import HttpResponse
from django.urls import path
from psycopg import errors as pg

from crm import parsing
from crm.pages import public
from crm.urls import *  # noqa: F403  (the error handlers)
from crm.urls import urlpatterns as ours


@public
def slow(request):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        cursor.execute("SELECT pg_sleep(2)")


@public
def locked(request):
    raise OperationalError("lock timeout") from pg.LockNotAvailable("lock timeout")


@public
def away(request):
    raise OperationalError("the server closed the connection")


@public
def idle(request):
    raise InternalError("idle-in-transaction timeout") from pg.IdleInTransactionSessionTimeout("idle")


@public
def nul(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", ["a\0b"])


@public
def out_of_range(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::integer", [2**40])


@public
def broken(request):
    raise RuntimeError("a fault of ours")


@public
def parsed(request):
    return HttpResponse(str(parsing.identifier(request.GET.get("id"))))


urlpatterns = [
    path("slow/", slow),
    path("locked/", locked),
    path("away/", away),
    path("idle/", idle),
    path("nul/", nul),
    path("out-of-range/", out_of_range),
    path("broken/", broken),
    path("parsed/", parsed),
    *ours,
]
