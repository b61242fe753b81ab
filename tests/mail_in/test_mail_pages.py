"""The pages of mail that came in: who reads what, and how foreign HTML and files are given out."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm import jobs, receiving
from crm.accounts.sealing import opened
from crm.models import Mailbox, ReceivedMail
from crm.receiving.rows import DropBox
from crm.receiving.rows import Mailbox as Box
from tests.factories import contacts, crm
from tests.mail_in.conftest import done, mailbox, written
from tests.mail_in.hostile import with_file

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
PAGE = '<p>Hello <script>alert(1)</script><img src="cid:logo"><img src="https://evil.example/p.png"></p>'


def take(raw, *to):
    taken = receiving.take(raw, came_by="smtp", envelope_to=to)
    done()
    return ReceivedMail.objects.get(pk=taken.pk)


@pytest.fixture
def administrator(db):
    return crm.user("Ada", role="administrator")


@pytest.fixture
def mail(rep, own_mailbox):
    raw = written(
        html=PAGE, files=[("Å offer.pdf", b"%PDF-1.7 offer", "application/pdf"), ("logo.png", PNG, "image/png")]
    )
    found = take(raw.replace(b'filename="logo.png"', b'filename="logo.png"\nContent-ID: <logo>'), own_mailbox.address)
    assert found.state == "parsed"
    return found


def url(mail, what=""):
    return f"{reverse('received_mail', args=[mail.pk])}{what}"


def test_the_html_stands_under_a_policy_of_its_own(signed_in, rep, mail):
    response = signed_in(rep).get(url(mail, "html/"))
    policy = response["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    for word in ("allow-scripts", "allow-same-origin", "allow-forms", "http", "script-src", "connect-src", "'self';"):
        assert word not in policy.replace("frame-ancestors 'self';", "")
    assert (response["X-Frame-Options"], response["Cache-Control"]) == ("SAMEORIGIN", "private, no-store")
    page = response.content.decode()
    assert "script" not in page
    assert "evil.example" not in page
    assert 'src="data:image/png;base64,' in page


def test_the_page_around_it_allows_no_other_frame(signed_in, rep, mail):
    response = signed_in(rep).get(url(mail))
    assert "frame-src 'self'" in response["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in response.content.decode()


def test_a_file_is_a_download_under_its_safe_name(signed_in, rep, mail):
    file = mail.attachments.get(name="Å offer.pdf")
    response = signed_in(rep).get(url(mail, f"files/{file.key}/"))
    assert response.getvalue() == b"%PDF-1.7 offer"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == ("nosniff", "application/pdf")
    assert signed_in(rep).get(url(mail, "files/0/")).status_code == 404


def test_a_program_is_not_given_out_even_after_its_release(signed_in, rep, own_mailbox, administrator):
    found = take(with_file(1, "a.exe", b"MZ"), own_mailbox.address)
    assert signed_in(administrator).post(reverse("settings_quarantine_release", args=[found.pk])).status_code == 302
    done()
    page = signed_in(rep).get(url(found)).content.decode()
    assert "a.exe" in page
    assert signed_in(rep).get(url(found, f"files/{found.attachments.get().key}/")).status_code == 404


def test_nobody_else_reads_a_mail_of_ones_own_mailbox(signed_in, mail, administrator):
    for stranger in (crm.user("Stranger"), administrator, crm.user("Auditor", role="auditor")):
        for what in ("", "html/", f"files/{mail.attachments.first().key}/"):
            assert signed_in(stranger).get(url(mail, what)).status_code == 404
        assert "The offer" not in signed_in(stranger).get("/mail/?state=all").content.decode()


def test_who_sees_the_person_reads_what_was_shared_and_not_what_is_private(signed_in, rep, customer):
    mate = crm.user("Mate", team=rep.team)
    shared = take(written(), mailbox(rep, is_shared=True).address)
    private = take(written(), mailbox(rep).address)
    assert signed_in(mate).get(url(shared)).status_code == 200
    assert signed_in(mate).get(url(private)).status_code == 404
    page = signed_in(mate).get(customer.get_absolute_url()).content.decode()
    assert url(shared) in page
    assert url(private) not in page


def test_a_team_reads_what_nobody_was_found_for_in_its_mailbox(signed_in, rep):
    mate = crm.user("Mate", team=rep.team)
    box = mailbox(crm.user("Office"), team=rep.team)
    found = take(written(), box.address)
    assert signed_in(mate).get(url(found)).status_code == 200
    assert "The offer" in signed_in(mate).get("/mail/").content.decode()


def test_what_is_nobodys_is_read_by_administrators(signed_in, rep, administrator):
    found = take(written(), "anybody@office.example")
    assert signed_in(administrator).get(url(found)).status_code == 200
    assert signed_in(rep).get(url(found)).status_code == 404


def test_a_person_is_added_from_a_mail_and_found(signed_in, rep, mail):
    client = signed_in(rep)
    page = client.get(url(mail)).content.decode()
    assert "people/quick/?email=ngozi%40mail.example&amp;name=Ngozi+Okonkwo" in page
    form = client.get("/people/quick/?email=ngozi%40mail.example&name=Ngozi+Okonkwo").content.decode()
    assert 'value="ngozi@mail.example"' in form
    assert 'value="Okonkwo"' in form
    assert client.get("/people/quick/?email=%0100").status_code in (200, 400)
    contacts.person(rep, given_name="Ngozi", emails=["ngozi@mail.example"])
    assert client.post(url(mail, "handling/")).status_code == 302
    done()
    mail.refresh_from_db()
    assert mail.state == "handled"


def test_administrators_see_why_but_not_what_was_sent_to_somebodys_own_mailbox(signed_in, own_mailbox, administrator):
    private = take(with_file(1, "a.exe", b"MZ", Subject="Whisper"), own_mailbox.address)
    nobodys = take(with_file(2, "a.exe", b"MZ", Subject="Shout"), "x@office.example")
    client = signed_in(administrator)
    assert client.get(reverse("settings_quarantine")).content.decode().count("A dangerous file is attached") == 2
    page = client.get(reverse("settings_quarantined", args=[private.pk])).content.decode()
    assert "Whisper" not in page
    assert "See there" not in page
    assert "See there" in client.get(reverse("settings_quarantined", args=[nobodys.pk])).content.decode()


def test_what_was_deleted_is_gone_for_everybody(signed_in, rep, own_mailbox, administrator):
    found = take(with_file(1, "a.exe", b"MZ"), own_mailbox.address)
    signed_in(administrator).post(reverse("settings_quarantine_deletion", args=[found.pk]))
    assert signed_in(rep).get(url(found)).status_code == 404
    assert signed_in(administrator).get(reverse("settings_quarantined", args=[found.pk])).status_code == 404


def test_a_quarantined_mail_shows_its_text_and_nothing_else(signed_in, rep, own_mailbox):
    found = take(with_file(1, "a.exe", b"MZ"), own_mailbox.address)
    page = signed_in(rep).get(url(found)).content.decode()
    assert "See there" in page
    assert "<iframe" not in page
    assert signed_in(rep).get(url(found, "html/")).status_code == 404
    assert signed_in(rep).get(url(found, f"files/{found.attachments.get().key}/")).status_code == 404


FORM = {"address": "Office@Firm.example", "way": "imap", "host": "imap.firm.example", "port": "993", "security": "tls",
        "username": "office", "password": "geheim", "folder": "INBOX", "after": "leave"}  # fmt: skip


def test_a_mailbox_is_connected_with_a_sealed_password_that_no_page_shows(signed_in, administrator, rep):
    client = signed_in(administrator)
    assert client.post(reverse("settings_mailbox_new"), {**FORM, "owner": rep.pk}).status_code == 302
    box = Mailbox.objects.get()
    assert (box.address, opened(box.password_sealed)) == ("office@firm.example", "geheim")
    for name in ("settings_mailboxes", "settings_mailbox"):
        page = client.get(reverse(name, args=[box.pk] if name == "settings_mailbox" else []))
        assert b"geheim" not in page.content
        assert box.password_sealed.encode() not in page.content


@pytest.mark.parametrize(
    ("field", "value"),
    [("address", "no address"), ("host", ""), ("username", ""), ("password", ""), ("port", "0"), ("port", "99999"),
     ("way", "pigeon"), ("owner", "0"), ("after", "move")],
)  # fmt: skip
def test_a_bad_mailbox_is_refused_with_422(signed_in, administrator, rep, field, value):
    answer = signed_in(administrator).post(reverse("settings_mailbox_new"), {**FORM, "owner": rep.pk, field: value})
    assert answer.status_code == 422
    assert not Mailbox.objects.exists()


def test_a_kept_password_goes_to_no_other_server(signed_in, administrator, rep):
    client = signed_in(administrator)
    client.post(reverse("settings_mailbox_new"), {**FORM, "owner": rep.pk})
    box, page = Mailbox.objects.get(), reverse("settings_mailbox", args=[Mailbox.objects.get().pk])
    shown = client.get(page).context["form"].initial["shown"]
    kept = {**FORM, "owner": rep.pk, "password": "", "shown": shown}
    assert client.post(page, {**kept, "host": "evil.example"}).status_code == 422
    assert client.post(page, {**kept, "folder": "Sent"}).status_code == 302
    box.refresh_from_db()
    assert (box.folder, opened(box.password_sealed)) == ("Sent", "geheim")


def test_who_connects_and_changes_a_mailbox_stands_in_the_history_without_its_password(signed_in, administrator, rep):
    client = signed_in(administrator)
    client.post(reverse("settings_mailbox_new"), {**FORM, "owner": rep.pk})
    box = Mailbox.objects.get()
    page = reverse("settings_mailbox", args=[box.pk])
    shown = client.get(page).context["form"].initial["shown"]
    changed = {**FORM, "owner": rep.pk, "host": "mail.firm.example", "password": "anders", "shown": shown}
    assert client.post(page, changed).status_code == 302
    told = client.get("/history/?kind=crm.mailbox").content.decode()
    for word in ("office@firm.example", "imap.firm.example", "mail.firm.example", "Ada"):
        assert word in told
    box.refresh_from_db()
    for secret in ("geheim", "anders", box.password_sealed):
        assert secret not in told
    events = Mailbox.pgh_event_model.objects
    before = events.count()
    Mailbox.objects.update(error="No connection", failures=3, last_uid=7, poll_after=timezone.now())
    assert events.count() == before  # fetching is no change of anybody's


def test_a_mailbox_is_tested_paused_and_removed(signed_in, administrator, rep):
    box = mailbox(rep, way="imap", host="127.0.0.1", username="x")
    client = signed_in(administrator)
    answer = client.post(reverse("settings_mailbox_test", args=[box.pk]), follow=True)
    assert "not public" in answer.content.decode()
    for paused in ("1", "0"):
        client.post(reverse("settings_mailbox_pause", args=[box.pk]), {"paused": paused})
        box.refresh_from_db()
        assert box.is_paused == (paused == "1")
    client.post(reverse("settings_mailbox_removal", args=[box.pk]))
    assert not Box.objects.exists()
    assert client.get(reverse("settings_mailbox", args=[box.pk])).status_code == 404
    assert Box.every.get().password_sealed == ""


def test_mail_that_came_by_a_mailbox_outlives_it(signed_in, administrator, rep):
    box = mailbox(rep, way="direct")
    mail = receiving.take(written(), came_by="smtp", envelope_to=[box.address])
    signed_in(administrator).post(reverse("settings_mailbox_removal", args=[box.pk]))
    jobs.work_off()
    assert signed_in(rep).get(reverse("received_mail", args=[mail.pk])).status_code == 200
    mailbox(rep, address=box.address, way="direct")  # the address is free again


def test_a_drop_box_is_made_when_asked_for_and_changed(signed_in, rep):
    client = signed_in(rep)
    client.get("/mail/drop-box/")
    assert not DropBox.objects.exists()
    addresses = []
    for _time in range(2):
        client.post("/mail/drop-box/new/")
        addresses.append(receiving.dropbox_address(rep))
        assert addresses[-1] in client.get("/mail/drop-box/").content.decode()
    assert addresses[0] != addresses[1]


@pytest.mark.parametrize(
    ("kind", "field"),
    [("interactions.interaction", "body"), ("interactions.interaction", "subject"), ("contacts.person", "emails")],
)
def test_whose_role_hides_what_a_mail_tells_does_not_read_it_by_a_talk(signed_in, rep, customer, kind, field):
    shared = take(written(html="<p>Hello</p>"), mailbox(rep, is_shared=True).address)
    role = crm.role(f"Without {field}", like="rep")
    mate = crm.user("Mate", team=rep.team, role=role.key)
    client = signed_in(mate)
    assert [client.get(url(shared, what)).status_code for what in ("", "html/")] == [200, 200]
    role.field_rights.create(kind=kind, field=field, right="hidden")
    for what in ("", "html/"):
        assert client.get(url(shared, what)).status_code == 404
    assert url(shared) not in client.get(customer.get_absolute_url()).content.decode()
