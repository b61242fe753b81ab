"""Form controls written by Python. Django's own templates take one include for each option of a select: a list of
countries costs 15 ms with them, 1 ms here. What is not drawn here is left to them."""

from html import escape

from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

INPUTS = ("text", "number", "email", "url", "tel", "search", "color", "password", "hidden", "date", "datetime", "time")
HYPHENS = BLANK_CHOICE_DASH[0][1]  # what Django writes for no choice; here it is one dash


def _input(widget):
    value = widget["value"]
    shown = format_html(' value="{}"', str(value)) if value is not None else ""
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], shown, flatatt(widget["attrs"])
    )


def _textarea(widget):
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>', widget["name"], flatatt(widget["attrs"]), widget["value"] or ""
    )


def _text(value):
    """Escape as Django does, without its detour for lazy text: there are hundreds of options."""
    return value if hasattr(value, "__html__") else escape(str(value))


def _option(option):
    attrs = flatatt(option["attrs"]) if option["attrs"] else ""
    label = "–" if option["label"] == HYPHENS else _text(option["label"])
    return f'<option value="{escape(str(option["value"]))}"{attrs}>{label}</option>'


def _group(name, options):
    drawn = "".join(map(_option, options))
    return f'<optgroup label="{_text(name)}">{drawn}</optgroup>' if name else drawn


def _select(widget):
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    return format_html('<select name="{}"{}>{}</select>', widget["name"], flatatt(widget["attrs"]), SafeString(groups))


DRAWN = {
    **{f"django/forms/widgets/{name}.html": _input for name in (*INPUTS, "checkbox", "input")},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
}


class FormRenderer(DjangoTemplates):
    def render(self, template_name, context, request=None):
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)
