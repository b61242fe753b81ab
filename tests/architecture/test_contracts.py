"""docs/contracts.md lists every event, listener, port, action and figure; nothing else is offered."""

import re
from pathlib import Path

from django.apps import apps

from crm import events, figures, ports, record_actions
from crm.access import policies
from crm.events.kinds import LIFE, check_declared

PAGE = Path("docs/contracts.md").read_text()


def table(title):
    """Return the rows of the table under a heading, as tuples of cells."""
    part = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in row) for row in rows[2:]]


def test_events():
    lives = {f"{kind}.{verb}" for kind in policies() for verb in LIFE}
    own = {kind.name: ", ".join(sorted(kind.facts)) for name, kind in events.declared().items() if name not in lives}
    assert {name: facts for name, facts, _when in table("Events")} == own


def test_listeners():
    there = {key: (", ".join(sorted(one.names)), one.safe_again) for key, one in events.listeners().items()}
    assert {key: (names, safe == "yes") for key, names, safe in table("Listeners")} == there


def test_ports():
    there = {name: ", ".join(port.parameters) for name, port in ports.offered().items()}
    assert {name: keywords for name, keywords, _does in table("Ports")} == there


def test_actions_and_figures():
    assert dict(table("Actions on record pages")) == {one.key: one.place for one in record_actions.registered()}
    assert [key for key, _says in table("Figures on record pages")] == [one.key for one in figures.registered()]


def test_each_has_an_app_that_owns_it():
    names = [*events.declared(), *events.listeners(), *ports.offered()]
    names += [one.key for one in (*record_actions.registered(), *figures.registered())]
    assert {name.partition(".")[0] for name in names} <= {config.label for config in apps.get_app_configs()}


def test_nobody_waits_for_what_cannot_come():
    check_declared()


def test_every_kind_of_record_tells_its_life():
    assert all(f"{kind}.{verb}" in PAGE or f"`{kind}`" in PAGE for kind in policies() for verb in LIFE)
    assert set(re.findall(r"`(\w+)`", PAGE.split("Every kind of record")[1].split("so of")[0])) >= set(LIFE)
