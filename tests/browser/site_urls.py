"""The URL map with an address for each error page, which nothing on a healthy site leads to."""

from django.urls import path

from crm import errors
from crm.pages import public
from crm.urls import *  # noqa: F403  (the error handlers)
from crm.urls import urlpatterns as ours


@public
def error(request, status):
    return errors.page(request, status)


urlpatterns = [path("errors/<int:status>/", error), *ours]
