"""The URL map. Every pattern declares who may call it: see crm.pages."""

from django.urls import URLPattern, URLResolver, include, path

from crm import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("crm.accounts.urls")),
]

handler400 = "crm.errors.bad_request"
handler403 = "crm.errors.forbidden"
handler404 = "crm.errors.not_found"
handler429 = "crm.errors.too_many"
handler500 = "crm.errors.server_error"
