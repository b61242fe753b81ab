"""The pages of mail: who reads what, what an administrator decides, templates, and the sink."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crm import jobs, mailing
from crm.mailing import working
from crm.mailing.rows import MailProvider, MailTemplate, OutgoingMail, Suppression
from tests.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user):
    return make_user("boss@firm.example", role="administrator")


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def send(**changes):
    return mailing.send(**{"to": "ngozi@mail.example", "subject": "Topic", "text": "Words within.", **changes})


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


# Who reads what


def test_a_sender_reads_their_mail_and_an_administrator_sees_that_it_exists(rep, admin, make_user):
    mail = send(by=rep)
    mine, bosss, other = browser(rep), browser(admin), browser(make_user("other@firm.example"))
    assert "Topic" in page(mine, f"/mail/sent/{mail.pk}/") and "Words within" in page(
        mine, f"/mail/sent/{mail.pk}/html/"
    )
    told = page(bosss, f"/mail/sent/{mail.pk}/") + page(bosss, "/mail/sent/")
    assert "ngozi@mail.example" in told and "Topic" not in told and "Words within" not in told
    assert bosss.get(f"/mail/sent/{mail.pk}/html/").status_code == 404
    for path in ("", "html/"):
        assert other.get(f"/mail/sent/{mail.pk}/{path}").status_code == 404
    assert "ngozi@mail.example" not in page(other, "/mail/sent/")


def test_a_notification_is_read_by_nobody_on_these_pages(admin):
    mail = send(purpose="notification", subject="A private task is due")
    told = page(browser(admin), f"/mail/sent/{mail.pk}/") + page(browser(admin), "/mail/sent/")
    assert "private task" not in told and "Words within" not in told


def test_a_link_for_a_new_password_stands_on_no_page(admin, rep, sink, client):
    Client().post("/accounts/password/reset/", {"email": rep.email})
    jobs.work_off()
    link = re.search(r"/accounts/password/reset/key/\S+", sink.mails()[0].get_body(("plain",)).get_content())[0]
    mail = OutgoingMail.objects.get()
    told = page(browser(admin), f"/mail/sent/{mail.pk}/") + page(browser(admin), "/mail/sent/")
    assert "kept nowhere" in told and link[:60] not in told
    assert browser(admin).get(f"/mail/sent/{mail.pk}/html/").status_code == 404
    assert link.split("/key/")[1][:30] not in repr(OutgoingMail.objects.values())


def test_an_invitation_that_is_sent_names_the_logo_inside_it(admin, sink):
    from crm.administration import services
    from crm.firm import firm
    from crm.models import Role, User
    from crm.pictures import Picture

    ours = firm()
    services.save_firm(firm=ours, picture=Picture("image/png", 10, 10, b"\x89PNG\r\n\x1a\nxx"))
    user = User(email="bo@firm.example", role=Role.objects.get(key="rep"))
    services.invite(user=user, by=admin)
    mail = send()
    working.work()
    for got in sink.mails():
        [logo] = [part for part in got.walk() if part["Content-ID"]]
        assert logo["Content-ID"] == "<firm-logo>" and "cid:firm-logo" in got.get_body(("html",)).get_content()
    assert "data:image/png;base64," in page(browser(admin), f"/mail/sent/{mail.pk}/html/")


# What becomes of them


@pytest.mark.parametrize("state", ["waiting", "sent", "in_doubt", "refused", "bounced"])
def test_each_state_is_a_tab(admin, state):
    send(to="other@mail.example")
    OutgoingMail.objects.update(state="refused" if state == "sent" else "sent")
    mail = send()
    OutgoingMail.objects.filter(pk=mail.pk).update(state=state)
    shown = page(browser(admin), f"/mail/sent/?state={state}")
    assert "ngozi@mail.example" in shown and "other@mail.example" not in shown


def test_a_mail_in_doubt_is_sent_again_or_left_by_a_person(admin, rep, sink):
    again, left = send(by=rep), send(by=rep, to="left@mail.example")
    OutgoingMail.objects.update(state="in_doubt", sending_at=timezone.now())
    client = browser(admin)
    assert re.search(r'In doubt<span class="count">2', page(client, "/mail/sent/"))
    assert "may arrive twice" in page(client, f"/mail/sent/{again.pk}/")
    for _pressed_twice in range(2):
        assert client.post(f"/mail/sent/{again.pk}/again/").status_code == 302
        client.post(f"/mail/sent/{left.pk}/leave/")
    working.work()
    assert [mail["To"] for mail in sink.mails()] == ["ngozi@mail.example"]
    assert "In doubt<span" not in page(client, "/mail/sent/")
    assert "may arrive twice" not in page(client, f"/mail/sent/{left.pk}/")
    notes = OutgoingMail.objects.get(pk=again.pk).notes
    assert notes.filter(by=admin).count() == 1


def test_a_mail_that_was_sent_is_not_sent_again(admin, sink):
    mail = send()
    working.work()
    browser(admin).post(f"/mail/sent/{mail.pk}/again/")
    working.work()
    assert len(sink.mails()) == 1


SUPPRESSIONS = "/settings/suppressions/"


def test_an_administrator_lets_an_address_get_mail_again_with_a_reason_but_not_who_unsubscribed(admin, rep):
    mail, client = send(by=rep), browser(admin)
    bounced = mailing.suppress(mail.to_key, reason="hard_bounce", source="550 <No such user>")
    left = mailing.suppress(mail.to_key, reason="unsubscribed", scope="marketing", source="clicked")
    told = page(client, f"/mail/sent/{mail.pk}/")
    assert f"{SUPPRESSIONS}{bounced.pk}/" in told and f"{SUPPRESSIONS}{left.pk}/" in told
    assert SUPPRESSIONS not in page(browser(rep), f"/mail/sent/{mail.pk}/")
    assert "550 &lt;No such user&gt;" in page(client, f"{SUPPRESSIONS}{bounced.pk}/")
    assert "by themselves alone" in page(client, f"{SUPPRESSIONS}{left.pk}/")

    lift, words = f"{SUPPRESSIONS}{bounced.pk}/release/", {"source": "She wrote from it today."}
    assert browser(rep).post(lift, words).status_code == 404
    for nothing in ("", "  ", "x" * 501, "a\0b"):
        assert client.post(lift, {"source": nothing}).status_code == 422
    assert client.post(f"{SUPPRESSIONS}{left.pk}/release/", words).status_code == 404
    assert Suppression.objects.in_force().count() == 2
    for _pressed_twice in range(2):
        assert client.post(lift, words).status_code == 302
    assert list(Suppression.objects.in_force()) == [left]
    assert (bounced.release.by, bounced.release.source) == (admin, "She wrote from it today.")
    assert "She wrote from it today." in page(client, f"{SUPPRESSIONS}{bounced.pk}/")


def test_suppressions_are_found_by_how_the_address_begins_a_page_at_a_time(admin, rep):
    for number in range(60):
        mailing.suppress(f"a{number:02}@mail.example", reason="hard_bounce", source="550")
    lifted = mailing.suppress("a_b@mail.example", reason="complaint", source="abuse report")
    mailing.release(lifted, source="A mistake.", by=admin)
    client = browser(admin)
    first = page(client, SUPPRESSIONS)
    older = re.search(r"\?before=\d+", first)[0]
    seen = [re.findall(r"a\d\d@mail\.example(?=</a>)", shown) for shown in (first, page(client, SUPPRESSIONS + older))]
    assert [len(one) for one in seen] == [50, 10] and len({*seen[0], *seen[1]}) == 60
    found = page(client, f"{SUPPRESSIONS}?q=A07")
    assert "a07@mail.example" in found and "a08@mail.example" not in found
    assert "a_b@mail.example" not in first and "a_b@mail.example" in page(client, f"{SUPPRESSIONS}?state=lifted")
    assert "No such address" in page(client, f"{SUPPRESSIONS}?q=%25")  # a sign of LIKE is itself
    assert browser(rep).get(SUPPRESSIONS).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"address": "nobody"}, {"address": "a@b.example\r\nc"}, {"scope": "all"}, {"source": ""}, {"source": "a\0b"}],
)
def test_an_address_is_entered_by_hand_with_its_evidence(admin, sink, changes):
    client = browser(admin)
    given = {"address": "Ngozi@Mail.Example", "scope": "everything", "source": "She rang on Monday."}
    form = filled(client.get(f"{SUPPRESSIONS}new/"), "address") | given
    assert client.post(f"{SUPPRESSIONS}new/", {**form, **changes}).status_code == 422
    assert not Suppression.objects.exists()
    waiting = send()
    for _sent_twice in range(2):
        assert client.post(f"{SUPPRESSIONS}new/", form).status_code == 302
    [held] = Suppression.objects.all()
    assert (held.address_key, held.reason, held.source, held.by) == (waiting.to_key, "by_hand", given["source"], admin)
    working.work()
    assert (OutgoingMail.objects.get(pk=waiting.pk).reason, sink.mails()) == ("suppressed", [])


def test_an_administrator_is_told_that_the_server_does_not_answer(admin, rep):
    now = timezone.now()
    MailProvider.objects.create(
        key="default", failures=3, failing_since=now, paused_until=now + timedelta(minutes=1), error="Refused"
    )
    assert "does not answer" in page(browser(admin), "/mail/sent/")
    assert "does not answer" not in page(browser(rep), "/mail/sent/")


@pytest.mark.parametrize("query", ["state=nowhere", "before=x", "before=0", "before=99999999999999999999"])
def test_a_page_that_is_not_there_is_a_fault_of_the_asker(rep, query):
    assert browser(rep).get(f"/mail/?{query}").status_code == 400


# Templates


def written(client, **changes):
    form = filled(client.get("/mail/templates/new/"), "body")
    given = {"name": "Hello", "subject": "Hello {{ person.given_name }}", "body": "Dear {{ person.given_name }},"}
    return client.post("/mail/templates/new/", {**form, **given, **changes})


def test_a_template_is_written_changed_shared_and_removed(rep, admin, make_user):
    mine, other = browser(rep), browser(make_user("other@firm.example"))
    assert written(mine).status_code == 302
    template = MailTemplate.objects.get()
    path = f"/mail/templates/{template.pk}/"
    assert other.get(path).status_code == 404
    form = filled(mine.get(path), "body")
    assert mine.post(path, {**form, "is_shared": "on", "subject": "Good day"}).status_code == 302
    shown = page(other, path)
    assert "Good day" not in shown and "<textarea" not in shown  # it is shown in its frame
    assert "Dear ‹given name›" in page(other, f"{path}html/")
    assert other.post(path, {**form, "subject": "Mine now"}).status_code == 404
    assert other.post(f"{path}removal/").status_code == 404
    bosss = browser(admin)
    assert bosss.post(path, {**filled(bosss.get(path), "body"), "subject": "Ours"}).status_code == 302
    assert mine.post(f"{path}removal/").status_code == 302
    assert not MailTemplate.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "{{ person.salary }}"},
        {"subject": "{{ nothing }}"},
        {"subject": "Hello\r\nBcc: x@y.example"},
        {"body": "Nul \0"},
        {"body": "x" * 20001},
        {"name": ""},
        {"body": "{{ person.given_name"},
    ],
)
def test_a_template_that_cannot_be_sent_is_not_saved(rep, changes):
    assert written(browser(rep), **changes).status_code == 422
    assert not MailTemplate.objects.exists()


def test_sent_twice_it_is_written_once(rep):
    client = browser(rep)
    form = filled(client.get("/mail/templates/new/"), "body", name="Hello", subject="x", body="y")
    assert [client.post("/mail/templates/new/", form).status_code for _ in range(2)] == [302, 302]
    assert MailTemplate.objects.count() == 1


def test_what_is_typed_is_shown_without_being_saved_or_obeyed(rep):
    typed = {
        "subject": "x",
        "body": "Dear {{ sender.given_name }},\n\n<script>alert(1)</script> {% load x %} {{ nothing }}\0",
    }
    response = browser(rep).post("/mail/templates/preview/", typed)
    shown = response.content.decode()
    assert "Dear Ingrid," in shown and "&lt;script&gt;" in shown and "<script" not in shown and "{% load x %}" in shown
    assert "sandbox" in response["Content-Security-Policy"].split("; ")
    assert not MailTemplate.objects.exists()


@pytest.mark.parametrize(
    "sign", ["\ud800", "\x1b[31m", "\x0b", "\u202e", "\ufffe", "]]>", "<!--", "&#0;", "</mj-text>", "🦊" * 5000]
)
def test_any_sign_can_be_looked_at(rep, sign):
    client = browser(rep)
    typed = sign.encode(errors="surrogatepass")
    response = client.post("/mail/templates/preview/", {"subject": typed, "body": typed})
    assert response.status_code in (200, 400)


def test_a_test_mail_goes_to_oneself(rep, sink):
    written(browser(rep), subject="Hello {{ person.given_name | there }}", body="By {{ sender.name }}")
    browser(rep).post(f"/mail/templates/{MailTemplate.objects.get().pk}/test/")
    working.work()
    [got] = sink.mails()
    assert (got["To"], got["Subject"]) == ("rep@firm.example", "Hello there")


# The sink


def test_an_administrator_reads_what_the_sink_got(admin, sink):
    send(subject="مرحبا 🦊", attachments=[("Größe.txt", b"<script>", "text/html")])
    working.work()
    client = browser(admin)
    listed = page(client, "/mail/sink/")
    assert "مرحبا 🦊" in listed
    path = re.search(r"/mail/sink/\d+/", listed)[0]
    shown = page(client, path)
    assert "Words within." in shown and "Größe.txt" in shown and "Message-ID" in shown
    assert "Words within." in page(client, f"{path}html/")
    file = client.get(f"{path}files/0/")
    assert file.content == b"<script>"
    assert file["Content-Type"] == "application/octet-stream" and file["Content-Disposition"].startswith("attachment")
    assert [client.get(f"{path}files/1/").status_code, client.get("/mail/sink/7/").status_code] == [404, 404]


def test_there_is_no_sink_but_on_a_demo_and_for_administrators(admin, rep, sink, settings):
    assert browser(rep).get("/mail/sink/").status_code == 404
    settings.MAIL_SINK = None
    assert browser(admin).get("/mail/sink/").status_code == 404
    assert "Development sink" not in page(browser(admin), "/mail/sent/")


def test_what_the_sink_holds_may_be_anything(admin, sink):
    from crm.launcher.mail_sink import Keeper

    keeper = Keeper(sink.folder)
    for content in (
        b"",
        b"\xff\xfe\0 no mail at all",
        b"Subject: =?nonsense?Q?=FF?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<b>\xff</b><script>",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
        b"Subject: x\r\n" * 5000 + b"\r\n",
        b"Subject: =?utf-8?b?A?=\r\n\r\n",
        b"Content-Type: " + b"(" * 5000 + b"\r\nContent-Disposition: attachment; filename*0*=''x%\r\n\r\n",
    ):
        keeper.keep(content, "a@b.example", ["c@d.example"])
    client = browser(admin)
    paths = re.findall(r"/mail/sink/\d+/", page(client, "/mail/sink/"))
    assert len(paths) == 7
    for path in paths:
        assert client.get(path).status_code == 200
        assert client.get(f"{path}html/").status_code in (200, 404)


def test_the_sink_keeps_the_newest_alone(tmp_path):
    from crm.launcher.mail_sink import Keeper

    keeper = Keeper(tmp_path, most=3)
    for number in range(5):
        keeper.keep(f"Message-ID: <{number}@x>\r\n\r\n".encode(), "a@b.example", ["c@d.example"])
        keeper.drop_oldest()
    assert len(list(tmp_path.iterdir())) == 3


def test_two_tabs_at_one_template_lose_nothing(rep):
    client = browser(rep)
    written(client)
    path = f"/mail/templates/{MailTemplate.objects.get().pk}/"
    first, second = (filled(client.get(path), "body") for _tab in range(2))
    assert client.post(path, {**first, "subject": "From the first tab"}).status_code == 302
    refused = client.post(path, {**second, "subject": "From the second tab"})
    assert refused.status_code == 422 and "Saved now: From the first tab" in refused.content.decode()
    assert MailTemplate.objects.get().subject == "From the first tab"


def test_a_name_one_has_already_is_a_fault_of_the_field(rep):
    client = browser(rep)
    written(client)
    refused = written(client, name="HELLO")
    assert refused.status_code == 422 and "You have a template of this name" in refused.content.decode()
