"""The URL map. Every pattern declares who may call it: see crm.pages."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
