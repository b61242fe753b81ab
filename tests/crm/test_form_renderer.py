"""Controls written by Python say the same as those of Django's templates."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from crm.form_renderer import FormRenderer

CHOICES = [("", "–"), ("1", "A & <b>"), ("Group", [("2", "Two"), (3, "Three")])]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(attrs={"maxlength": 20, "autofocus": True, "readonly": False}), '"><script>'),
        (forms.TextInput(), None),
        (forms.TextInput(), ""),
        (forms.NumberInput(attrs={"min": 0}), 5),
        (forms.HiddenInput(), "x"),
        (forms.PasswordInput(), "secret"),
        (forms.CheckboxInput(), True),
        (forms.CheckboxInput(), False),
        (forms.Textarea(attrs={"rows": 3}), "\n</textarea><script>"),
        (forms.Textarea(), None),
        (forms.Select(choices=CHOICES), "1"),
        (forms.Select(attrs={"required": True}, choices=CHOICES), None),
        (forms.SelectMultiple(choices=CHOICES), ["1", 3]),
        (forms.NullBooleanSelect(), True),
        (forms.RadioSelect(choices=CHOICES), "2"),
        (forms.SplitDateTimeWidget(), None),
    ],
)
def test_a_control_reads_as_djangos_own(widget, value):
    ours, theirs = (
        widget.render("field", value, attrs={"id": "id_field", "class": "form-control"}, renderer=renderer())
        for renderer in (FormRenderer, DjangoTemplates)
    )
    assert parse_html(ours) == parse_html(theirs)
