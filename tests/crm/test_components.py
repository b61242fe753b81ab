"""The components keep their contracts: documented, accessible, safe with hostile text, nothing inline."""

import gzip
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.template.loader import render_to_string
from django.utils import timezone

from crm import dates, marks, navigation, notifications, record_actions
from crm.gallery import PhoneForm, SampleForm
from crm.templatetags import cornerstone

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
HOSTILE = "<script>alert(1)</script>"
NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # a Friday


def rendered(source, **context):
    return engines["django"].from_string(source).render(context)


def named(path):
    return str(path.relative_to(ROOT))


# What is written about them


def test_every_tag_and_filter_is_documented():
    documented = (ROOT / "docs" / "components.md").read_text()
    tags = [name for name in cornerstone.register.tags if f"{{% {name} " not in documented]
    filters = [name for name in cornerstone.register.filters if f"`{name}`" not in documented]
    assert not [name for name in tags if f"{{% {name} %}}" not in documented]
    assert not filters


@pytest.mark.parametrize("path", COMPONENTS, ids=named)
def test_every_component_states_its_contract_first(path):
    assert path.read_text().startswith("{% comment %} ")


# Strict policy


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_has_inline_script_or_style(path):
    text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL)
    if "/email/" in str(path):
        pytest.skip("mails are not under the page's policy")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


# Moments


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 20, 9, 12, tzinfo=UTC), "Today 09:12"),
        (date(2026, 11, 20), "Today"),
        (datetime(2026, 11, 19, 23, 59, tzinfo=UTC), "Yesterday"),
        (datetime(2026, 11, 17, 8, 0, tzinfo=UTC), "Tue"),
        (datetime(2026, 11, 13, 8, 0, tzinfo=UTC), "Fri 13 Nov"),
        (datetime(2026, 9, 28, 8, 0, tzinfo=UTC), "28 Sep"),
        (datetime(2025, 3, 2, 8, 0, tzinfo=UTC), "Mar 2025"),
        (datetime(2026, 11, 21, 10, 0, tzinfo=UTC), "Tomorrow 10:00"),
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), "Mon 14:00"),
        (date(2026, 12, 3), "Thu 3 Dec"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_a_moment_is_said_as_a_colleague_would(moment, said):
    assert dates.spoken(moment) == said


@pytest.mark.parametrize(
    ("moment", "said", "tone"),
    [
        (date(2026, 11, 17), "3 days late", "bad"),
        (datetime(2026, 11, 19, 23, 0, tzinfo=UTC), "1 day late", "bad"),
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "Late, 09:00", "bad"),
        (datetime(2026, 11, 20, 15, 30, tzinfo=UTC), "Today 15:30", "good"),
        (date(2026, 11, 20), "Today", "good"),
        (date(2026, 12, 30), "30 Dec", ""),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_what_is_due_says_so_in_words_and_tone(moment, said, tone):
    assert (dates.spoken_due(moment), marks.due_tone(dates.At(moment))) == (said, tone)
    assert said in marks.due(moment)


@time_machine.travel(datetime(2026, 11, 20, 22, 30, tzinfo=UTC), tick=False)
def test_days_are_the_viewers_own():
    logged = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        assert dates.spoken(logged) == "Today 00:30"
    with timezone.override("America/New_York"):
        assert dates.spoken(logged) == "Today 10:30"


@time_machine.travel(NOW, tick=False)
def test_what_went_quiet_turns_amber_then_red():
    ages = [marks.when(NOW - timedelta(days=days), stale_days=20) for days in (20, 21, 60, 61)]
    assert [re.findall("when--([a-z]+)", age) for age in ages] == [[], ["stale"], ["stale"], ["cold"]]
    assert "Never" in marks.when(None)


# Marks


def test_an_avatar_keeps_its_colour_and_initials():
    assert marks.avatar("Tomás Ferreira da Silva") == marks.avatar("Tomás Ferreira da Silva")
    assert ">TS<" in marks.avatar("Tomás Ferreira da Silva")
    assert "avatar--co" in marks.avatar("Nordlys Energi AS", "company")


@pytest.mark.parametrize(("score", "tone"), [(96, ""), (80, ""), (79, "mid"), (55, "mid"), (54, "low"), (0, "low")])
def test_a_score_turns_amber_under_80_and_red_under_55(score, tone):
    assert re.findall(r"ring--(mid|low)", marks.ring(score)) == ([tone] if tone else [])


@pytest.mark.parametrize(
    "html",
    [
        marks.avatar(HOSTILE),
        marks.stage("lead", HOSTILE),
        marks.tag(HOSTILE, "good"),
        marks.none(HOSTILE),
        marks.next_step(NOW, HOSTILE),
        cornerstone.head("", HOSTILE, HOSTILE, HOSTILE),
        cornerstone.panel("", HOSTILE, HOSTILE, link="/", link_label=HOSTILE),
        cornerstone.menu("", HOSTILE),
    ],
)
def test_text_stays_text(html):
    assert "<script" not in html


# Toasts


@pytest.mark.parametrize(
    ("extra", "action"),
    [
        ("undo:/people/5/restoration/", "/people/5/restoration/"),
        ("undo://evil.example/", ""),
        ("undo:https://x", ""),
        ("", ""),
    ],
)
def test_a_toast_offers_to_undo_only_by_an_address_of_ours(extra, action):
    html = rendered("{% toast message %}", message=Message(constants.SUCCESS, HOSTILE, extra))
    assert re.findall(r'action="([^"]*)"', html) == ([action] if action else [])
    assert "<script" not in html


# Forms


def test_a_faulty_field_is_joined_to_its_words():
    form = SampleForm({"email": "ngozi@nordlys", "stage": "lead"})
    html = rendered("{% field form.email %}", form=form)
    said = re.search(r'aria-describedby="([^"]+)"', html).group(1).split()
    assert 'aria-invalid="true"' in html
    assert said
    assert all(f'id="{name}"' in html for name in said)


@pytest.mark.parametrize("name", ["given_name", "email", "company", "stage", "born_on", "tags", "notes", "is_private"])
def test_every_field_has_a_label_of_its_own(name):
    html = rendered(f"{{% field form.{name} %}}", form=SampleForm())
    (target,) = re.findall(r'<label [^>]*for="([^"]+)"', html)
    assert f'id="{target}"' in html


def test_a_form_posts_by_itself_and_through_htmx():
    source = '{% form form submit="Save" part_id="f" %}{% fields form %}{% endform %}'
    request = SimpleNamespace(get_full_path=lambda: "/people/new/")
    html = rendered(source, form=SampleForm(), request=request, csrf_token="t0")
    assert 'method="post"' in html
    assert 'hx-post="/people/new/" hx-target="#f"' in html
    assert 'name="csrfmiddlewaretoken" value="t0"' in html


def test_a_form_without_a_body_is_laid_out_by_crispy_in_our_fields():
    html = rendered('{% form form submit="Save" %}{% endform %}', form=SampleForm(), request=None)
    assert html.count("<form") == 1
    assert html.count('class="field') >= len(SampleForm.base_fields)


def test_a_formset_offers_an_empty_line_and_a_pattern_for_more():
    formset = forms.formset_factory(PhoneForm, extra=1, can_delete=True)(prefix="phones")
    html = rendered('{% formset formset add="Add a phone" %}', formset=formset)
    outside, pattern = html.split("<template>")
    assert 'name="phones-0-number"' in outside
    assert 'name="phones-__prefix__-number"' in pattern


# What always has to come out


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "errors").glob("[0-9c]*.html")), ids=named)
def test_an_error_page_needs_nothing(path):
    html = render_to_string(f"errors/{path.name}")
    assert re.search(r"<h1>\S", html)
    assert re.search(r"<title>\S", html)


@pytest.mark.usefixtures("db")
def test_the_gallery_shows_every_component(client, rep):
    client.force_login(rep)
    response = client.get("/gallery/?toasts")
    assert response.status_code == 200
    assert b"Every part in every state" in response.content


def test_a_first_page_weighs_at_most_100_kb():
    built = ROOT / "static" / "build"
    htmx = next(ROOT.glob(".venv/lib/python*/site-packages/django_htmx/static/django_htmx/htmx-4.min.js"))
    files = [built / "app.css", built / "app.js", built / "picker.js", htmx]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 100_000


def test_every_icon_named_in_a_template_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "build" / "icons.svg").read_text()))
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([^"]+)"|icon="([^"]+)"', path.read_text())}
    assert {first or second for first, second in named} <= drawn


def test_every_icon_that_is_registered_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "build" / "icons.svg").read_text()))
    listed = [*navigation._sections, *navigation._settings, *navigation._new, *record_actions.registered()]
    assert {one.icon for one in (*listed, *notifications.declared().values())} <= drawn


def test_a_blank_choice_is_one_dash():
    form = forms.Form()
    form.fields["stage"] = forms.ChoiceField(choices=[("", "---------"), ("lead", "Lead")])
    assert re.findall(r"<option[^>]*>([^<]*)", rendered("{% field form.stage %}", form=form)) == ["–", "Lead"]
