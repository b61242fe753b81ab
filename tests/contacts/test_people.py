"""People and companies as a rep meets them: made, changed, reached, put away and taken back."""

import pytest
from django.db import connection

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.undo import Act
from tests.factories import contacts, crm
from tests.factories.contacts import reload
from tests.forms import filled

pytestmark = pytest.mark.django_db
PARTS = {"emails": (EmailAddress, "address"), "phones": (PhoneNumber, "number"), "addresses": (PostalAddress, "city")}


@pytest.fixture
def client(cast, signed_in):
    return signed_in(cast.owner)


def send(client, url, having="given_name", **changes):
    """Open the page of a form, change some of its fields, send it."""
    return client.post(url, filled(client.get(url), having, **changes))


def lines(prefix, *rows):
    """Return the fields of several new lines of a formset, as a browser with JavaScript adds them."""
    sent = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        sent.update({f"{prefix}-{number}-{name}": value for name, value in row.items()})
    return sent


def parts(record, kind):
    """Return the values of a record's e-mails, phones or addresses, the primary one first."""
    model, field = PARTS[kind]
    rows = list(model.objects.of(record).order_by("-is_primary", "pk").values_list(field, "is_primary"))
    assert [primary for _value, primary in rows] == [True, *([False] * (len(rows) - 1))][: len(rows)]
    return [value for value, _primary in rows]


def newest(model=Person):
    return model.objects.unscoped(because="a test looks").order_by("-pk").first()


def row_counts():
    """Return how many rows every table of people and companies has: what a refused act must leave as it was."""
    with connection.cursor() as cursor:
        tables = [m._meta.db_table for m in (Person, Company, EmailAddress, PhoneNumber, PostalAddress)]
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        cursor.execute(
            f"SELECT {counts}, (SELECT max(id) FROM contacts_person), (SELECT sum(version) FROM contacts_person)"
        )
        return cursor.fetchone()


# Making


def test_a_person_is_saved_with_every_way_to_reach_them(client, cast):
    response = send(
        client,
        "/people/new/",
        given_name="  ifeoma ",
        family_name="ADICHIE-LINDQVIST",
        tags="VIP, fair, vip",
        **lines(
            "emails",
            {"address": "Ifeoma@Nordlys.NO", "kind": "work"},
            {"address": "n@private.example", "kind": "private", "is_primary": "on"},
        ),
        **lines("phones", {"number": "412 08 844", "kind": "mobile"}, {"number": "+44 20 7946 0018", "kind": "work"}),
        **lines("addresses", {"city": "Oslo", "country": "NO", "kind": "work", "postcode": " 0277"}),
    )
    person = newest()
    assert (response.status_code, response.url) == (302, f"/people/{person.pk}/")
    assert str(person) == "Ifeoma Adichie-Lindqvist"
    assert person.typed == {"given_name": "ifeoma", "family_name": "ADICHIE-LINDQVIST"}
    assert (person.owner, person.team, person.created_by) == (cast.owner, cast.north, cast.owner)
    assert parts(person, "emails") == ["n@private.example", "ifeoma@nordlys.no"]
    assert parts(person, "phones") == ["+4741208844", "+442079460018"]
    assert parts(person, "addresses") == ["Oslo"]
    assert person.country == "NO"
    assert {"ifeoma", "adichie", "lindqvist", "nordlys"} <= set(person.words)
    assert sorted(person.tags, key=str.casefold) == person.tags


def test_what_was_typed_is_kept_beside_the_standard(client):
    send(
        client, "/people/new/", given_name="Ada", **lines("emails", {"address": " <Ada@EXAMPLE.org> ", "kind": "work"})
    )
    email = EmailAddress.objects.of(newest()).get()
    assert (email.address, email.typed) == ("ada@example.org", "<Ada@EXAMPLE.org>")


@pytest.mark.parametrize(
    ("_case", "changes", "told"),
    [
        ("nobody has no name at all", {"given_name": "", "family_name": ""}, "A given or a family name is needed."),
        ("a space is no name", {"given_name": " \u200b", "family_name": ""}, "A given or a family name is needed."),
        ("no e-mail address", lines("emails", {"address": "ada at home", "kind": "work"}), "No e-mail address"),
        ("no domain ending", lines("emails", {"address": "ada@home", "kind": "work"}), "No domain ending: ada@home"),
        ("no phone number", lines("phones", {"number": "call me", "kind": "work"}), "No phone number: call me"),
        ("too short a number", lines("phones", {"number": "+47 12", "kind": "work"}), "Too short or too long"),
        ("an address of nothing", lines("addresses", {"extra": "c/o", "kind": "work"}), "at least a city or a country"),
        (
            "two primary e-mails",
            lines(
                "emails",
                {"address": "a@a.example", "kind": "work", "is_primary": "on"},
                {"address": "b@b.example", "kind": "work", "is_primary": "on"},
            ),
            "Only one can be primary.",
        ),
        ("an unknown kind", lines("emails", {"address": "a@a.example", "kind": "pigeon"}), "pigeon"),
        ("an unknown stage", {"stage": "enemy"}, "enemy"),
        ("a name without end", {"given_name": "x" * 101}, "at most 100"),
        ("notes without end", {"notes": "x" * 20001}, "at most 20000"),
        ("a day that never was", {"born_on": "2026-02-30"}, "valid date"),
        ("no currency", {"currency": "euros"}, "at most 3"),
    ],
)
def test_what_does_not_pass_the_gate_is_refused_whole(client, _case, changes, told):
    before = row_counts()
    response = send(client, "/people/new/", **{"given_name": "Ada", **changes})
    assert response.status_code == 422
    assert told in response.content.decode()
    assert row_counts() == before


@pytest.mark.parametrize("value", ["x", "-1", "", "99999999", "2", "9" * 30, "1.5"])
@pytest.mark.parametrize("name", ["emails-TOTAL_FORMS", "emails-INITIAL_FORMS", "emails-0-id", "addresses-TOTAL_FORMS"])
def test_a_tampered_formset_is_refused_or_harmless(client, cast, name, value):
    url = f"/people/{contacts.person(cast.owner, emails=['a@a.example']).pk}/edit/"
    assert send(client, url, **{name: value, "emails-0-address": "changed@a.example"}).status_code in (302, 404, 422)
    response = send(client, "/people/new/", **{"given_name": "Ada", name: value})
    assert response.status_code in (302, 422)
    assert b"addresses-31-" not in response.content  # a thousand would take half a minute to draw


def test_a_form_without_its_formsets_is_refused(client):
    assert client.post("/people/new/", {"given_name": "Ada"}).status_code == 422


@pytest.mark.parametrize(
    ("_case", "typed", "country", "number"),
    [
        ("in the address's country", "020 7946 0018", "GB", "+442079460018"),
        ("with a country code anywhere", "+49 30 901820", "GB", "+4930901820"),
        ("with the international prefix", "00 49 30 901820", "NO", "+4930901820"),
        ("with brackets and an extension", "(020) 7946-0018 ext. 12", "GB", "+442079460018"),
    ],
)
def test_a_number_is_read_in_the_country_of_the_address(client, _case, typed, country, number):
    send(
        client,
        "/people/new/",
        given_name="Ada",
        **lines("phones", {"number": typed, "kind": "work"}),
        **lines("addresses", {"city": "Here", "country": country, "kind": "work"}),
    )
    phone = PhoneNumber.objects.of(newest()).get()
    assert (phone.number, phone.typed) == (number, typed)


# Making at a company


@pytest.fixture
def nordlys(cast):
    return contacts.company(
        cast.owner,
        name="Nordlys",
        currency="NOK",
        addresses=[{"street": "Drammensveien 131", "postcode": "0277", "city": "Oslo", "country": "NO"}],
    )


@pytest.mark.parametrize("url", ["/people/new/", "/people/quick/"])
def test_a_new_person_works_where_the_company_is(client, nordlys, url):
    send(client, url, given_name="Ada", company=str(nordlys.pk))
    person = newest()
    assert (person.company_id, person.country, person.currency) == (nordlys.pk, "NO", "NOK")
    assert [str(address) for address in PostalAddress.objects.of(person)] == [
        "Drammensveien 131, 0277 Oslo, Norway",
    ]


def test_an_address_of_ones_own_and_a_currency_are_kept(client, nordlys):
    home = lines("addresses", {"city": "Bergen", "country": "NO", "kind": "home"})
    send(client, "/people/new/", given_name="Ada", company=str(nordlys.pk), currency="eur", **home)
    assert parts(newest(), "addresses") == ["Bergen"]
    assert newest().currency == "EUR"


def test_a_national_number_at_a_company_is_read_in_its_country(client, nordlys):
    send(
        client, "/people/quick/", given_name="Ada", company=str(nordlys.pk), phone="41 20 77 33", email="ada@n.example"
    )
    assert parts(newest(), "phones") == ["+4741207733"]
    assert parts(newest(), "emails") == ["ada@n.example"]


def test_a_company_typed_without_javascript_is_found(client, nordlys):
    send(client, "/people/quick/", given_name="Ada", company="", company_text="Nordlys")
    assert newest().company_id == nordlys.pk


def test_a_company_that_several_fit_is_asked_for_again(client, cast):
    for city in ("Oslo", "Bergen"):
        contacts.company(cast.owner, name="Twin Works", industry=city)
    response = send(client, "/people/quick/", given_name="Ada", company="", company_text="twin")
    assert response.status_code == 422
    assert "Several fit" in response.content.decode()


def test_moving_to_another_company_changes_no_address(client, nordlys, cast):
    person = contacts.person(cast.owner, addresses=[{"city": "Paris", "country": "FR"}], currency="EUR")
    send(client, f"/people/{person.pk}/edit/", company=str(nordlys.pk))
    assert (reload(person).company_id, reload(person).currency) == (nordlys.pk, "EUR")
    assert parts(person, "addresses") == ["Paris"]


# Whose it is


def test_a_new_record_is_its_makers_unless_given_away(client, cast):
    send(client, "/people/new/", given_name="Ada", owner="")
    assert newest().owner == cast.owner


@pytest.mark.parametrize(
    ("_case", "name", "value", "url"),
    [
        ("a hidden company", "company", "other_company", "/people/new/"),
        ("a hidden company in the quick form", "company", "other_company", "/people/quick/"),
        ("a company in the trash", "company", "trashed_company", "/people/new/"),
        ("an owner of another team", "owner", "other", "/people/new/"),
        ("a colleague, whom a rep gives nothing", "owner", "teammate", "/people/new/"),
        ("a hidden company for a person", "company", "other_company", "edit"),
        ("an owner of another team for a person", "owner", "other", "edit"),
    ],
)
def test_what_one_may_not_choose_is_refused_as_what_does_not_exist(client, world, _case, name, value, url):
    chosen = world.records.get(value) or getattr(world.cast, value)
    url = f"/people/{world['person'].pk}/edit/" if url == "edit" else url
    before = row_counts()
    refused = send(client, url, **{"given_name": "Ada", name: str(chosen.pk)})
    missing = send(client, url, **{"given_name": "Ada", name: "987654321"})
    assert (refused.status_code, missing.status_code) == (422, 422)
    assert row_counts() == before
    said = [
        response.content.decode().split("invalid-feedback")[1].split("</div>")[0] for response in (refused, missing)
    ]
    assert said[0] == said[1]


def test_a_manager_gives_to_those_of_the_teams_below(world, signed_in):
    url = f"/people/{world['person'].pk}/edit/"
    client = signed_in(world.cast.manager)
    assert send(client, url, owner=str(world.cast.teammate.pk)).status_code == 302
    assert send(client, url, owner=str(world.cast.other.pk)).status_code == 422
    assert reload(world["person"]).owner == world.cast.teammate


def test_the_team_follows_the_owner(world, signed_in):
    client = signed_in(world.cast.administrator)
    send(client, f"/people/{world['person'].pk}/edit/", owner=str(world.cast.other.pk))
    assert reload(world["person"]).team == world.cast.abroad
    assert not Person.objects.visible_to(world.cast.owner).filter(pk=world["person"].pk)


# Changing


@pytest.fixture
def ada(cast):
    return contacts.person(
        cast.owner,
        given_name="Ada",
        family_name="Lovelace",
        emails=["ada@work.example", "ada@home.example"],
        phones=["+44 20 7946 0018"],
        addresses=[{"city": "London", "country": "GB"}],
    )


def test_the_primary_address_switches_and_the_country_follows(client, ada):
    url = f"/people/{ada.pk}/edit/"
    change = {"emails-0-is_primary": [], "emails-1-is_primary": "on"}
    paris = {"addresses-0-is_primary": [], "addresses-1-city": "Paris", "addresses-1-country": "FR"}
    assert send(client, url, **change, **paris, **{"addresses-1-is_primary": "on"}).status_code == 302
    assert parts(ada, "emails") == ["ada@home.example", "ada@work.example"]
    assert parts(ada, "addresses") == ["Paris", "London"]
    assert reload(ada).country == "FR"


def test_removing_the_primary_makes_the_next_one_primary(client, ada):
    assert send(client, f"/people/{ada.pk}/edit/", **{"emails-0-DELETE": "on"}).status_code == 302
    assert parts(ada, "emails") == ["ada@home.example"]
    assert "work" not in reload(ada).words


def test_a_line_left_empty_is_no_line(client, ada):
    assert send(client, f"/people/{ada.pk}/edit/").status_code == 302
    assert (len(parts(ada, "emails")), len(parts(ada, "phones")), len(parts(ada, "addresses"))) == (2, 1, 1)


def test_saving_what_nobody_changed_is_no_change(client, ada):
    version, updated = reload(ada).version, reload(ada).updated_at
    send(client, f"/people/{ada.pk}/edit/")
    assert (reload(ada).version, reload(ada).updated_at) == (version, updated)


def test_the_line_of_another_record_is_not_taken_over(client, ada, world):
    theirs = EmailAddress.objects.of(world["other_person"]).get()
    page = filled(client.get(f"/people/{ada.pk}/edit/"), "given_name")
    response = client.post(
        f"/people/{ada.pk}/edit/", {**page, "emails-0-id": str(theirs.pk), "emails-0-address": "stolen@x.example"}
    )
    assert response.status_code == 422
    theirs = EmailAddress.objects.of(world["other_person"]).get()
    assert theirs.address == "quixotic@mail.example"
    assert parts(ada, "emails")[0] == "ada@work.example"


def test_a_hidden_company_stays_when_its_field_is_left_empty(client, world, ada):
    Person._base_manager.filter(pk=ada.pk).update(company=world["other_company"])
    assert send(client, f"/people/{ada.pk}/edit/", job_title="Countess").status_code == 302
    assert (reload(ada).company_id, reload(ada).job_title) == (world["other_company"].pk, "Countess")


# Two at once


def test_a_stale_form_is_refused_and_shows_what_differs(client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    page = filled(client.get(url), "given_name")
    send(signed_in(world.cast.manager), url, job_title="Enchantress")
    before = row_counts()
    response = client.post(url, {**page, "job_title": "Countess", "emails-0-address": "new@work.example"})
    assert response.status_code == 422
    assert row_counts() == before
    assert (reload(ada).job_title, parts(ada, "emails")[0]) == ("Enchantress", "ada@work.example")
    text = response.content.decode()
    assert f"{world.cast.manager} changed this in the meantime" in text
    assert "Countess" in text
    assert "Saved now: Enchantress" in text
    assert "Take theirs" in text


def test_what_only_the_other_changed_is_taken_over_and_what_only_i_changed_stays(client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    page = filled(client.get(url), "given_name")
    theirs = {"stage": "customer", "tags": "vip, north", "born_on": "1815-12-10", "phones-0-number": "+47 412 07 555"}
    send(signed_in(world.cast.manager), url, **theirs)
    response = client.post(url, {**page, "job_title": "Countess", "emails-0-address": "new@work.example"})
    assert response.status_code == 422
    assert "Taken over from them: " in response.content.decode()
    assert "Saved now" not in response.content.decode()
    assert reload(ada).job_title == ""
    again = filled(response, "given_name")
    assert [again[name] for name in ("stage", "job_title", "tags")] == [["customer"], ["Countess"], ["north,vip"]]
    assert client.post(url, again).status_code == 302
    saved = reload(ada)
    assert (saved.stage, saved.job_title, saved.tags) == ("customer", "Countess", ["north", "vip"])
    assert saved.born_on.isoformat() == "1815-12-10"
    assert parts(ada, "emails")[0] == "new@work.example"
    assert parts(ada, "phones") == ["+4741207555"]


def test_a_conflict_names_what_both_changed_and_the_next_save_decides(client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    page = filled(client.get(url), "given_name")
    send(signed_in(world.cast.manager), url, job_title="Enchantress", notes="Theirs")
    refused = client.post(url, {**page, "job_title": "Countess"})
    again = filled(refused, "given_name")
    assert (again["job_title"], again["notes"]) == (["Countess"], ["Theirs"])
    assert client.post(url, again).status_code == 302
    assert (reload(ada).job_title, reload(ada).notes) == ("Countess", "Theirs")


def test_a_third_change_between_two_saves_is_met_again(client, ada, world, signed_in):
    url, manager = f"/people/{ada.pk}/edit/", signed_in(world.cast.manager)
    page = filled(client.get(url), "given_name")
    send(manager, url, job_title="Enchantress")
    again = filled(client.post(url, {**page, "job_title": "Countess"}), "given_name")
    send(manager, url, job_title="Sorceress")
    third = client.post(url, again)
    assert third.status_code == 422
    assert "Saved now: Sorceress" in third.content.decode()


@pytest.mark.parametrize("opened", ["", "{", "[]", '{"": 1}', "x" * 60_000, "null", '{".job_title": ["a"]}'])
def test_a_form_that_does_not_say_what_it_was_opened_with_overwrites_nothing(opened, client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    page = filled(client.get(url), "given_name")
    send(signed_in(world.cast.manager), url, job_title="Enchantress")
    response = client.post(url, {**page, "job_title": "Countess", "opened": opened})
    assert response.status_code == 422
    assert reload(ada).job_title == "Enchantress"


def test_a_form_that_does_not_say_its_version_is_stale(client, ada):
    page = filled(client.get(f"/people/{ada.pk}/edit/"), "given_name", job_title="Countess")
    del page["version"]
    assert client.post(f"/people/{ada.pk}/edit/", page).status_code == 422
    assert reload(ada).job_title == ""


def test_a_changed_e_mail_makes_a_form_stale_too(client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    page = filled(client.get(url), "given_name")
    send(signed_in(world.cast.manager), url, **{"emails-0-address": "theirs@work.example"})
    assert client.post(url, {**page, "emails-0-address": "mine@work.example"}).status_code == 422
    assert parts(ada, "emails")[0] == "theirs@work.example"


def test_two_forms_that_each_add_a_first_phone_do_not_fail(client, cast):
    person = contacts.person(cast.owner)
    url = f"/people/{person.pk}/edit/"
    pages = [filled(client.get(url), "given_name") for _ in range(2)]
    answers = [
        client.post(url, {**page, "phones-0-number": f"+47 412 07 73{number}", "phones-0-is_primary": "on"})
        for number, page in enumerate(pages)
    ]
    assert [answer.status_code for answer in answers] == [302, 422]
    assert parts(person, "phones") == ["+4741207730"]


def test_a_form_sent_twice_makes_one_person(client):
    page = filled(client.get("/people/new/"), "given_name", given_name="Twice")
    first, second = client.post("/people/new/", page), client.post("/people/new/", page)
    assert Person.objects.unscoped(because="a test counts").filter(given_name="Twice").count() == 1
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])


# Putting away


@pytest.mark.parametrize("kind", ["person", "company"])
def test_what_is_put_away_is_gone_and_comes_back(client, world, kind):
    record, list_url = world[kind], {"person": "/people/", "company": "/companies/"}[kind]
    response = client.post(f"{list_url}{record.pk}/trash/", follow=True)
    undo = f"/undo/{Act.objects.order_by('-pk').first().pk}/reversal/"
    assert undo in response.content.decode()
    assert not type(record).objects.visible_to(world.cast.owner).filter(pk=record.pk)
    for url in (list_url, f"/search/?q={str(record).split()[0]}", f"{list_url}choices/?q={str(record).split()[0]}"):
        assert f"{list_url}{record.pk}/" not in client.get(url).content.decode()
    assert str(record) in client.get(f"{list_url}trash/").content.decode()
    assert client.post(undo).url == f"{list_url}{record.pk}/"
    assert client.get(f"{list_url}{record.pk}/").status_code == 200


def test_putting_away_twice_notes_the_first(client, world):
    person = world["person"]
    assert client.post(f"/people/{person.pk}/trash/").status_code == 302
    at = reload(person).trashed_at
    assert client.post(f"/people/{person.pk}/trash/").status_code == 404
    assert reload(person).trashed_at == at


def test_a_merged_id_redirects_to_whom_it_became(client, world, ada, signed_in):
    old = contacts.person(world.cast.owner, given_name="Augusta")
    Person._base_manager.filter(pk=old.pk).update(merged_into=ada)
    assert client.get(f"/people/{old.pk}/").url == f"/people/{ada.pk}/"
    assert signed_in(world.cast.other).get(f"/people/{old.pk}/").status_code == 404
    edit = client.get(f"/people/{old.pk}/edit/")
    assert (edit.status_code, edit.url) == (301, f"/people/{ada.pk}/edit/")


# Who changed what


def test_changes_say_who_changed_what(client, ada, world, signed_in):
    url = f"/people/{ada.pk}/edit/"
    send(signed_in(world.cast.manager), url, job_title="Enchantress", owner=str(world.cast.teammate.pk))
    send(signed_in(world.cast.teammate), url, **{"emails-0-DELETE": "on", "phones-0-number": "+44 20 7946 0019"})
    text = client.get(f"/people/{ada.pk}/changes/").content.decode()
    for words in (
        "Manager",
        "Enchantress",
        "Teammate",
        "ada@work.example",
        "+442079460018",
        "+442079460019",
        "removed",
    ):
        assert words in text


def test_changes_do_not_name_what_the_reader_may_not_see(client, ada, world, signed_in):
    send(signed_in(world.cast.administrator), f"/people/{ada.pk}/edit/", company=str(world["other_company"].pk))
    assert "Quixotic" not in client.get(f"/people/{ada.pk}/changes/").content.decode()
    assert "Quixotic" in signed_in(world.cast.auditor).get(f"/people/{ada.pk}/changes/").content.decode()


# A company


def test_a_company_is_saved_with_its_domain(client):
    website = "WWW.Acme.co.uk/about"
    assert send(client, "/companies/new/", "website", name=" Acme  Ltd ", website=website, size="50").status_code == 302
    company = newest(Company)
    assert (company.name, company.website, company.domain) == ("Acme Ltd", "https://WWW.Acme.co.uk/about", "acme.co.uk")
    assert "acme" in company.words


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "ftp://acme.example", "mailto:a@b.example", "acme", "data:text/html,x"]
)
def test_what_is_no_web_site_is_refused(client, website):
    assert send(client, "/companies/new/", "website", name="Acme", website=website).status_code == 422


def test_the_people_of_a_company_are_those_one_sees(client, world):
    hidden = contacts.person(crm.user(team=crm.team()), given_name="Hidden", company=world["company"])
    text = client.get(f"/companies/{world['company'].pk}/").content.decode()
    assert str(world["person"]) in text
    assert str(hidden) not in text
