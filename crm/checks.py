"""System checks that make the house rules executable: every Record has a policy, every URL says who may call it."""

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.urls import URLPattern, get_resolver

from crm.access import NoPolicy, policy_of
from crm.records import Record


@register(Tags.models)
def records_have_policies(app_configs, **_kwargs):
    """A kind of record without a policy is an error: nobody would know who may see it."""
    return [
        Error(str(missing), obj=model, id="crm.E001")
        for model in apps.get_models()
        if issubclass(model, Record)
        for missing in _missing_policy(model)
    ]


def _missing_policy(model):
    try:
        policy_of(model)
    except NoPolicy as missing:
        yield missing


@register(Tags.urls)
def urls_declare_permissions(app_configs, **_kwargs):
    """A URL whose view does not say who may call it is an error."""
    return [
        Error(
            f"{route} does not say who may call it", hint="@public, @signed_in or @needs(kind, action)", id="crm.E002"
        )
        for route, pattern in url_map()
        if not hasattr(pattern.callback, "permission")
    ]


def url_map(resolver=None, prefix=""):
    """Yield (route, pattern) for every URL the site answers."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from url_map(pattern, route)
