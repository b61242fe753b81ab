"""Merging the certain ones: the run, the way back, and every night."""

import pytest
from django.urls import reverse

from contacts.models import Person
from crm import duplicates, jobs, merging
from crm.duplicates import Suggestion
from crm.duplicates import certain as band
from crm.jobs import Job
from crm.merging.relations import every
from crm.undo import Act
from quality import bulk, services
from quality.models import BulkMerge, BulkMergeItem
from tests.factories import contacts, crm, interactions, quality
from tests.factories.contacts import reload
from tests.quality.bands import URL, asked, merged_into, outcomes, page, seen_on

pytestmark = pytest.mark.django_db


def of_two(client, user):
    """Ask for a run over two pairs; return it and the four."""
    quality.switched_on(user)
    four = [*quality.twins(user, "Okonkwo"), *quality.twins(user, "Halvorsen")]
    quality.found()
    return asked(client), four


def test_a_run_merges_each_by_itself_and_says_what_became_of_it(boss, signed):
    client = signed(boss)
    run, (first, second, third, fourth) = of_two(client, boss)
    assert "being merged one by one" in client.get(f"{URL}{run.pk}/").content.decode()
    assert "A run is under way" in page(client)
    jobs.work_off()
    assert merged_into(second, fourth) == [first.pk, third.pk]
    acts = [item.act for item in run.items.all()]
    assert len({act.pk for act in acts}) == 2
    job = Job.objects.get(pk=run.job_id)
    assert (job.state, job.done, job.result["changed"], job.result["left"]) == ("done", 2, 2, 0)
    assert job.result["page"] in client.get(f"/jobs/{job.pk}/").content.decode()
    assert merging.unmerge(acts[0], by=boss).state == "undone"
    content = client.get(f"{URL}{run.pk}/").content.decode()
    assert "Taken apart" in content
    assert merged_into(second, fourth).count(None) == 1


def test_a_merge_that_nobody_looked_at_is_no_answer(boss, signed, people):
    quality.switched_on(boss)
    before = band.answers(people)
    first, second = quality.twins(boss)
    quality.found()
    asked(signed(boss))
    jobs.work_off()
    assert merged_into(second) == [first.pk]
    assert band.answers(people) == before
    assert Suggestion.objects.get(left=first.pk, right=second.pk).state == "open"


def test_pressed_twice_it_runs_once(boss, signed):
    quality.switched_on(boss)
    quality.twins(boss)
    quality.found()
    client = signed(boss)
    sent = {"kind": "person", "seen": seen_on(page(client))}
    answers = [client.post(f"{URL}merge/", sent) for _press in range(2)]
    assert answers[0].url == answers[1].url
    assert BulkMerge.objects.count() == 1
    jobs.work_off()
    late = client.post(f"{URL}merge/", sent)
    assert (late.status_code, BulkMerge.objects.count()) == (409, 1)
    assert Act.objects.filter(kind="crm.merge").count() == 1


def test_what_changed_since_it_was_shown_is_left(boss, signed):
    quality.switched_on(boss)
    first, second = quality.twins(boss, "Okonkwo")
    third, fourth = quality.twins(boss, "Halvorsen")
    fifth, sixth = quality.twins(boss, "Tanaka")
    quality.found()
    client = signed(boss)
    sent = {"kind": "person", "seen": seen_on(page(client))}
    edited = Person.objects.editable_by(boss).get(pk=second.pk)
    edited.job_title = "Volcanologist"
    edited.save()
    assert client.post(f"{URL}merge/", sent).status_code == 302
    edited = Person.objects.editable_by(boss).get(pk=fourth.pk)
    edited.job_title = "Volcanologist"
    edited.save()
    jobs.work_off()
    run = BulkMerge.objects.get()
    assert outcomes(run) == {
        (first.pk, second.pk): ("left", "changed"), (third.pk, fourth.pk): ("left", "changed"),
        (fifth.pk, sixth.pk): ("merged", ""),
    }  # fmt: skip
    content = client.get(f"{URL}{run.pk}/?show=left").content.decode()
    assert "Changed since the list was made" in content
    assert str(second) in content


def test_a_list_of_which_nothing_stands_is_told(boss, signed):
    quality.switched_on(boss)
    first, second = quality.twins(boss)
    quality.found()
    client = signed(boss)
    sent = {"kind": "person", "seen": seen_on(page(client))}
    merging.merge(Person, [first.pk, second.pk], by=boss)
    answer = client.post(f"{URL}merge/", sent)
    assert (answer.status_code, "All of these have changed since" in answer.content.decode()) == (409, True)
    assert not BulkMerge.objects.exists()


@pytest.mark.parametrize("seen", ["x", "1.2.3", "1-2", "1.1-2.x", f"1.1-{10**30}.1", "-".join(["1.1"] * 11)])
def test_what_is_no_list_is_refused(boss, signed, seen):
    quality.switched_on(boss)
    assert signed(boss).post(f"{URL}merge/", {"kind": "person", "seen": seen}).status_code == 400


def test_ids_that_were_not_offered_are_not_merged(boss, signed):
    """Who makes up the list of a form gets nothing that is not certain."""
    quality.switched_on(boss)
    first, second = quality.twins(boss)
    stranger = contacts.person(boss)
    quality.found()
    client = signed(boss)
    seen = f"{first.pk}.{first.version}-{stranger.pk}.{stranger.version} {seen_on(page(client))}"
    client.post(f"{URL}merge/", {"kind": "person", "seen": seen})
    jobs.work_off()
    assert merged_into(stranger, second) == [None, first.pk]


@pytest.mark.parametrize("what", ["said", "trashed", "merged", "off", "dismissed"])
def test_what_happens_between_asking_and_doing_counts(boss, signed, what):
    quality.switched_on(boss)
    first, second = quality.twins(boss)
    quality.found()
    run = asked(signed(boss))
    pair = Suggestion.objects.get(left=first.pk, right=second.pk)
    if what == "said":
        duplicates.answer(pair, "not_same", by=boss)
    elif what == "trashed":
        second.trash(by=boss)
    elif what == "merged":
        merging.merge(Person, [first.pk, second.pk], by=boss)
    elif what == "off":
        services.switch(kind=duplicates.kind_of(Person), on=False, by=boss)
    else:
        type(boss).objects.filter(pk=boss.pk).update(is_active=False)
    jobs.work_off()
    expected = {"said": ("left", "apart"), "trashed": ("left", "gone"), "merged": ("left", "gone")}
    assert list(outcomes(run).values()) == [expected.get(what, ("", ""))]
    assert Act.objects.filter(kind="crm.merge").count() == (what == "merged")


def test_answers_that_speak_against_it_stop_it(boss, signed):
    quality.switched_on(boss)
    quality.twins(boss)
    quality.found()
    client = signed(boss)
    sent = {"kind": "person", "seen": seen_on(page(client))}
    quality.answers(boss, not_same=40)
    assert "Nothing is merged while the figures are as they are now." in page(client)
    assert client.post(f"{URL}merge/", sent).status_code == 409
    assert bulk.ask_nightly() == {}


@pytest.mark.parametrize("is_off", [True, False])
def test_a_run_that_may_not_go_on_stops_there_and_goes_on_later(boss, signed, is_off):
    """It was switched off, or answers that came since speak against it."""
    quality.switched_on(boss)
    _first, second = quality.twins(boss)
    quality.found()
    client = signed(boss)
    run = asked(client)
    if is_off:
        services.switch(kind=duplicates.kind_of(Person), on=False, by=boss)
    against = [] if is_off else quality.answers(boss, not_same=40)
    jobs.work_off()
    assert merged_into(second) == [None]
    Suggestion.objects.filter(pk__in=[one.pk for one in against]).delete()
    services.switch(kind=duplicates.kind_of(Person), on=True, knows=True, by=boss)
    client.post(f"{URL}{run.pk}/again/")
    jobs.work_off()
    assert merged_into(second) != [None]


def test_a_run_that_was_stopped_can_go_on(boss, signed):
    quality.switched_on(boss)
    _first, second = quality.twins(boss)
    quality.found()
    client = signed(boss)
    run = asked(client)
    client.post(f"{URL}{run.pk}/stop/")
    jobs.work_off()
    assert "It ended early: 1 cluster was not looked at." in client.get(f"{URL}{run.pk}/").content.decode()
    client.post(f"{URL}{run.pk}/again/")
    jobs.work_off()
    assert merged_into(second) != [None]


# The way back


def test_undo_all_takes_each_apart_and_says_what_was_kept(boss, signed):
    quality.switched_on(boss)
    one, other = quality.twins(boss, "Okonkwo", job_title="")
    every(Person).filter(pk=other.pk).update(job_title="Geologist")
    third, fourth = quality.twins(boss, "Halvorsen")
    interactions.task(boss, person=fourth)
    quality.found()
    client = signed(boss)
    run = asked(client)
    jobs.work_off()
    edited = Person.objects.editable_by(boss).get(pk=one.pk)
    edited.job_title = "Volcanologist"
    edited.save()
    content = client.get(f"{URL}{run.pk}/").content.decode()
    assert "Undo all" in content
    for _press in range(2):
        client.post(f"{URL}{run.pk}/reversal/")
    assert Job.objects.filter(kind="quality.part_certain").count() == 1
    jobs.work_off()
    assert merged_into(other, fourth) == [None, None]
    assert reload(one).job_title == "Volcanologist"
    assert outcomes(run) == {(one.pk, other.pk): ("partly", ""), (third.pk, fourth.pk): ("parted", "")}
    content = client.get(f"{URL}{run.pk}/").content.decode()
    assert "Of 1 cluster what was edited since is kept." in content
    assert "Undo all" not in content


def test_undo_all_reaches_no_further_than_its_askers_rights(keeper, rep, signed):
    client = signed(keeper)
    run, (first, second, third, fourth) = of_two(client, keeper)
    jobs.work_off()
    every(Person).filter(pk__in=[first.pk, second.pk]).update(owner=rep)
    client.post(f"{URL}{run.pk}/reversal/")
    jobs.work_off()
    assert merged_into(second, fourth) == [first.pk, None]
    assert outcomes(run) == {(first.pk, second.pk): ("stays", ""), (third.pk, fourth.pk): ("parted", "")}
    content = client.get(f"{URL}{run.pk}/").content.decode()
    assert "1 cluster stays merged" in content


def test_a_run_that_was_taken_apart_does_not_go_on(boss, signed):
    quality.switched_on(boss)
    for family in ("Brunello", "Okonkwo"):
        quality.twins(boss, family)
    quality.found()
    client = signed(boss)
    run = asked(client)
    later = run.items.filter(number=2)
    later.update(outcome="left")
    jobs.work_off()
    later.update(outcome="")  # as where it was stopped before it came to that one
    Job.objects.filter(pk=run.job_id).update(state=Job.State.CANCELLED)
    client.post(f"{URL}{run.pk}/reversal/")
    jobs.work_off()
    client.post(f"{URL}{run.pk}/again/")
    client.post(reverse("job_retry", args=[run.job_id]))
    jobs.work_off()
    assert sorted(run.items.values_list("outcome", flat=True)) == ["", "parted"]


def test_undo_all_waits_until_the_run_is_over(boss, signed):
    quality.switched_on(boss)
    quality.twins(boss)
    quality.found()
    client = signed(boss)
    run = asked(client)
    content = client.post(f"{URL}{run.pk}/reversal/", follow=True).content.decode()
    assert "It is still merging." in content and "nothing to take apart" not in content


def test_of_another_s_run_under_way_nothing_but_that_is_told(boss, keeper, signed):
    quality.switched_on(boss)
    quality.twins(boss)
    quality.found()
    run = asked(signed(boss))
    client = signed(keeper)
    response = client.post(f"{URL}merge/", {"kind": "person", "seen": "1.1-2.1"})
    assert response.status_code == 409
    for content in (response.content.decode(), page(client)):
        assert "under way" in content and f"{URL}{run.pk}/" not in content


def test_others_runs_are_for_those_who_may_change_all(boss, keeper, signed):
    run = BulkMerge.objects.create(kind=1, by=boss)
    own = BulkMerge.objects.create(kind=1, by=keeper)
    client = signed(keeper)
    assert client.get(f"{URL}{run.pk}/").status_code == 404
    assert client.post(f"{URL}{run.pk}/reversal/").status_code == 404
    assert client.get(f"{URL}{own.pk}/").status_code == 200
    content = page(client)
    assert f"{URL}{own.pk}/" in content
    assert f"{URL}{run.pk}/" not in content
    assert signed(boss).get(f"{URL}{own.pk}/").status_code == 200


def test_a_run_of_another_role_does_not_exist(boss, signed):
    run = BulkMerge.objects.create(kind=1, by=boss)
    client = signed(crm.user("Rep"))
    assert client.get(f"{URL}{run.pk}/").status_code == 404
    for path in ("stop", "again", "reversal"):
        assert client.post(f"{URL}{run.pk}/{path}/").status_code == 404


# At night


def test_every_night_with_the_rights_of_who_switched_it_on(boss, rep, keeper, people, signed):
    quality.switched_on(keeper, nightly=True)
    mine, theirs = quality.twins(keeper, "Okonkwo"), quality.twins(rep, "Halvorsen")
    quality.found()
    [pk] = bulk.ask_nightly().values()
    assert bulk.ask_nightly() == {"contacts.person": pk}, "asked twice it is one run"
    jobs.work_off()
    run = BulkMerge.objects.get()
    assert (run.is_nightly, run.by, run.job.asked_by) == (True, keeper, keeper)
    assert merged_into(mine[1], theirs[1]) == [mine[0].pk, None]
    assert bulk.ask_nightly() == {"contacts.person": "nothing to merge"}
    type(keeper).objects.filter(pk=keeper.pk).update(is_active=False)
    assert bulk.ask_nightly() == {"contacts.person": "whoever switched it on may not any more"}
    assert "is deactivated" in page(signed(boss))


def test_it_is_not_nightly_unless_that_is_said(boss):
    quality.switched_on(boss)
    quality.twins(boss)
    quality.found()
    assert bulk.ask_nightly() == {}
    assert not BulkMergeItem.objects.exists()
