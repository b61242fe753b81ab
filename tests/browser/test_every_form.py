"""A script typed into every field of every form runs nowhere: not in the answer, not where it is shown afterwards."""

import pytest
from django.urls import reverse

from crm.firm import Firm
from crm.models import Mailbox, Role, Team, User
from crm.saved_views import SavedView
from tests.architecture.pages import PAGES
from tests.browser import making

SCRIPT = 'Eva<script>window.struck=1</script>"\'><img src=x onerror="window.struck=1">'
FORMS = sorted(route for route, page in PAGES.items() if page.having)
SHOWN_AFTERWARDS = ("/", "/people/", "/companies/", "/settings/", "/settings/users/?state=all", "/settings/teams/")
SHOWN_AFTERWARDS += ("/settings/roles/", "/settings/users/invitation/", "/history/", "/jobs/", "/account/")
SHOWN_AFTERWARDS += ("/mail/sent/", "/mail/templates/")
FILL = """([having, text]) => {
  const field = document.querySelector(`main form [name="${having}"]`);
  const plain = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file]), textarea";
  for (const one of field.form.querySelectorAll(plain)) {
    if (!["date", "time", "number"].includes(one.type)) { one.type = one.type && "text"; one.value = text; }
  }
  field.form.noValidate = true;
  HTMLFormElement.prototype.submit.call(field.form);
}"""


@pytest.fixture
def attacker(visit):
    """A page of an administrator of the test's own, whose firm is put back as it was."""
    before = Firm.objects.get()
    making_user("hostile")
    page = visit("hostile")
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog says {dialog.message}"))
    yield page
    before.save()


def making_user(name, **fields):
    role = Role.objects.get(key="administrator")
    fields = {"email": f"{name}@demo.example", "given_name": name.title(), "role": role, **fields}
    return User.objects.filter(email=fields["email"]).first() or User.objects.create_user(password=None, **fields)


def records():
    """Return {name: a record of the kind} for the forms that change one."""
    person = making.person(company=making.company())
    with making.history.acting(making.user(), reason="test"):
        talk = making.interactions.talk(making.user(), people=[person])
    team = Team(name=making.unique("Team"))
    team.save()
    role = Role(name=making.unique("Role"), key=making.unique("role").lower())
    role.save()
    return {
        "person": person, "company": person.company, "interaction": talk, "task": making.task("Ring", person=person),
        "colleague": making_user(making.unique("colleague").lower()), "team": team, "role": role,
        "saved_view": SavedView.objects.create(
            kind="contacts.person", name=making.unique("View"), owner=making_user("hostile")
        ),
        "mail_template": making.template(is_shared=True),
        "mailbox": Mailbox.objects.create(
            address=making.unique("box@box.example").lower(), way="direct", owner=making.user()
        ),
    }  # fmt: skip


def assert_unharmed(page, where):
    assert page.evaluate("window.struck") is None, where
    assert page.locator("img[src=x]").count() == 0, where
    assert page.locator("body script:not([src]):not([type])").count() == 0, where


@pytest.mark.long
@pytest.mark.parametrize("route", FORMS)
def test_a_script_in_every_field_runs_nowhere(route, attacker):
    wanted = PAGES[route]
    there = records() if wanted.record else {}
    if wanted.record and wanted.record not in there:
        pytest.fail(f"make a {wanted.record} for this form")
    path = "/" + route.replace("<id:pk>", str(there[wanted.record].pk) if wanted.record else "")
    attacker.goto(path)
    with attacker.expect_response(lambda answer: answer.request.method == "POST"):
        attacker.evaluate(FILL, [wanted.having, SCRIPT])
    attacker.wait_for_load_state("networkidle")
    assert_unharmed(attacker, path)
    for shown in (path, "/history/"):
        attacker.goto(shown)
        assert_unharmed(attacker, shown)


def test_names_that_are_scripts_are_shown_as_text_everywhere(attacker):
    tail = making.unique(" ")
    Team(name=f"{SCRIPT}{tail}").save()
    Role(name=f"{SCRIPT[:50]}{tail}", key=making.unique("role").lower()).save()
    making_user(making.unique("colleague").lower(), given_name=SCRIPT[:70], family_name=tail.strip())
    Firm.objects.update(name=SCRIPT[:100], legal_name=SCRIPT)
    for shown in SHOWN_AFTERWARDS:
        attacker.goto(shown)
        assert_unharmed(attacker, shown)


def test_there_is_such_a_page_for_each_of_them():
    assert len(FORMS) >= 20
    assert reverse("settings_firm")
