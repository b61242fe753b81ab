"""The components. Each states its contract in the first line of its template or function; see docs/components.md."""

from datetime import timedelta
from functools import cache
from typing import cast
from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import template
from django.conf import settings
from django.contrib.postgres.forms import SimpleArrayField
from django.forms import CheckboxInput, CheckboxSelectMultiple, MultiWidget, RadioSelect, Select, Textarea
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm import dates, marks
from crm.access import access_of
from crm.firm import firm

register = template.Library()
# The first that occurs counts: every browser names those it is descended from.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)

for mark in ("icon", "avatar", "ring", "quality", "stage", "tag", "none", "when", "due", "next_step"):
    register.simple_tag(getattr(marks, mark), name=mark)
for said in ("spoken", "in_full", "spoken_due", "beside", "clock"):
    register.filter(said, getattr(dates, said))


def part(name, values) -> SafeString:
    return cast(SafeString, _template(f"components/{name}.html").render({**values, "context": None}))


_template = cache(get_template)


def component(name):
    return register.inclusion_tag(f"components/{name}.html", name=name)


# Parts of a page that hold other parts
@register.simple_block_tag
def head(content, title, subtitle="", avatar="", kind="person"):
    return part("head", locals())


@register.simple_block_tag
def panel(content, title="", count=None, tone="plain", link="", link_label="", link_icon="", id=""):
    return part("panel", locals())


@register.simple_block_tag
def hint(content, icon="info-circle", tone="warning", page=False):
    return part("hint", locals())


@register.simple_block_tag
def facts(content):
    return part("facts", locals())


@register.simple_block_tag
def fact(content, label):
    return marks.fact(label, content)


@register.simple_block_tag
def event(content, icon, at, tone="", dated=False):
    return marks.event(content, icon, at, tone, dated)


@register.simple_block_tag
def menu(content, label, icon="", style="ghost", end=False, up=False, label_hidden=False, key="", css=""):
    return part("menu", locals())


@register.simple_block_tag
def dialog(content, id, title, wide=False):
    return part("dialog", locals())


# Parts that are given rows or words
@component("figure")
def figure(label, value, note="", tone="", share=None):
    return locals()


@component("day_chart")
def day_chart(label, bars):
    top = _round_top(max((number for _day, number in bars), default=0))
    drawn = []
    for at, (day, number) in enumerate(bars):
        height = round(100 * number / top, 1)
        drawn.append((day, number, 10 * at, 100 - height, height))
    ends = (bars[0][0], bars[-1][0]) if bars else (None, None)
    return {"label": label, "top": top, "width": 10 * len(bars), "bars": drawn, "first": ends[0], "last": ends[1]}


def _round_top(number):
    """Return the end of a scale that holds a number: 5, 10, 20, 50, 100 ..."""
    return next(step * 10**power for power in range(20) for step in (1, 2, 5) if step * 10**power >= max(number, 5))


@component("reasons")
def reasons(rows):
    return locals()


@component("related")
def related(rows, none=""):
    return locals()


@register.simple_tag(takes_context=True)
def todo(
    context,
    title,
    due_at=None,
    icon="check2-square",
    url="",
    about="",
    about_url="",
    done_url="",
    done=False,
    dialog=False,
):
    tick = marks.Tick(done_url, str(context.get("csrf_token", ""))) if done_url else None
    return marks.todo(title, due_at, icon, about, about_url, url, dialog, done, tick)


@component("chip")
def chip(field, value, operator="", remove_url=""):
    return locals()


@component("views")
def views(items, label="", more=(), more_url=""):
    return locals()


@register.inclusion_tag("conditions/editor.html", name="condition_editor")
def condition_editor(editor):
    return locals()


@component("pager")
def pager(text, previous_url="", next_url=""):
    return locals()


@component("empty")
def empty(title, text="", url="", label="", icon="plus-lg", link="", link_label="", small=False):
    return locals()


@component("toast")
def toast(message, back=""):
    tags = str(message.extra_tags or "").split()
    offered = next((tag.removeprefix("undo:") for tag in tags if tag.startswith("undo:")), "")
    undo = offered if url_has_allowed_host_and_scheme(offered, None) and offered.startswith("/") else ""
    return {"text": message, "undo": undo, "back": back, "redo": "redo" in tags, "bad": message.level_tag == "error"}


# Forms
@register.simple_block_tag(takes_context=True)
def form(context, content, form, submit, cancel="", action="", part_id="", submit_icon=""):
    if not content.strip():
        form.helper = getattr(form, "helper", None) or FormHelper(form)
        form.helper.form_tag, form.helper.disable_csrf = False, True
    request, csrf_token = context.get("request"), context.get("csrf_token")
    action = action or (request.get_full_path() if request else "")
    return part("form", locals())


@register.simple_block_tag
def section(content, title, text=""):
    return part("section", locals())


@component("form_errors")
def form_errors(form):
    return locals()


@component("wrong")
def wrong(errors, id="", css="", role=""):
    return locals() | {"errors": [errors] if errors and isinstance(errors, str) else errors}


@component("field")
def field(field, label_hidden=False, css="", in_row=False):
    kind = "hidden" if field.is_hidden else kind_of(field)
    if in_row:
        label_hidden, css = kind != "check", "field--grow" if kind in ("line", "long") else css
    control = boxes(field) if kind == "choices" else dressed(field)
    theirs = getattr(field.form, "theirs", {}).get(field.name) if kind in ("line", "long", "select") else None
    return locals() | {"id": field.auto_id, "errors": field.errors, "help_text": field.help_text}


@register.simple_tag
def soon(field):
    if field.name not in ("next_on", "due_on"):
        return ""
    today = timezone.localdate()
    near = ((1, _("Tomorrow")), (3, _("In 3 days")), (7, _("In a week")))
    days = [(today + timedelta(days=number), words) for number, words in near]
    return part("soon", {"id": field.id_for_label, "days": days})


@component("fields")
def fields(form, names="", one_column=False):
    there = [name for name in names.split() if name in form.fields]  # some are hidden from some
    chosen = [form[name] for name in there] if names else form.visible_fields()
    return {"fields": chosen, "one_column": one_column}


@component("formset")
def formset(formset, add, label=""):
    return locals()


@component("quicklog")
def quicklog(form, action, part_id=""):
    return locals()


@register.filter
def kind_of(bound):
    """Return how a field is laid out: "check", "choices", "select", "pair", "long" or "line"."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    kinds = ((CheckboxInput, "check"), (Select, "select"), (MultiWidget, "pair"), (Textarea, "long"))
    return next((kind for widget_class, kind in kinds if isinstance(widget, widget_class)), "line")


@register.filter
def boxes(bound):
    """Return the radio buttons or boxes of a field, in our clothes."""
    bound.field.widget.attrs["class"] = "form-check-input"
    return list(bound)


@register.filter
def dressed(bound, more=""):
    """Return the field's own control in our clothes. more: further classes."""
    css = {"check": "form-check-input", "choices": "", "select": "form-select"}.get(kind_of(bound), "form-control")
    given = bound.field.widget.attrs.get("class", "")
    invalid = "is-invalid" if bound.errors else ""
    attrs = {"class": " ".join(filter(None, [given, css, more, invalid]))}
    if isinstance(bound.field, SimpleArrayField):
        attrs["data-words"] = ""  # with JavaScript: one box for each word
    if kind_of(bound) == "pair":
        attrs["aria-label"] = bound.label
    return bound.as_widget(attrs=attrs)


@register.filter
def bare(bound, css="bare"):
    """Return the field's own control without a frame, for the quick log; its label is read aloud."""
    return bound.as_widget(attrs={"class": css, "aria-label": bound.label or bound.name})


@register.simple_tag
def new_key():
    """A key for a form about to be shown: sent twice, it acts once (crm.once)."""
    return uuid4().hex


@register.simple_tag
def asset(name):
    """The address of a built file, also where the manifest is missing: error pages must always come out."""
    try:
        return static(name)
    except ValueError:
        return f"/static/{name}"


@register.simple_tag
def firm_name():
    """The line below "Sign in": whose Cornerstone this is. Costs a query a request."""
    return str(firm()) or (_("Cornerstone demo") if settings.DEMO else "")


@register.simple_tag(takes_context=True)
def may(context, action, kind):
    """Whether the reader's role may do `action` with some record of `kind` ("contacts.person"). Costs nothing."""
    return access_of(context["request"].user).may(kind, action)


@register.filter
def browser(user_agent):
    """Return "Firefox on Windows" for a browser's own long name, as far as it can be told."""
    found = [next((word for key, word in words if key in user_agent), "") for words in (BROWSERS, SYSTEMS)]
    return _(" on ").join(filter(None, found)) or _("An unknown browser")


@register.filter
def tells(record, field):
    """Whether the reader of a record may know this field of it."""
    return field not in record.hidden_fields


@register.filter
def verbose(model):
    """Return the name of a kind of record with a capital: "Person"."""
    name = str(model._meta.verbose_name)
    return name[:1].upper() + name[1:]


@register.filter
def verbose_plural(model):
    """Return the name of a kind of record in the plural with a capital: "People"."""
    name = str(model._meta.verbose_name_plural)
    return name[:1].upper() + name[1:]
