"""Tokens, marks and layout: user text is replaced and escaped, never compiled and never obeyed."""

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Company, Person
from crm import mailing
from crm.firm import Firm
from crm.mailing import composing, letters, merging
from crm.mailing.rows import MailTemplate
from crm.models import FieldRight
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db
VALUES = {"person.given_name": "Ngozi", "person.job_title": "", "firm.name": "Stones {{ firm.phone }}"}


@pytest.mark.parametrize(
    ("text", "becomes", "missing"),
    [
        ("Dear {{ person.given_name }},", "Dear Ngozi,", []),
        ("Dear {{person.given_name|friend}},", "Dear Ngozi,", []),
        ("{{ person.job_title | colleague }}", "colleague", []),
        ("{{ person.job_title }}!", "!", []),
        ("{{ person.salary }}!", "!", ["person.salary"]),
        ("{{ firm.name }}", "Stones {{ firm.phone }}", []),
        ("{{ 7*7 }}{{ settings.SECRET_KEY }}{{ x|safe }}", "safe", ["7*7", "settings.SECRET_KEY", "x|safe"]),
        ("{% if 1 %}{% load static %}{% endif %}", "{% if 1 %}{% load static %}{% endif %}", []),
        ("{{ person.given_name.__class__ }}", "", ["person.given_name.__class__"]),
        ("{{{{ person.given_name }}}}", "{{Ngozi}}", []),
        ("{{" * 5000, "{{" * 5000, []),
    ],
)
def test_tokens_are_replaced_from_the_dictionary_and_by_nothing_else(text, becomes, missing):
    assert merging.merged(text, VALUES) == (becomes, missing)


@pytest.mark.parametrize("text", ["{{ person.salary }}", "{{ nothing }}", "{{ 1+1 }}", "{{ person.given_name", "{{}}"])
def test_an_unknown_token_is_a_fault_when_a_template_is_saved(text):
    with pytest.raises(merging.UnknownToken):
        merging.check(text)


def test_every_token_that_is_offered_may_be_saved():
    for name in merging.known():
        merging.check(f"{{{{ {name} }}}} {{{{ {name} | else }}}}")
    assert {"person.given_name", "person.company", "company.name", "sender.name", "firm.name"} <= merging.known()


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        "**bold**",
        "[click](https://evil.example)",
        "# head",
        "https://evil.example/x",
        "a\n\n- b",
    ],
)
def test_a_value_is_never_a_mark_a_link_or_html(value):
    blocks, _missing = letters.filled(letters.blocks("Dear {{ person.given_name }},"), {"person.given_name": value})
    html = composing.of_blocks("x", blocks).html
    assert "<script" not in html and "<b>" not in html and "evil.example" not in "".join(html.split("href=")[1:])
    assert len(blocks) == 1


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("[a](https://firm.example/x?a=1&b=2)", 'href="https://firm.example/x?a=1&amp;b=2"'),
        ("[a]({{ firm.website }})", 'href="https://firm.example/"'),
        ("see https://firm.example/x.", 'href="https://firm.example/x"'),
        ("[a](javascript:alert(1))", None),
        ("[a](data:text/html,x)", None),
        ('[a](https://x"onclick="y)', None),
        ("[a]({{ person.given_name }})", None),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(text, leads):
    values = {"firm.website": "https://firm.example/", "person.given_name": "javascript:alert(1)"}
    html = composing.of_blocks("x", letters.filled(letters.blocks(text), values)[0]).html
    assert (leads in html) if leads else "href" not in html


def test_the_layout_asks_nobody_for_anything_and_carries_the_firms_footer():
    Firm.objects.update(
        name="Nordlys <Energi>", legal_name="Nordlys Energi AS", street="Storgata 1", city="Oslo", country="NO",
        phone="+4741207733", vat_number="NO974760673MVA",
    )  # fmt: skip
    content = composing.of_text("Hello", "One.\n\nTwo.")
    assert "Nordlys &lt;Energi&gt; · Nordlys Energi AS" in content.html
    assert (
        "Storgata 1, Oslo, Norway" in content.text
        and "+47 41 20 77 33" in content.text
        and "NO974760673MVA" in content.text
    )
    assert "<link" not in content.html and "@import" not in content.html and "<script" not in content.html
    assert "prefers-color-scheme: dark" in content.html and 'name="color-scheme" content="light dark"' in content.html
    assert content.text.index("One.") < content.text.index("-- ") < content.text.index("Storgata")


def test_what_is_hidden_from_the_sender_stays_empty():
    role = crm.role("Without titles", like="rep")
    user = crm.user("Ida", role=role.key)
    FieldRight.objects.create(role=role, kind="contacts.person", field="job_title", right="hidden")
    contacts.person(user, given_name="Ngozi", family_name="Okonkwo", job_title="Chancellor")
    person = Person.objects.visible_to(user).get()
    template = MailTemplate(
        user=user, subject="{{ person.job_title | x }}", body="{{ person.name }} {{ person.job_title }}."
    )
    mail = mailing.send(to="a@b.example", template=template, by=user, about=person)
    assert mail.subject == "x"
    assert mail.text.startswith("Ngozi Okonkwo .")
    assert "Chancellor" not in mail.text + mail.html


def test_the_name_of_a_company_one_may_not_see_is_not_told():
    stranger, user = crm.user("Stranger", team=crm.team()), crm.user("Ida", team=crm.team())
    company = contacts.company(stranger, name="Secret Works")
    contacts.person(user, given_name="Ngozi", company=company)
    person = Person.objects.visible_to(user).get()
    values = merging.dictionary(by=user, records=[person])
    assert values["person.company"] == ""
    assert (
        merging.dictionary(by=stranger, records=list(Company.objects.visible_to(stranger)))["company.name"]
        == "Secret Works"
    )


@pytest.mark.parametrize("value", ["Ngozi\r\nBcc: x@y.example", "Ngozi\0", "Ngo\u2028zi", "x" * 5000])
def test_no_value_breaks_out_of_the_subject(value):
    user = crm.user("Ida")
    user.given_name = value
    template = MailTemplate(user=user, subject="From {{ sender.given_name }}", body="x")
    mail = mailing.send(to="a@b.example", template=template, by=crm.user("Ola"))
    assert "\n" not in mail.subject
    content = mailing.sending.merged_template(template, by=user)
    assert "\n" not in content.subject and "\0" not in content.subject and len(content.subject) <= 300


def test_a_mail_too_long_is_refused():
    with pytest.raises(ValidationError):
        mailing.send(to="a@b.example", subject="x", text="x" * 600_000)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list("{}[]()*#-<>&|\"'/:\n\0\ufffe\x1b .hts")))))
def test_any_text_at_all_becomes_a_mail_in_which_nothing_is_obeyed(text):
    content = composing.of_text("x", text)
    filled = composing.of_blocks("x", letters.filled(letters.blocks(composing.storable(text)), VALUES)[0])
    for html in (content.html, filled.html):
        inside = html[html.index('class="letter"') :] if 'class="letter"' in html else ""
        assert not re.search(r"<(script|img|iframe|style|form|mj-)", inside) and "javascript:" not in inside
