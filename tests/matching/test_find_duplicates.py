"""`manage.py find_duplicates`: a file in, pairs with their evidence out, without database, broker or secret."""

import csv
import re
import subprocess
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

PEOPLE = Path(__file__).with_name("people.csv")


def found(tmp_path, text, other=None, **options):
    given = tmp_path / "given.csv"
    given.write_text(text, encoding="utf-8") if isinstance(text, str) else given.write_bytes(text)
    if other:
        (tmp_path / "other.csv").write_text(other)
        options["other"] = str(tmp_path / "other.csv")
    out = tmp_path / "pairs.csv"
    call_command("find_duplicates", str(given), out=str(out), stdout=open(tmp_path / "said", "w"), **options)  # noqa: SIM115
    return list(csv.DictReader(out.open()))


def together(rows):
    return {frozenset((row["id_1"], row["id_2"])) for row in rows if row["cluster"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robert,Alastein,r.alastein@acme.io,,", "Bob,Alastein,r.alastein@acme.io,,"),
        ("José,Whitenberg,,0250 3561383,", "Jose,Whitenberg,,+49 250 3561383,"),
        ("Anna,Müllerstein,,,Kobelt GmbH", "Anna,Muellerstein,,,Kobelt"),
        ("Chiara,Fogazzaro,chiara@bhi.net,,", "Fogazzaro,Chiara,chiara@bhi.net,,"),
        ("Joyce,Pinedales,,501-397-6620,Year SARL", "J.,Pinedales,,+1 501 397 6620,Year"),
        (",\"Fogazzaro, Chiara\",chiara@bhi.net,,", "Chiara,Fogazzaro,chiara@bhi.net,,"),
        ("Andrea,Frazier-Hendrix,andrea@bkllabs.net,,", "Andrea,Frazier,andrea@bkllabs.net,,"),
    ],
)  # fmt: skip
def test_one_person_written_two_ways_is_found(tmp_path, one, other):
    rows = found(tmp_path, f"id,given_name,family_name,email,mobile,company\n1,{one}\n2,{other}\n")
    assert together(rows) == {frozenset("12")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna,Alastein,info@acme.io,,Acme", "Peter,Brunello,info@acme.io,,Acme"),
        ("Anna,Alastein,,0250 3561383,Acme", "Peter,Brunello,,0250 3561383,Acme"),
        ("John Sr.,Alastein,,0250 3561383,", "John Jr.,Alastein,,0250 3561383,"),
        ("n/a,n/a,na@na.com,0000000000,", "n/a,n/a,na@na.com,0000000000,"),
        ("Anna,Alastein,,,", "Peter,Alastein,,,"),
    ],
)
def test_two_people_who_share_something_are_not(tmp_path, one, other):
    rows = found(tmp_path, f"id,given_name,family_name,email,mobile,company\n1,{one}\n2,{other}\n")
    assert together(rows) == set()


def test_companies_are_matched_by_name_and_address(tmp_path):
    rows = found(
        tmp_path,
        "id,company,street,city,phone\n"
        "a,Hoffmann Systems GmbH,Waloovstraße 44,Germersheim,0250 3561383\n"
        "b,Hoffmann Systems,Waloovstr. 44,Germersheim,+49 250 3561383\n"
        "c,Brunello Textiles,Waloovstr. 44,Germersheim,\n",
    )
    assert together(rows) == {frozenset("ab")}


def test_a_row_without_any_name_is_a_person_among_people(tmp_path):
    rows = found(tmp_path, "id,given_name,family_name,email\n1,Ada,Lovelacing,ada@bhi.net\n2,,,ada@bhi.net\n")
    assert [(row["id_1"], row["id_2"]) for row in rows] == [("1", "2")]


def test_two_names_that_are_alike_weigh_less_than_one_misspelt(tmp_path):
    head = "id,given_name,family_name,street,city,birth_date\n"
    house = "Lovelacing,1304 Poppy Hills Dr,Blacklick,1997-09-28\n"
    twins = found(tmp_path, f"{head}1,Mark,{house}2,Mary,{house}")
    misspelt = found(tmp_path, f"{head}1,Mark,{house}2,Marrk,{house}")
    assert float(twins[0]["weight"]) < float(misspelt[0]["weight"]) - 1


def test_the_evidence_adds_up_to_the_weight(tmp_path):
    rows = found(tmp_path, PEOPLE.read_text())
    assert len(rows) > 500
    for row in rows:
        parts = [float(number) for number in re.findall(r"\(([+-]\d+\.\d)\)", row["evidence"])]
        assert sum(parts) == pytest.approx(float(row["weight"]), abs=0.05 * len(parts) + 0.01), row
        assert ".000" not in row["score"] or float(row["score"]) in {0, 1} or float(row["score"]) > 0.9


def test_quality_does_not_slip(tmp_path):
    """Pairwise figures of the clusters, and of the pairs that are nearly certain, on a labelled list."""
    rows = found(tmp_path, PEOPLE.read_text())
    truth = {row["id"]: row["cluster"] for row in csv.DictReader(PEOPLE.open())}
    members = defaultdict(set)
    for row in rows:
        if row["cluster"]:
            members[row["cluster"]] |= {row["id_1"], row["id_2"]}
    pairs = [pair for ids in members.values() for pair in combinations(sorted(ids), 2)]
    true = defaultdict(list)
    for person, cluster in truth.items():
        true[cluster].append(person)
    expected = sum(len(ids) * (len(ids) - 1) // 2 for ids in true.values())
    right = sum(truth[one] == truth[two] for one, two in pairs)
    assert right / len(pairs) > 0.96
    assert right / expected > 0.96
    certain = [truth[row["id_1"]] == truth[row["id_2"]] for row in rows if float(row["score"]) > 0.995]
    assert len(certain) > expected / 2
    assert sum(certain) / len(certain) > 0.99


def test_two_files_are_linked_and_pairs_inside_one_are_left(tmp_path):
    head = "id,given_name,family_name,email\n"
    ada = "Ada,Lovelacing,ada@bhi.net\n"
    rows = found(tmp_path, f"{head}a1,{ada}a2,{ada}", f"{head}b1,{ada}b2,Peter,Brunello,\n")
    assert together(rows) == {frozenset(("a1", "b1")), frozenset(("a2", "b1"))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "none of the columns"),
        ("a,b\n1,2\n", "none of the columns"),
        (b"\xff\xfe\x00bad", "codec"),
        (b"PK\x03\x04\x00\x00", "none of the columns"),
    ],
)
def test_what_is_no_list_is_refused_in_words(tmp_path, text, said):
    with pytest.raises(CommandError, match=said):
        found(tmp_path, text)


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("find_duplicates", str(tmp_path / "none.csv"), out=str(tmp_path / "pairs.csv"))


@pytest.mark.parametrize(
    "text",
    [
        "id,given_name,family_name\n",
        "id;given_name;family_name\n1;Ada;Lovelacing\n2;Ada;Lovelacing\n",
        "\ufeffID,Given_Name,Family_Name\n1,Ada\n\n2,Ada,Lovelacing,more,cells\n",
        "id,given_name\n1,\x00Ada\n2,😀\n3,\u202e\n4," + "x" * 200_000 + "\n",
    ],
)
def test_lists_of_odd_shapes_are_read(tmp_path, text):
    found(tmp_path, text)


def test_it_needs_no_database_broker_or_secret(tmp_path):
    out = tmp_path / "pairs.csv"
    command = [sys.executable, "manage.py", "find_duplicates", str(PEOPLE), "--out", str(out)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "VAR_DIR": str(tmp_path / "var")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(r"\d+ pairs and \d+ clusters written", done.stdout)
    assert out.read_text().startswith("id_1,id_2,score,weight,cluster,evidence\n")
    assert not (tmp_path / "var").exists()
