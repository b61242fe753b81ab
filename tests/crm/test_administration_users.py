"""Users: found, invited by mail, changed, let in no more and again; one administrator always stays."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from crm import jobs
from crm.administration import services
from crm.jobs import Job
from crm.models import Role, Team, User
from tests.crm.conftest import PASSWORD
from tests.factories import crm
from tests.forms import filled
from tests.interactions.test_at_once import side_by_side

pytestmark = pytest.mark.django_db
INVITE = "/settings/users/invitation/"


@pytest.fixture
def ada(db):
    return crm.user("Ada", role="administrator", email="ada@firm.example")


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def role(key):
    return Role.objects.get(key=key)


def invite(client, **changes):
    given = {"email": "Bo@Firm.example", "given_name": "Bo", "role": role("rep").pk, **changes}
    return client.post(INVITE, filled(client.get(INVITE), "given_name", **given))


def invited():
    return User.objects.get(email="bo@firm.example")


def link():
    """Return the path of the link in the last mail."""
    jobs.work_off()
    return re.search(r"https?://[^/\s]+(/\S+/password/reset/key/\S+)", mail.outbox[-1].body)[1]


def choose_password(path, password=PASSWORD):
    """Follow the link in a browser of one's own; return it and its answer."""
    browser = Client()
    page = browser.get(path, follow=True)
    if "password1" not in page.content.decode():
        return browser, page
    return browser, browser.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def signs_in(password=PASSWORD):
    browser = Client()
    browser.post("/accounts/login/", {"login": "bo@firm.example", "password": password})
    return browser.get("/account/").status_code == 200


# Inviting


def test_an_invitation_lets_somebody_in_once_they_chose_a_password(admin):
    team = crm.team("North")
    assert invite(admin, team=team.pk)["Location"] == "/settings/users/?state=invited"
    bo = invited()
    assert (bo.is_active, bo.has_usable_password(), bo.team) == (False, False, team)
    path = link()
    assert mail.outbox[-1].to == ["bo@firm.example"]
    assert not signs_in()
    _browser, answer = choose_password(path)
    assert answer.status_code == 302
    bo = invited()
    assert (bo.is_active, bo.invited_at) == (True, None)
    assert signs_in()


def test_the_page_of_the_link_says_whom_it_is_for(admin):
    invite(admin)
    page = Client().get(link(), follow=True).content.decode()
    assert "Choose a password" in page
    assert "bo@firm.example" in page


def test_the_link_works_once(admin):
    invite(admin)
    path = link()
    choose_password(path)
    _browser, answer = choose_password(path, "another-long-password")
    assert "does not work any more" in answer.content.decode()
    assert signs_in()


def test_the_link_ends_after_three_days(admin):
    invite(admin)
    path = link()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        _browser, answer = choose_password(path)
    assert "does not work any more" in answer.content.decode()
    assert not invited().is_active


def test_sent_again_the_first_link_is_worth_nothing(admin):
    invite(admin)
    first = link()
    admin.post(f"/settings/users/{invited().pk}/invitation/")
    second = link()
    assert "does not work any more" in choose_password(first)[1].content.decode()
    assert choose_password(second)[1].status_code == 302
    assert invited().is_active


def test_withdrawn_nobody_gets_in_and_nothing_is_left(admin):
    invite(admin)
    path = link()
    admin.post(f"/settings/users/{invited().pk}/withdrawal/")
    assert not User.objects.filter(email="bo@firm.example").exists()
    assert "does not work any more" in choose_password(path)[1].content.decode()


def test_withdrawn_while_the_password_is_being_typed_nobody_gets_in(admin):
    invite(admin)
    browser = Client()
    page = browser.get(link(), follow=True)
    User.objects.filter(pk=invited().pk).delete()
    answer = browser.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert "does not work any more" in answer.content.decode()
    assert not User.objects.filter(email="bo@firm.example").exists()


def test_withdrawn_before_the_mail_went_out_none_goes(admin):
    invite(admin)
    admin.post(f"/settings/users/{invited().pk}/withdrawal/")
    jobs.work_off()
    assert mail.outbox == []


def test_who_accepted_is_neither_withdrawn_nor_invited_again(admin):
    invite(admin)
    choose_password(link())
    pk = invited().pk
    assert admin.post(f"/settings/users/{pk}/withdrawal/").status_code == 404
    admin.post(f"/settings/users/{pk}/invitation/")
    assert invited().is_active
    assert signs_in()


def test_no_password_is_mailed_to_somebody_invited_who_asks_for_one(admin):
    invite(admin)
    link()
    Client().post("/accounts/password/reset/", {"email": "bo@firm.example"})
    jobs.work_off()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["ada@firm.example", "ADA@Firm.Example", " ada@firm.example "])
def test_an_address_that_is_taken_is_an_error_of_the_field(admin, email):
    response = invite(admin, email=email)
    assert response.status_code == 422
    assert "has this address already" in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("changes", [{"email": "bo"}, {"role": "999"}, {"role": ""}, {"team": "999"}, {"email": ""}])
def test_an_invitation_that_is_wrong_invites_nobody(admin, changes):
    assert invite(admin, **changes).status_code == 422
    assert not Job.objects.exists()


def test_an_invitation_sent_twice_invites_once(admin):
    body = filled(admin.get(INVITE), "given_name", email="bo@firm.example", role=role("rep").pk)
    assert [admin.post(INVITE, body).status_code for _turn in range(2)] == [302, 302]
    jobs.work_off()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_address_at_once_are_one(ada):
    def send():
        browser = Client()
        browser.force_login(ada)
        return browser

    first, second = send(), send()
    bodies = [
        filled(one.get(INVITE), "given_name", email="bo@firm.example", role=role("rep").pk) for one in (first, second)
    ]
    one, other = side_by_side(lambda: first.post(INVITE, bodies[0]), lambda: second.post(INVITE, bodies[1]))
    assert (one.status_code, other.status_code) == (302, 422)
    assert User.objects.filter(email="bo@firm.example").count() == 1


# Changing


def page_of(user):
    return f"/settings/users/{user.pk}/"


def change(client, user, **changes):
    return client.post(page_of(user), filled(client.get(page_of(user)), "given_name", **changes))


def test_name_role_team_and_zone_are_changed(admin):
    bo, team = crm.user("Bo"), crm.team("North")
    given = {"given_name": "Bodil", "role": role("manager").pk, "team": team.pk, "timezone": "Europe/Oslo"}
    assert change(admin, bo, **given).status_code == 302
    bo.refresh_from_db()
    assert (bo.given_name, bo.role.key, bo.team, bo.timezone) == ("Bodil", "manager", team, "Europe/Oslo")


def test_a_change_of_role_counts_from_the_next_click(admin):
    bo = crm.user("Bo")
    browser = Client()
    browser.force_login(bo)
    assert browser.get("/settings/").status_code == 404
    change(admin, bo, role=role("administrator").pk)
    assert browser.get("/settings/").status_code == 200


def test_nothing_else_is_taken_from_the_form(admin):
    bo = crm.user("Bo")
    change(admin, bo, email="evil@firm.example", is_active="", password="x", invited_at="2026-01-01")
    now = User.objects.get(pk=bo.pk)
    assert (now.email, now.is_active, now.password) == (bo.email, True, bo.password)


@pytest.mark.parametrize(
    "changes", [{"timezone": "Mars/Olympus"}, {"role": "x"}, {"team": "999"}, {"given_name": "x" * 81}]
)
def test_a_change_that_is_wrong_changes_nothing(admin, changes):
    bo = crm.user("Bo")
    assert change(admin, bo, family_name="Changed", **changes).status_code == 422
    assert User.objects.get(pk=bo.pk).family_name == bo.family_name


def test_a_form_opened_before_somebody_elses_change_is_refused(admin):
    bo = crm.user("Bo")
    opened = filled(admin.get(page_of(bo)), "given_name", given_name="Mine")
    change(admin, bo, given_name="Theirs")
    response = admin.post(page_of(bo), opened)
    assert response.status_code == 422
    assert "Saved now: Theirs" in response.content.decode()
    assert User.objects.get(pk=bo.pk).given_name == "Theirs"


def test_a_form_sent_twice_is_no_contradiction(admin):
    bo = crm.user("Bo")
    body = filled(admin.get(page_of(bo)), "given_name", given_name="Bodil")
    assert [admin.post(page_of(bo), body).status_code for _turn in range(2)] == [302, 302]


# In and out


def test_who_is_deactivated_meets_the_sign_in_page_at_the_next_click(admin):
    bo = crm.user("Bo")
    browser = Client()
    browser.force_login(bo)
    assert browser.get("/people/").status_code == 200
    admin.post(f"{page_of(bo)}deactivation/")
    assert browser.get("/people/")["Location"].startswith("/accounts/login/")
    part = browser.get("/people/", HTTP_HX_REQUEST="true")
    assert part["HX-Redirect"].startswith("/accounts/login/")


def test_old_sessions_stay_ended_when_somebody_is_let_in_again(admin, make_user):
    bo = make_user("bo@firm.example")
    browser = Client()
    browser.post("/accounts/login/", {"login": bo.email, "password": PASSWORD})
    admin.post(f"{page_of(bo)}deactivation/")
    assert not UserSession.objects.filter(user=bo).exists()
    assert not signs_in()
    admin.post(f"{page_of(bo)}activation/")
    assert browser.get("/people/").status_code == 302
    assert signs_in()


def test_jobs_of_somebody_deactivated_do_not_run(admin):
    bo = crm.user("Bo")
    job = jobs.enqueue("crm.export_list", by=bo, kind="contacts.person", query="", form="csv")
    admin.post(f"{page_of(bo)}deactivation/")
    jobs.work_off()
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.CANCELLED, None)
    late = jobs.enqueue("crm.export_list", by=bo, kind="contacts.person", query="", form="csv")
    jobs.work_off()
    late.refresh_from_db()
    assert late.state == Job.State.DEAD


def test_nobody_deactivates_themselves(admin, ada):
    crm.user("Eve", role="administrator")
    response = admin.post(f"{page_of(ada)}deactivation/", follow=True)
    assert "Nobody deactivates themselves." in response.content.decode()
    assert User.objects.get(pk=ada.pk).is_active


def test_the_last_administrator_keeps_the_role(admin, ada):
    response = change(admin, ada, role=role("rep").pk)
    assert response.status_code == 422
    assert "The last administrator stays one." in response.content.decode()
    assert User.objects.get(pk=ada.pk).role.key == "administrator"


def test_a_deactivated_administrator_does_not_count(admin, ada):
    crm.user("Eve", role="administrator", is_active=False)
    assert change(admin, ada, role=role("rep").pk).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_leave_one():
    ada, eve = crm.user("Ada", role="administrator"), crm.user("Eve", role="administrator")

    def late():
        with pytest.raises(services.PermissionDenied):
            services.deactivate(user=ada, by=eve)

    side_by_side(lambda: services.deactivate(user=eve, by=ada), late)
    assert list(User.objects.filter(is_active=True).values_list("pk", flat=True)) == [ada.pk]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_take_each_others_role_leave_one():
    ada, eve = crm.user("Ada", role="administrator"), crm.user("Eve", role="administrator")
    browsers = {}
    for user in (ada, eve):
        browsers[user.pk] = Client(raise_request_exception=False)
        browsers[user.pk].force_login(user)

    def demote(by, whom):
        browser = browsers[by.pk]
        body = filled(browser.get(page_of(whom)), "given_name", role=role("rep").pk)
        return lambda: browser.post(page_of(whom), body).status_code

    first, second = demote(ada, eve), demote(eve, ada)
    assert side_by_side(first, second) == (302, 403)
    assert list(User.objects.filter(role__key="administrator").values_list("pk", flat=True)) == [ada.pk]


# The list


def names(page):
    return re.findall(r'class="cut">([^<]+)</span></a></td>', page.content.decode())


def test_users_are_found_by_name_mail_role_team_and_state(admin):
    north = crm.team("North")
    below = crm.team("Below", parent=north)
    bo = crm.user("Bo", team=below, family_name="Å'Berg")
    crm.user("Cy", role="manager", team=north)
    crm.user("Di", is_active=False)
    crm.user("Ed", is_active=False, invited_at=timezone.now())

    def shown(query):
        return [name.split(" ")[0] for name in names(admin.get(f"/settings/users/?{query}"))]

    assert shown("") == ["Ada", "Bo", "Cy"]
    assert shown("state=inactive") == ["Di"]
    assert shown("state=invited") == ["Ed"]
    assert shown("state=all") == ["Ada", "Bo", "Cy", "Di", "Ed"]
    assert shown("q=bo+%C3%A5") == ["Bo"]
    assert shown(f"q={bo.email[:4].upper()}") == ["Bo"]
    assert shown(f"role={role('manager').pk}") == ["Cy"]
    assert shown(f"team={north.pk}") == ["Bo", "Cy"]
    assert shown("q=100%25") == []
    assert Team.objects.count() == 2


@pytest.mark.parametrize("query", ["state=x", "role=x", "team=-1", "after=x", "q=%01"])
def test_a_question_that_makes_no_sense_is_refused(admin, query):
    admin.raise_request_exception = False
    assert admin.get(f"/settings/users/?{query}").status_code == 400


def test_a_long_list_goes_on_page_after_page(admin):
    for number in range(60):
        crm.user(f"U{number % 3}")
    first = admin.get("/settings/users/")
    after = re.search(r"\?after=(\d+)", first.content.decode())[1]
    second = admin.get(f"/settings/users/?after={after}")
    found = names(first) + names(second)
    assert (len(names(first)), len(found), len(set(found))) == (50, 61, 61)
