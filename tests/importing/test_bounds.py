"""How much waits, how long, and that nothing overtaken is written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Person
from contacts.reach import PostalAddress
from crm import undo
from crm.importing import checking, files, running
from crm.importing.files import MOST_WAITING, TOO_MANY_WAIT, texts_of
from crm.importing.rows import WAITING_DAYS, Import
from crm.jobs import work_off
from crm.models import Grant
from crm.tables import reading as tables
from crm.tables.refusal import Refused
from tests.factories.contacts import reload
from tests.importing.conftest import as_xlsx, bring, check, fates, imported, rows

pytestmark = pytest.mark.django_db


def test_a_user_has_so_many_files_waiting_and_no_more(owner, cast):
    before = Import.objects.of(owner).waiting().count()
    for _number in range(MOST_WAITING - before):
        bring(owner, rows(1))
    with pytest.raises(Refused) as refused:
        bring(owner, rows(1))
    assert refused.value.reason == TOO_MANY_WAIT and "wait to be run" in files.in_words(refused.value)
    assert Import.objects.of(owner).waiting().count() == MOST_WAITING
    bring(cast.teammate, rows(1))
    files.throw_away(Import.objects.of(owner).waiting().first())
    imported(owner, rows(1))
    bring(owner, rows(1))  # what was run waits no more


def test_files_that_wait_are_together_no_larger_than_so(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.files.MOST_WAITING_BYTES", 300)
    bring(owner, rows(1))
    with pytest.raises(Refused):
        bring(owner, rows(10))


def test_what_was_never_run_is_cleared_first(owner):
    old = timezone.now() - timedelta(days=WAITING_DAYS, hours=1)
    waiting, done = bring(owner, rows(1)), imported(owner, rows(1))
    Import.objects.filter(pk__in=[waiting.pk, done.pk]).update(made_at=old)
    assert list(Import.objects.of(owner).over().filter(pk__in=[waiting.pk, done.pk])) == [waiting]


def test_a_check_that_was_overtaken_writes_nothing(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.checking.AT_ONCE", 1)
    asked = bring(owner, rows(3))
    running.ask_to_check(asked)
    slow = Import.objects.select_related("user").get(pk=asked.pk)
    planned = checking._save

    def overtaken(one, some):
        if one is slow:
            Import.objects.filter(pk=asked.pk).update(mapping=["family_name", "given_name", "email", "", ""])
            running.ask_to_check(asked)
            work_off()
        planned(one, some)

    monkeypatch.setattr("crm.importing.checking._save", overtaken)
    with pytest.raises(checking.Overtaken):
        checking.check(slow)
    asked.refresh_from_db()
    assert (asked.state, set(fates(asked).values())) == (Import.State.CHECKED, {"new"})
    assert asked.rows.filter(found__has_key="was").count() == 0


def test_a_job_that_was_overtaken_ends_without_a_word(owner, monkeypatch):
    monkeypatch.setattr("crm.importing.checking.AT_ONCE", 1)
    asked = bring(owner, rows(3))
    running.ask_to_check(asked)
    asked.refresh_from_db()
    first = asked.checking_job
    running.ask_to_check(asked)
    work_off()
    first.refresh_from_db()
    asked.refresh_from_db()
    assert (first.state, asked.state) == ("cancelled", Import.State.CHECKED)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "words",
    ["Имя;Город\nАнна;Москва\nИван;Тверь\n", "名前;会社\n太郎;東京\n次郎;大阪\n", "Name;Ort\nJörg;Köln\nAnn;Ulm\n"],
)
def test_wide_letters_without_a_mark_are_known_and_can_be_named(encoding, words):
    for asked in (None, "utf-16"):
        about, found = tables.read(words.encode(encoding), asked)
        assert [about["header"], *(cells for _number, cells in found)] == [
            line.split(";") for line in words.strip().split("\n")
        ]


def test_the_names_of_columns_are_storable(owner):
    about, _rows = tables.read(b"Given\x07 name,E-mail\nAnna,a@x.example\n")
    assert about["header"][1] == "E-mail"
    assert tables._storable("a\0b\ud800") == "ab?"
    asked = bring(owner, as_xlsx([["Given_x0000_ name", "E-mail"], ["Anna", "a@x.example"]]))
    assert asked.total == 1


def test_a_text_too_long_to_be_a_choice_is_a_cell_to_mend(owner):
    asked = check(bring(owner, [["Given name", "Stage"], ["Anna", "s" * 501], ["Bo", "Kunde"]]))
    assert texts_of(asked, 1) == ["Kunde"]
    assert fates(asked) == {2: "bad", 3: "new"}


GOOGLE = [
    "First Name", "Name Suffix", "E-mail 1 - Value", "Address 1 - Label", "Address 1 - City", "Address 2 - Label",
    "Address 2 - City",
]  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [(("Home", "Work"), {"home": "Bergen", "work": "Oslo"}), (("", ""), {"work": "Bergen", "home": "Oslo"}),
     (("Invoice", "Cabin"), {"billing": "Bergen", "home": "Oslo"})],
)  # fmt: skip
def test_the_labels_of_addresses_tell_their_kind(owner, labels, kinds):
    raw = [GOOGLE, ["Anna", "", "anna@x.example", labels[0], "Bergen", labels[1], "Oslo"]]
    asked = imported(owner, raw)
    person = reload(Person(pk=asked.rows.get().record))
    assert dict(PostalAddress.objects.of(person).values_list("kind", "city")) == kinds
    assert fates(imported(owner, raw)) == {2: "same"}


def test_two_addresses_of_one_kind_are_two_and_stay_so(owner):
    raw = [GOOGLE, ["Anna", "", "anna@x.example", "Home", "Bergen", "Home", "Oslo"]]
    asked = imported(owner, raw)
    person = reload(Person(pk=asked.rows.get().record))
    assert PostalAddress.objects.of(person).count() == 2
    assert fates(imported(owner, raw)) == {2: "same"}


def test_who_may_add_and_not_trash_takes_their_own_import_back_and_does_it_again(cast):
    agent = cast.agent
    asked = imported(agent, rows(3))
    act = undo.undo(running.act_of(asked), by=agent)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    people = Person.objects.unscoped(because="a test looks").filter(pk__in=asked.rows.values("record"))
    assert people.filter(trashed_at=None).count() == 0
    again = undo.undo(act.undone_in.get(), by=agent)
    assert (again.state, people.filter(trashed_at=None).count()) == ("undone", 3)


def test_who_may_not_change_them_any_more_leaves_what_their_import_added(cast):
    agent = cast.agent
    asked = imported(agent, rows(2))
    Grant.objects.filter(role=agent.role, kind="contacts.person", action="edit").delete()
    act = undo.undo(running.act_of(asked), by=cast.agent)
    assert act.outcome["why"].get("forbidden", 0) >= 2


def test_somebody_else_s_import_takes_the_right_to_trash(cast, owner):
    Grant.objects.filter(role=cast.administrator.role, kind="contacts.person", action="trash").delete()
    asked = imported(owner, rows(2))
    act = undo.undo(running.act_of(asked), by=cast.administrator)
    assert act.outcome["why"]["forbidden"] >= 2
