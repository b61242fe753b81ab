"""Every address of the site and what it takes: a URL that does not stand here fails a test.

Who may call it is declared at the view; here stands only what cannot be read from there.
"""

from __future__ import annotations

from dataclasses import dataclass

READ = ("GET", "HEAD", "OPTIONS")
WRITE = ("POST", "OPTIONS")
SENT = ("GET", "HEAD", "POST")
FORM = ("GET", "HEAD", "POST", "OPTIONS")
EVERY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Page:
    """`takes`: methods. `record`: the name of the owner's record in the World that `<id:pk>` stands for; for another
    action than the view's own, `also` names it ("view"). `having`: a field of the form that a POST sends back.
    `by`: whose browser has that form, where it is not the owner's.
    `framed`: it is foreign HTML, for a frame of ours, under a policy of its own.
    `found`, `done`: status of a GET and of a POST that succeed; a pair where they differ: (anonymous, signed in)."""

    takes: tuple[str, ...] = READ
    record: str = ""
    also: str = ""
    having: str = ""
    sends: tuple[tuple[str, str], ...] = ()
    by: str = ""
    found: int | tuple[int, int] = 200
    framed: bool = False
    done: int | tuple[int, int] = 302


SIGN_IN = {
    "healthz": Page(EVERY, done=200),
    "readyz": Page(EVERY, done=200),
    "accounts/login/": Page(SENT, found=(200, 302), done=(422, 302)),
    "accounts/logout/": Page(SENT, found=(302, 200), done=(302, 302)),
    "accounts/inactive/": Page(SENT, done=405),
    "accounts/password/reset/": Page(SENT, done=422),
    "accounts/password/reset/done/": Page(SENT, done=405),
    "accounts/password/reset/key/<uidb36>-<key>/": Page(SENT, done=200),
    "accounts/password/reset/key/done/": Page(SENT, done=405),
    "accounts/password/change/": Page(SENT, found=302, done=302),
    "accounts/second-step/": Page(SENT, found=302, done=302),  # after the password alone
    "accounts/passkey/": Page(SENT, found=302, done=(422, 302)),
    "accounts/provider/": Page(("POST",), done=404),  # none is configured
    "accounts/provider/callback/": Page(("GET", "HEAD"), found=404),
    "account/": Page(SENT, having="timezone"),
    "account/theme/": Page(("POST",)),
    "account/sessions/end/": Page(("POST",)),
    "account/sessions/others/end/": Page(("POST",)),
    "account/sessions/<id:pk>/end/": Page(("POST",), record="session"),
    "account/reauthentication/": Page(SENT, found=302, done=302),  # the cast has passkeys and no passwords
    "account/reauthentication/code/": Page(SENT, found=302, done=302),
    "account/reauthentication/passkey/": Page(SENT, done=422),
    "account/security/": Page(("GET", "HEAD")),
    "account/security/app/": Page(SENT, found=302, done=302),  # the last sign-in is too long ago
    "account/security/app/removal/": Page(SENT, found=404, done=404),  # there is none
    "account/security/codes/": Page(SENT),
    "account/security/codes/file/": Page(("GET", "HEAD"), found=404),
    "account/security/codes/kept/": Page(("POST",)),
    "account/security/passkeys/new/": Page(SENT, found=302, done=302),
    "account/security/passkeys/<id:pk>/": Page(SENT, record="passkey", found=302, done=302),
    "account/security/passkeys/<id:pk>/removal/": Page(SENT, record="passkey", found=302, done=302),
}

COMMON = {
    "jobs/": Page(("GET", "HEAD")),
    "jobs/<id:pk>/": Page(("GET", "HEAD"), record="job"),
    "jobs/<id:pk>/file/": Page(("GET", "HEAD"), record="job", found=404),
    "jobs/<id:pk>/retry/": Page(("POST",), record="job"),
    "jobs/given-up/": Page(("GET", "HEAD")),
    "jobs/given-up/retry/": Page(("POST",), sends=(("kind", "crm.clear"),)),
    "jobs/given-up/setting-aside/": Page(("POST",), sends=(("kind", "crm.clear"),)),
    "jobs/<id:pk>/setting-aside/": Page(("POST",), record="job"),
    "jobs/<id:pk>/cancellation/": Page(("POST",), record="job"),
    "notifications/": Page(("GET", "HEAD")),
    "notifications/bell/": Page(("GET", "HEAD")),
    "notifications/reading/": Page(("POST",), sends=(("to", "1"),)),
    "notifications/<id:pk>/opening/": Page(("POST",), record="notification"),
    "account/notifications/": Page(SENT, having="digest_at"),
    "undo/": Page(("GET", "HEAD")),
    "undo/<id:pk>/": Page(("GET", "HEAD"), record="act"),
    "undo/<id:pk>/reversal/": Page(("POST",), record="act"),
    "history/": Page(),
    "history/export/": Page(FORM),
    "users/<id:pk>/": Page(("GET", "HEAD"), record="user"),
    "": Page(("GET", "HEAD")),
    "gallery/": Page(("GET", "HEAD")),
    "search/": Page(("GET", "HEAD")),
}


def _of_contacts(list_url, name, field):
    yield f"{list_url}/", Page()
    yield f"{list_url}/export/", Page(FORM)
    yield f"{list_url}/bulk/", Page(WRITE, sends=(("change", "tag"),))
    yield f"{list_url}/conditions/", Page(FORM, done=200)
    yield f"{list_url}/views/", Page()
    yield f"{list_url}/views/new/", Page(FORM, having="name", sends=(("name", "Freshly"),))
    yield f"{list_url}/choices/", Page()
    yield f"{list_url}/trash/", Page()
    yield f"{list_url}/new/", Page(FORM, having=field, sends=((field, "Freshly"), ("owner", "")))
    yield f"{list_url}/likely/", Page(WRITE, done=200)
    yield f"{list_url}/<id:pk>/", Page(record=name)
    yield f"{list_url}/<id:pk>/edit/", Page(FORM, record=name, having=field, sends=(("owner", ""),))
    yield f"{list_url}/<id:pk>/trash/", Page(WRITE, record=name)
    yield f"{list_url}/<id:pk>/restoration/", Page(WRITE, record=f"trashed_{name}")
    yield f"{list_url}/<id:pk>/changes/", Page(record=name)
    yield f"{list_url}/<id:pk>/shares/", Page(FORM, record=name, done=422)
    yield f"{list_url}/<id:pk>/shares/end/", Page(WRITE, record=name, sends=(("share", "1"),))
    said = (("kind", "call"), ("body", "Hello"))
    yield f"{list_url}/<id:pk>/log/", Page(WRITE, record=name, also="view", sends=said)


CONTACTS = {
    **dict(_of_contacts("people", "person", "given_name")),
    **dict(_of_contacts("companies", "company", "name")),
    "people/filling/": Page(),
    "people/quick/likely/": Page(WRITE, done=200),
    "people/quick/": Page(FORM, having="given_name", sends=(("given_name", "Quickly"),)),
}


SAVED_VIEWS = {
    "saved-views/<id:pk>/": Page(FORM, record="saved_view", having="name"),
    "saved-views/<id:pk>/contents/": Page(WRITE, record="saved_view"),
    "saved-views/<id:pk>/move/": Page(WRITE, record="saved_view", sends=(("to", "up"),)),
    "saved-views/<id:pk>/removal/": Page(WRITE, record="saved_view"),
    "saved-views/<id:pk>/restoration/": Page(WRITE, record="removed_view"),
}


def _of_talks(url, name):
    yield f"{url}/<id:pk>/edit/", Page(FORM, record=name, having="body")
    yield f"{url}/<id:pk>/trash/", Page(WRITE, record=name)
    yield f"{url}/<id:pk>/restoration/", Page(WRITE, record=f"trashed_{name}")
    yield f"{url}/<id:pk>/changes/", Page(record=name)


LOGGED = Page(FORM, having="body", sends=(("body", "Spoke"), ("subject", "Prices")), done=422)  # with nobody named
INTERACTIONS = {
    **{
        f"{kind}/new/": LOGGED
        for kind in ("calls", "mails", "meetings", "visits", "notes", "feedback", "newsletter-requests")
    },
    **dict(_of_talks("interactions", "interaction")),
    **dict(_of_talks("tasks", "task")),
    "tasks/new/": Page(FORM, having="due_on", sends=(("subject", "Think"), ("due_on", "2026-12-01"), ("owner", ""))),
    "tasks/<id:pk>/completion/": Page(WRITE, record="task"),
    "tasks/<id:pk>/reopening/": Page(WRITE, record="task"),
}


def _of_settings(url, record, field, **sends):
    """Yield the list, the form of a new one, and the form and removal of one that is there."""
    form = Page(SENT, having=field, by="administrator", sends=tuple(sends.items()))
    yield f"{url}/", Page(("GET", "HEAD"))
    yield f"{url}/new/", form
    yield f"{url}/<id:pk>/", Page(SENT, record=record, having=field, by="administrator")
    yield f"{url}/<id:pk>/removal/", Page(("POST",), record=record)


SETTINGS = {
    "settings/": Page(("GET", "HEAD")),
    "settings/setup/aside/": Page(("POST",), sends=(("step", "teams"),)),
    "settings/setup/end/": Page(("POST",)),
    "settings/firm/": Page(SENT, having="legal_name", by="administrator", sends=(("name", "Stones"),)),
    "settings/firm/logo/": Page(("GET", "HEAD"), found=404),  # there is none
    "settings/apps/": Page(SENT),
    "settings/events/": Page(("GET", "HEAD")),
    "settings/events/retry/": Page(("POST",), sends=(("held", "1"),)),
    "settings/events/setting-aside/": Page(("POST",), sends=(("held", "1"),)),
    "settings/events/replay/": Page(("POST",), sends=(("listener", "crm.none"), ("since", "2026-01-01")), done=400),
    "settings/users/": Page(("GET", "HEAD")),
    "settings/users/invitation/": Page(
        SENT, having="given_name", by="administrator", sends=(("email", "new@firm.example"), ("role", "{rep}"))
    ),
    "settings/users/<id:pk>/": Page(SENT, record="colleague", having="given_name", by="administrator"),
    "settings/users/<id:pk>/invitation/": Page(("POST",), record="invited"),
    "settings/users/<id:pk>/withdrawal/": Page(("POST",), record="invited"),
    "settings/users/<id:pk>/deactivation/": Page(("POST",), record="colleague"),
    "settings/users/<id:pk>/activation/": Page(("POST",), record="colleague"),
    "settings/users/<id:pk>/sessions/end/": Page(("POST",), record="colleague"),
    "settings/users/<id:pk>/second-step/reset/": Page(("POST",), record="colleague"),
    "settings/users/<id:pk>/provider/unlink/": Page(("POST",), record="colleague"),
    "settings/users/<id:pk>/hand-over/": Page(
        SENT, record="colleague", having="taker", by="administrator", sends=(("taker", "{teammate}"),)
    ),
    **dict(_of_settings("settings/teams", "team", "parent", name="Freshly")),
    **dict(_of_settings("settings/roles", "role", "name", name="Freshly", like="{rep}")),
    "settings/roles/<id:pk>/fields/": Page(
        SENT, record="role", having="contacts.person:stage", by="administrator", sends=(("contacts.person:stage", ""),)
    ),
}

MAIL = {
    "mail/sent/": Page(("GET", "HEAD")),
    "mail/sent/<id:pk>/": Page(("GET", "HEAD"), record="outgoing_mail"),
    "mail/sent/<id:pk>/html/": Page(("GET", "HEAD"), record="outgoing_mail", framed=True),
    "mail/sent/<id:pk>/again/": Page(("POST",), record="outgoing_mail"),
    "mail/sent/<id:pk>/leave/": Page(("POST",), record="outgoing_mail"),
    "mail/templates/": Page(("GET", "HEAD")),
    "mail/templates/new/": Page(
        SENT, having="body", sends=(("name", "Freshly"), ("subject", "Hello"), ("body", "Hello."))
    ),
    "mail/templates/preview/": Page(SENT, sends=(("body", "Hello."),), framed=True, done=200),
    "mail/templates/<id:pk>/": Page(SENT, record="mail_template", having="body"),
    "mail/templates/<id:pk>/html/": Page(("GET", "HEAD"), record="mail_template", framed=True),
    "mail/templates/<id:pk>/test/": Page(("POST",), record="mail_template"),
    "mail/templates/<id:pk>/removal/": Page(("POST",), record="mail_template"),
    "mail/sink/": Page(("GET", "HEAD"), found=404),  # there is none
    "mail/sink/<id:pk>/": Page(("GET", "HEAD"), record="person", found=404),
    "mail/sink/<id:pk>/html/": Page(("GET", "HEAD"), record="person", found=404, framed=True),
    "mail/sink/<id:pk>/files/<int:number>/": Page(("GET", "HEAD"), record="person", found=404),
}

MAIL_IN = {
    "mail/": Page(("GET", "HEAD")),
    "mail/drop-box/": Page(("GET", "HEAD")),
    "mail/drop-box/new/": Page(("POST",)),
    "mail/received/<id:pk>/": Page(("GET", "HEAD"), record="mail"),
    "mail/received/<id:pk>/html/": Page(("GET", "HEAD"), record="mail", framed=True),
    "mail/received/<id:pk>/files/<slug:key>/": Page(("GET", "HEAD"), record="mail"),
    "mail/received/<id:pk>/handling/": Page(("POST",), record="mail"),
    "settings/mailboxes/": Page(("GET", "HEAD")),
    "settings/mailboxes/new/": Page(
        SENT, having="address", by="administrator",
        sends=(("address", "new@box.example"), ("way", "direct"), ("owner", "{teammate}")),
    ),
    "settings/mailboxes/<id:pk>/": Page(SENT, record="mailbox", having="address", by="administrator"),
    "settings/mailboxes/<id:pk>/test/": Page(("POST",), record="mailbox"),
    "settings/mailboxes/<id:pk>/pause/": Page(("POST",), record="mailbox"),
    "settings/mailboxes/<id:pk>/removal/": Page(("POST",), record="mailbox"),
    "settings/suppressions/": Page(("GET", "HEAD")),
    "settings/suppressions/new/": Page(
        SENT, having="address", by="administrator",
        sends=(("address", "nomore@away.example"), ("scope", "everything"), ("source", "She rang.")),
    ),
    "settings/suppressions/<id:pk>/": Page(("GET", "HEAD"), record="suppression"),
    "settings/suppressions/<id:pk>/release/": Page(
        ("POST",), record="suppression", sends=(("source", "She rang again."),)
    ),
    "settings/quarantine/": Page(("GET", "HEAD")),
    "settings/quarantine/<id:pk>/": Page(("GET", "HEAD"), record="quarantined"),
    "settings/quarantine/<id:pk>/release/": Page(("POST",), record="quarantined"),
    "settings/quarantine/<id:pk>/deletion/": Page(("POST",), record="quarantined"),
}  # fmt: skip

QUALITY = {
    "quality/duplicates/": Page(("GET", "HEAD")),
    "quality/duplicates/look/": Page(("POST",)),
    "quality/duplicates/<id:pk>/answer/": Page(("POST",), record="suggestion", sends=(("answer", "same"),)),
    "quality/duplicates/<id:pk>/reopening/": Page(("POST",), record="suggestion"),
    "quality/merge/": Page(SENT, found=404, done=404),  # of which records is asked for by number
    "quality/merge/apart/": Page(("POST",), done=404),
    "quality/merge/reversal/": Page(SENT, sends=(("act", "1"),), found=404, done=404),
    "quality/certain/": Page(("GET", "HEAD")),
    "quality/certain/switch/": Page(("POST",), sends=(("on", "yes"),), done=422),  # nobody has answered
    "quality/certain/merge/": Page(("POST",), sends=(("seen", "1.1-2.1"),), done=409),  # it is off
    "quality/certain/<id:pk>/": Page(("GET", "HEAD"), record="bulk_merge"),
    "quality/certain/<id:pk>/stop/": Page(("POST",), record="bulk_merge"),
    "quality/certain/<id:pk>/again/": Page(("POST",), record="bulk_merge"),
    "quality/certain/<id:pk>/reversal/": Page(("POST",), record="bulk_merge"),
}

IMPORTS = {
    "quality/imports/": Page(("GET", "HEAD")),
    "quality/imports/new/": Page(SENT, done=422),
    "quality/imports/sample/<slug:key>/": Page(("GET", "HEAD"), found=404),  # there is none of that name
    "quality/imports/<id:pk>/": Page(("GET", "HEAD"), record="import", found=302),
    "quality/imports/<id:pk>/columns/": Page(SENT, record="import", done=422),
    "quality/imports/<id:pk>/encoding/": Page(("POST",), record="import", sends=(("encoding", "utf-8"),)),
    "quality/imports/<id:pk>/preview/": Page(("GET", "HEAD"), record="import"),
    "quality/imports/<id:pk>/cell/": Page(
        ("POST",), record="import", sends=(("row", "2"), ("place", "0"), ("text", "Ada"))
    ),
    "quality/imports/<id:pk>/again/": Page(("POST",), record="import"),
    "quality/imports/<id:pk>/stop/": Page(("POST",), record="import"),
    "quality/imports/<id:pk>/run/": Page(("POST",), record="import"),
    "quality/imports/<id:pk>/set-aside/": Page(("GET", "HEAD"), record="import"),
    "quality/imports/<id:pk>/removal/": Page(("POST",), record="import"),
}

PAGES = {
    **QUALITY,
    **IMPORTS,
    **SIGN_IN,
    **MAIL,
    **MAIL_IN,
    **COMMON,
    **CONTACTS,
    **SAVED_VIEWS,
    **INTERACTIONS,
    **SETTINGS,
}
