"""The URL map. Every pattern declares who may call it: see crm.pages."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from crm import gallery, health, views
from crm.converters import IdConverter

register_converter(IdConverter, "id")

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("crm.accounts.urls")),
    path("jobs/", include("crm.jobs.urls")),
    path("", include("crm.notifications.urls")),
    path("undo/", include("crm.undo.urls")),
    path("", include("crm.mailing.urls")),
    path("settings/", include("crm.administration.urls")),
    path("", include("crm.audit.urls")),
    path("", include("crm.receiving.urls")),
    path("saved-views/", include("crm.listing.urls")),
    path("", include("contacts.urls")),
    path("", include("interactions.urls")),
    path("quality/", include("quality.urls")),
    path("gallery/", gallery.gallery, name="gallery"),
    path("search/", views.search_page, name="search"),
]

handler400 = "crm.errors.bad_request"
handler403 = "crm.errors.forbidden"
handler404 = "crm.errors.not_found"
handler429 = "crm.errors.too_many"
handler500 = "crm.errors.server_error"
