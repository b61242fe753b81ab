"""Saved views: what they keep, who sees them, in which order, and what a broken one shows."""

import re
from html import escape, unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.conditions import language
from crm.jobs import Job, work_off
from crm.models import FieldRight
from crm.saved_views import MOST, SavedView
from tests.factories import contacts
from tests.forms import filled

pytestmark = pytest.mark.django_db
P = "contacts.person"
CUSTOMERS = {"all": [{"field": f"{P}.stage", "op": "any_of", "value": ["customer"]}]}


@pytest.fixture
def people(cast):
    return [
        contacts.person(cast.owner, given_name="Ada", family_name="Qq", stage="customer", tags=["vip"]),
        contacts.person(cast.owner, given_name="Cyd", family_name="Qq", stage="lead", tags=["vip"]),
        contacts.person(cast.other, given_name="Far", family_name="Qq", stage="customer", tags=["vip"]),
    ]


def names(response):
    return set(re.findall(r"(\w+) Qq</span></a>", response.content.decode()))


def tabs(client, url="/people/"):
    text = unescape(client.get(url).content.decode())
    shown = re.search(r'<nav class="views".*?</nav>', text, re.S)[0]
    return re.findall(r">([^<]+)<", shown)


def save(client, query, name="Kept", shared=""):
    url = f"/people/views/new/?{query}"
    return client.post(url, filled(client.get(url), "name", name=name, shared=shared))


def asked(**more):
    return "&".join(
        f"{key}={value}" for key, value in {"rule": language.packed(language.parse(CUSTOMERS)), **more}.items()
    )


def test_a_view_keeps_filters_conditions_columns_and_order(cast, signed_in, people):
    client = signed_in(cast.owner)
    answer = save(client, asked(tag="vip", sort="-name", columns="name,stage"))
    view = SavedView.objects.get(name="Kept")
    assert answer.url == f"/people/?view={view.pk}"
    shown = client.get(answer.url)
    assert names(shown) == {"Ada"}
    text = shown.content.decode()
    assert 'aria-sort="descending"' in text and ">Company<" not in re.search(r"<thead.*?</thead>", text, re.S)[0]
    assert view.rule == {"v": 1, **CUSTOMERS} and view.filters == {"tag": ["vip"]}
    assert "Kept" in tabs(client)
    assert names(client.get(f"{answer.url}&after=")) == {"Ada"}


def test_a_list_changed_since_offers_to_save_the_change(cast, signed_in, people):
    client = signed_in(cast.owner)
    save(client, asked())
    view = SavedView.objects.get(name="Kept")
    assert "Save changes" not in client.get(f"/people/?view={view.pk}").content.decode()
    page = client.get(f"/people/?view={view.pk}&{asked()}&sort=name")
    assert "Save changes" in page.content.decode()
    client.post(f"/saved-views/{view.pk}/contents/?view={view.pk}&tag=vip&sort=name")
    view.refresh_from_db()
    assert (view.filters, view.rule, view.sort) == ({"tag": ["vip"]}, None, "name")


def test_who_sees_a_view_and_what_it_shows_them(cast, signed_in, people):
    save(signed_in(cast.manager), asked(), "Private one")
    save(signed_in(cast.manager), asked(), "For the team", "team")
    save(signed_in(cast.manager), asked(), "For all", "all")
    seen = {
        name: {"Private one", "For the team", "For all"} & set(tabs(signed_in(getattr(cast, name))))
        for name in ("manager", "owner", "other", "newrep")
    }
    assert seen == {
        "manager": {"Private one", "For the team", "For all"},
        "owner": {"For the team", "For all"},
        "other": {"For all"},
        "newrep": {"For all"},
    }
    shared = SavedView.objects.get(name="For all")
    assert names(signed_in(cast.owner).get(f"/people/?view={shared.pk}")) == {"Ada"}
    assert names(signed_in(cast.other).get(f"/people/?view={shared.pk}")) == {"Far"}
    private = SavedView.objects.get(name="Private one")
    for pk in (private.pk, 2**40):
        assert signed_in(cast.owner).get(f"/people/?view={pk}").status_code == 404
    assert signed_in(cast.owner).get("/people/?view=x").status_code == 400


@pytest.mark.parametrize(
    ("name", "shared", "status"),
    [
        ("owner", "all", 422),
        ("owner", "team", 302),
        ("manager", "all", 302),
        ("newrep", "team", 422),
        ("auditor", "team", 422),
    ],
)
def test_whom_one_may_share_with_depends_on_the_role(cast, signed_in, name, shared, status):
    answer = save(signed_in(getattr(cast, name)), "stage=lead", shared=shared)
    assert (answer.status_code, SavedView.objects.filter(name="Kept").count()) == (status, int(status == 302))


def test_a_view_that_asks_by_hidden_fields_has_no_tab_and_shows_nothing(cast, signed_in, people):
    save(signed_in(cast.manager), asked(), "By rule", "all")
    save(signed_in(cast.manager), "stage=customer", "By filter", "all")
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="stage", right="hidden")
    client = signed_in(cast.owner)
    assert not {"By rule", "By filter"} & set(tabs(client))
    view = SavedView.objects.get(name="By rule")
    shown = client.get(f"/people/?view={view.pk}")
    assert (names(shown), "You may not ask by this." in shown.content.decode()) == (set(), True)


def test_a_view_with_a_deleted_field_says_so_instead_of_the_wrong_rows(cast, signed_in, people):
    gone = {"v": 1, "not": {"any": [{"field": f"{P}.custom.7", "op": "is", "value": "x"}]}}
    view = SavedView.objects.create(kind=P, name="Old", owner=cast.owner, rule=gone)
    text = signed_in(cast.owner).get(f"/people/?view={view.pk}").content.decode()
    assert "A deleted field is asked by." in text and " Qq</span>" not in text


def test_own_views_are_renamed_put_in_order_removed_and_brought_back(cast, signed_in):
    client = signed_in(cast.owner)
    for name in ("One", "Two", "Three"):
        save(client, "stage=lead", name)
    two = SavedView.objects.get(name="Two")
    client.post(f"/saved-views/{two.pk}/move/", {"to": "up"})
    own = [name for name in tabs(client) if name in ("One", "Two", "Three")]
    assert own[:1] == ["Two"]
    page = client.get(f"/saved-views/{two.pk}/")
    assert client.post(f"/saved-views/{two.pk}/", filled(page, "name", name="one")).status_code == 422
    assert client.post(f"/saved-views/{two.pk}/", filled(page, "name", name="Zwei")).status_code == 302
    client.post(f"/saved-views/{two.pk}/removal/")
    assert "Zwei" not in client.get("/people/views/").content.decode().split("toast")[0]
    assert client.get(f"/people/?view={two.pk}").status_code == 404
    client.post(f"/saved-views/{two.pk}/restoration/")
    assert "Zwei" in tabs(client)


def test_more_views_than_tabs_stand_behind_more(cast, signed_in):
    client = signed_in(cast.owner)
    SavedView.objects.bulk_create(
        SavedView(kind=P, name=f"View {at:02}", owner=cast.owner, position=at + 1) for at in range(MOST)
    )
    shown = tabs(client)
    assert (shown[-2], "View 00" in shown, "View 39" in shown) == ("More", True, False)
    last = SavedView.objects.get(name=f"View {MOST - 1:02}")
    assert last.name in tabs(client, f"/people/?view={last.pk}")
    assert save(client, "stage=lead", "One too many").status_code == 422


@pytest.mark.parametrize("name", ["", "\u202e\u200b", "x" * 61, "a\0b"])
def test_a_name_that_nobody_could_read_is_refused(cast, signed_in, name):
    before = SavedView.objects.filter(owner=cast.owner).count()
    assert save(signed_in(cast.owner), "stage=lead", name).status_code == 422
    assert SavedView.objects.filter(owner=cast.owner).count() == before


@pytest.mark.parametrize("name", ["🦊 foxes", "עברית", "“quoted” & <b>bold</b>"])
def test_a_name_of_any_letters_stands_on_its_tab(cast, signed_in, name):
    client = signed_in(cast.owner)
    save(client, "stage=lead", name)
    assert escape(name) in client.get("/people/").content.decode()


def test_a_form_sent_twice_saves_one_view(cast, signed_in):
    client, url = signed_in(cast.owner), "/people/views/new/?stage=lead"
    sent = filled(client.get(url), "name", name="Kept", shared="")
    assert client.post(url, sent)["Location"] == client.post(url, sent)["Location"]
    assert SavedView.objects.filter(name="Kept").count() == 1


def test_moving_locks_once_in_the_order_of_ids_and_shares_nothing_anew(cast, signed_in):
    client = signed_in(cast.owner)
    for name in ("One", "Two"):
        save(client, "stage=lead", name, "team")
    two = SavedView.objects.get(name="Two")
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(team=cast.abroad)
    with CaptureQueriesContext(connection) as asked_for:
        client.post(f"/saved-views/{two.pk}/move/", {"to": "up"})
    locks = [one["sql"] for one in asked_for if "FOR UPDATE" in one["sql"] and "crm_savedview" in one["sql"]]
    assert len(locks) == 1 and 'ORDER BY "crm_savedview"."id"' in locks[0]
    shown = SavedView.objects.filter(name__in=["One", "Two"]).order_by("position")
    assert list(shown.values_list("name", "team")) == [("Two", cast.north.pk), ("One", cast.north.pk)]


def test_what_the_address_says_beside_the_list_is_not_kept(cast, signed_in):
    assert save(signed_in(cast.owner), f"stage=lead&form=xlsx&columns=name,{'x' * 100}").status_code == 302
    view = SavedView.objects.get(name="Kept")
    assert (view.filters, view.columns[0]) == ({"stage": ["lead"]}, "name")


def test_work_on_a_whole_list_does_not_hang_on_a_saved_view(cast, signed_in, people):
    client = signed_in(cast.owner)
    view = SavedView.objects.create(kind=P, name="Everybody", owner=cast.owner)
    sent = {"change": "tag", "all": "yes", "confirmed": "yes", "value": "chosen"}
    assert client.post(f"/people/bulk/?view={view.pk}", sent).status_code == 302
    assert signed_in(cast.owner).post(f"/people/export/?view={view.pk}").status_code == 302
    client.post(f"/saved-views/{view.pk}/removal/")
    work_off()
    assert "chosen" in contacts.reload(people[0]).tags
    assert set(Job.objects.filter(arguments__has_key="query").values_list("state", flat=True)) == {"done"}


def test_whether_a_view_may_be_shown_takes_no_query_however_much_it_asks(cast, signed_in):
    FieldRight.objects.create(role=cast.owner.role, kind=P, field="notes", right="hidden")
    owners = [{"field": f"{P}.owner", "op": "any_of", "value": [str(cast.other.pk)]}] * 5
    SavedView.objects.create(kind=P, name="First", owner=cast.owner, position=1)
    client = signed_in(cast.owner)
    client.get("/people/")
    counts = []
    for name in ("Second", "Third"):
        with CaptureQueriesContext(connection) as asked_for:
            assert client.get("/people/").status_code == 200
        counts.append(len(asked_for))
        SavedView.objects.create(kind=P, name=name, owner=cast.owner, rule={"v": 1, "any": owners})
    assert counts[0] == counts[1]
