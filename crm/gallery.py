"""Every component in every state on one page: for people who build pages, for pictures and for axe."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.pages import signed_in

KINDS = [("mobile", "Mobile"), ("work", "Work"), ("home", "Home")]


class PhoneForm(forms.Form):
    kind = forms.ChoiceField(choices=KINDS)
    number = forms.CharField()
    is_primary = forms.BooleanField(label="Primary", required=False)


class SampleForm(forms.Form):
    """One of each kind of field."""

    given_name = forms.CharField()
    family_name = forms.CharField(required=False)
    email = forms.EmailField(label="E-mail", help_text="Checked as you save: no domain ending, no known typo.")
    company = forms.ChoiceField(
        choices=[("", ""), ("1", "Nordlys Energi AS"), ("2", "Atlântico Seguros")],
        required=False,
        widget=forms.Select(attrs={"data-picker": "", "data-placeholder": "Name or domain"}),
    )
    stage = forms.ChoiceField(choices=[("lead", "Lead"), ("customer", "Customer")])
    born_on = forms.DateField(label="Birthday", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    tags = forms.MultipleChoiceField(
        choices=[("vip", "VIP"), ("fair", "Fair 2026"), ("press", "Press")],
        required=False,
        widget=forms.SelectMultiple(attrs={"data-picker": "", "data-create": ""}),
    )
    prefers = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect, required=False)
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    is_private = forms.BooleanField(label="Only you see it", required=False)


class LogForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[("call", "Call"), ("note", "Note")], widget=forms.Select(attrs={"class": "bare", "aria-label": "Kind"})
    )
    body = forms.CharField(
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": "What was said? Next step?", "aria-label": "What was said"}
        )
    )
    direction = forms.ChoiceField(
        label="", choices=[("out", "Outgoing"), ("in", "Incoming")], widget=forms.Select(attrs={"class": "bare"})
    )
    duration_minutes = forms.IntegerField(label="Minutes", widget=forms.NumberInput(attrs={"class": "bare"}))
    follow_up_on = forms.DateField(label="Next", widget=forms.DateInput(attrs={"type": "date", "class": "bare"}))


def _moments():
    now = timezone.now()
    days = (0, 1, 3, 8, 50, 400)
    return {"past": [now - timedelta(days=day) for day in days], "ahead": [now + timedelta(days=day) for day in days]}


def _forms():
    phones = forms.formset_factory(PhoneForm, extra=1, can_delete=True)
    first = [{"kind": "mobile", "number": "+47 412 07 733", "is_primary": True}]
    wrong = {"given_name": "", "email": "ngozi@nordlys", "stage": "lead"}
    return {
        "sample": SampleForm(),
        "wrong": SampleForm(wrong, prefix="wrong"),
        "phones": phones(initial=first, prefix="phones"),
        "log_form": LogForm(auto_id="log_%s"),
    }


@signed_in
@require_safe
def gallery(request):
    """Show all components with made-up contents."""
    if "toasts" in request.GET:
        messages.success(request, "Call logged.")
        messages.success(request, "Ngozi Okonkwo-Lindqvist moved to the trash.", extra_tags="undo:/gallery/")
        messages.error(request, "That did not work. Nothing was changed.")
    return render(request, "gallery.html", _moments() | _forms() | SAMPLES)


SAMPLES = {
    "scores": [96, 72, 41],
    "names": [
        "Ngozi Okonkwo-Lindqvist",
        "Tomás Ferreira da Silva",
        "Ayşe Demir",
        "Søren Kjærgaard",
        "Mei-Ling Chow",
        "Adele",
    ],
    "stages": [
        ("lead", "Lead"),
        ("qualified", "Qualified"),
        ("customer", "Customer"),
        ("partner", "Partner"),
        ("lapsed", "Lapsed"),
        ("blocked", "Blocked"),
    ],
    "tones": ["", "good", "warn", "bad", "acc"],
    "tabs": [
        {"label": "All people", "url": "#all", "current": True},
        {"label": "My customers", "url": "#mine", "count": 412},
        {"label": "No contact in 60 days", "url": "#cold", "count": "1,000+"},
    ],
    "why": [
        {"text": "Mail answered", "value": "3 days ago", "tone": "good"},
        {"text": "Mobile reached", "value": "today", "tone": "good"},
        {"text": "Birthday missing", "value": "Add, +4", "tone": "warn", "url": "#birthday"},
    ],
    "linked": [
        {
            "url": "#1",
            "title": "Renewal 2027, three sites",
            "figure": "€ 48,200",
            "detail": "Negotiation, 70%",
            "note": "15 Dec",
        },
        {
            "url": "#2",
            "title": "Meter analytics add-on",
            "figure": "€ 9,600",
            "detail": "Qualified, 30%",
            "note": "no activity",
            "tone": "warn",
        },
    ],
    "people": [
        ("Ngozi Okonkwo-Lindqvist", "Nordlys Energi AS", "customer", "Customer", 96),
        ("Tomás Ferreira da Silva", "Atlântico Seguros", "qualified", "Qualified", 79),
        ("Søren Kjærgaard", "Nordlys Energi AS", "lead", "Lead", 41),
    ],
}
