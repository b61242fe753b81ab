"""Past mistakes of well-known systems as rules over the source: each names the one way that is right."""

import ast
import re
from collections import Counter

import pytest
from django.template.loader import get_template

from tests.architecture.source import APPS, ROOT, above, at, called, modules, templates


def found(trees, looks):
    """Return where `looks(node)` holds."""
    return [at(path, node) for path, tree in trees.items() for node in ast.walk(tree) if looks(node)]


def counted(trees, looks):
    """Return {path: how often `looks(node)` holds}."""
    return dict(Counter(place.split(":")[0] for place in found(trees, looks)))


# The door


def test_only_the_ground_floor_speaks_sql():
    """Outside crm/ there is no cursor, no raw query and no manager that passes the seal."""
    calls_of = {"raw", "cursor", "extra", "RawSQL", "save_base", "_raw_delete"}
    names = {"_base_manager", "opening", "connection", "connections"}

    def looks(node):
        return (
            (isinstance(node, ast.Call) and called(node) in calls_of)
            or (isinstance(node, ast.Attribute) and node.attr in names)
            or (isinstance(node, ast.alias) and node.name in names)
        )

    assert found(above(), looks) == []


READERS_OF_HISTORY = {
    *("crm/changes.py", "crm/audit/events.py", "crm/audit/entries.py", "crm/audit/activity.py"),
    *("crm/history.py", "crm/migrating.py", "crm/settings.py"),  # who write it
}


def test_history_is_read_in_one_place():
    """Event models are read by crm.changes and crm.audit alone: they ask for whom before they read."""

    def looks(node):
        name = getattr(node, "attr", getattr(node, "name", "")) or getattr(node, "module", "") or ""
        return name.startswith(("pgh_", "pghistory.models")) or name in ("pghistory", "MiddlewareEvents", "Events")

    assert set(counted(modules(), looks)) <= READERS_OF_HISTORY


UNSCOPED = {
    "contacts/duplicates.py": 2,
    "contacts/forms.py": 1,
    "contacts/importing/reading.py": 1,
    "contacts/loading/people.py": 1,
    "contacts/services.py": 1,
    "contacts/undoing.py": 4,
    "contacts/models.py": 2,
    "crm/administration/services.py": 1,
    "crm/duplicates/full_run.py": 1,
    "crm/duplicates/keeping.py": 1,
    "crm/handover.py": 2,
    "crm/listeners.py": 1,
    "crm/listing/paging.py": 1,
    "crm/merging/relations.py": 1,
    "crm/record_forms.py": 1,
    "crm/records.py": 3,
    "crm/sharing.py": 1,
    "crm/undo/allowing.py": 1,
    "crm/undo/told.py": 1,
    "interactions/activity.py": 2,
    "interactions/columns.py": 1,
    "interactions/contact_dates.py": 4,
    "interactions/figures.py": 1,
    "interactions/importing/parties.py": 1,
    "interactions/importing/talks.py": 2,
    "interactions/importing/tasks.py": 1,
    "interactions/policies.py": 2,
    "interactions/due_dates.py": 1,
    "interactions/tasks.py": 3,
    "interactions/timeline.py": 2,
    "interactions/undoing.py": 2,
}
"""Where records are opened for nobody in particular, and how often. A new one is looked at by two people."""


def test_every_unscoped_set_is_known_here():
    assert counted(modules(), lambda node: isinstance(node, ast.Call) and called(node) == "unscoped") == UNSCOPED


def test_every_unscoped_set_says_why():
    def silent(node):
        if not (isinstance(node, ast.Call) and called(node) == "unscoped"):
            return False
        reasons = [word.value for word in node.keywords if word.arg == "because"]
        return node.args or not (reasons and isinstance(reasons[0], ast.Constant) and len(reasons[0].value.split()) > 1)

    assert found(modules(), silent) == []


def test_sets_are_opened_by_the_doors_own_methods():
    """`_opened` is for the querysets of models that say in their docstring for whom."""
    opened = counted(modules(), lambda node: isinstance(node, ast.Call) and called(node) == "_opened")
    assert set(opened) <= {"crm/door.py", "interactions/models.py"}


def test_nothing_is_prefetched_by_name():
    """A name over a forward key passes the seal; a Prefetch carries a set opened for the reader."""

    def looks(node):
        named = isinstance(node, ast.Call) and called(node) == "prefetch_related"
        return named and any(isinstance(argument, ast.Constant) for argument in node.args)

    assert found(modules(), looks) == []


def test_what_is_joined_by_select_related_is_no_record():
    """Users and roles are known to all; a record comes through the door by its id."""
    known = {
        "owner",
        "role",
        "team",
        "trashed_by",
        "done_by",
        "user",
        "shared_by",
        "asked_by",
        "file",
        "by",
        "act",
        "event",
        "event__by",
        "undone_by",
        "undoes",
        "job",
        "undoing_job",
        "checking_job",
        "parting_job",
        "pgh_context",
        *("release", "release__by"),  # the end of a suppression
        *("mail", "raw", "mailbox", "thread", "mailbox__owner", "thread__owner"),  # of mail that came in: no records
        None,
    }

    def looks(node):
        joins = isinstance(node, ast.Call) and called(node) == "select_related"
        return joins and any(getattr(argument, "value", "?") not in known for argument in node.args)

    assert found(modules(), looks) == []


# The one path to a saved record

WRITES = {
    "contacts/services.py": {"delete": 1, "update": 1},  # a part, with its record; the one that steps down
    "contacts/undoing.py": {"bulk_update": 2},  # words, order and country that follow from what an undo restored
    "crm/access.py": {"bulk_create": 1},  # grants
    "crm/accounts/provider.py": {"delete": 1},  # a link to the firm's sign-in
    "crm/accounts/second_step.py": {"delete": 1},  # authenticators
    "crm/accounts/sessions_of.py": {"delete": 2, "update": 1},  # sessions, and when they were seen
    "crm/accounts/views.py": {"update": 1},  # a user's own theme
    "crm/administration/services.py": {"delete": 5, "get_or_create": 1},  # pictures, invitations, teams, roles
    "crm/cache.py": {"delete": 3, "update": 1},
    "crm/demo/__init__.py": {"bulk_create": 1},  # labels
    "crm/duplicates/counting.py": {"delete": 1},  # counts that are taken anew
    "crm/duplicates/keeping.py": {"update_or_create": 1},  # by which specification keys were built
    "crm/duplicates/full_run.py": {"bulk_create": 1, "delete": 2},  # its own parts
    "crm/duplicates/suggesting.py": {"bulk_update": 1, "get_or_create": 1, "update": 5},  # and answers
    "crm/demo/firm.py": {"bulk_create": 1},  # users
    "crm/events/delivering.py": {"bulk_create": 1, "delete": 2, "update": 1},  # places of listeners, what they hold
    "crm/events/settling.py": {"bulk_create": 1, "delete": 1, "update": 2},  # what listeners hold
    "crm/firm.py": {"get_or_create": 2},  # the one row
    "crm/handover.py": {"update": 1},  # owner and team of records that change hands
    "crm/importing/checking.py": {"update": 4},  # states, counts and cells of an import
    "crm/importing/files.py": {"delete": 2},  # a file thrown away, rows that are read again
    "crm/importing/mapping.py": {"update_or_create": 1},  # how a file was mapped
    "crm/importing/numbers.py": {"bulk_create": 1, "delete": 1, "update": 1},  # numbers in other programs, journaled
    "crm/importing/running.py": {"update": 4},  # states of an import, how many records its act is about
    "crm/jobs/asking.py": {"bulk_create": 1, "update": 4},
    "crm/jobs/running.py": {"update": 4},
    "crm/mailing/claiming.py": {"update": 1},  # the turn of a provider
    "crm/mailing/outcomes.py": {"bulk_create": 2, "get_or_create": 1, "update": 7},  # what became of a mail, evidence
    "crm/mailing/sending.py": {"bulk_create": 2, "update": 2},  # the outbox
    "crm/mailing/views/templates.py": {"delete": 1},  # a template
    "crm/merging/joining.py": {"delete": 1, "update": 4},  # rows that move, tombstones; journaled, and followed up
    "crm/merging/parting.py": {"update": 1},  # what a later merge restores instead
    "crm/models.py": {"update": 1},  # a team's path
    "crm/notifications/forms.py": {"update_or_create": 1},  # how a user likes to be told
    "crm/notifications/mailed.py": {"update": 2},  # when it was mailed, or is to be
    "crm/notifications/reading.py": {"update": 1},
    "crm/notifications/telling.py": {"bulk_create": 1, "update": 1},
    "crm/records.py": {
        "update": 5
    },  # trash, of one and of many, restore, words that follow, a version that counts its parts
    "crm/receiving/addresses.py": {"get_or_create": 3, "update": 1},  # drop boxes, threads
    "crm/receiving/polling.py": {"update": 6},  # how far a mailbox is fetched, and who fetches it
    "crm/receiving/taking.py": {"bulk_create": 1},  # where a mail was delivered
    "crm/receiving/threads.py": {"bulk_create": 1, "update_or_create": 1},  # Message-IDs of a thread
    "crm/receiving/views/mailboxes.py": {"update": 1},  # a mailbox, whether it is paused
    "crm/receiving/working.py": {"bulk_create": 1, "delete": 2, "update": 5},  # files, states and tries of a mail
    "crm/saved_views.py": {"delete": 1},  # those removed long ago
    "crm/tasks.py": {"delete": 8},  # ended sessions, old answers, notifications, jobs, files, imports; files begun anew
    "crm/sharing.py": {"delete": 3, "update": 1, "update_or_create": 1},  # shares, and their marks in records
    "crm/undo/pruning.py": {"delete": 1},  # acts that can be undone no more
    "crm/undo/recording.py": {"update": 2},  # how many rows an act has, and that its job is through
    "crm/undo/undoing.py": {"update": 3},  # what became of acts and their entries
    "interactions/contact_dates.py": {"update": 1},  # dates that follow
    "interactions/models.py": {"update": 1},  # a participation's time follows its talk's
    "interactions/services.py": {"bulk_create": 1},  # participations of a new talk
    "interactions/tasks.py": {"update": 1},  # a task's reminder was given
    "quality/bulk.py": {"bulk_create": 1},  # the clusters of a run
    "quality/services.py": {"get_or_create": 1},  # the one rule of a kind
    "interactions/due_dates.py": {"bulk_update": 1},  # when tasks are due follows from their day and owner
}
"""Writes that pass `Gated.save`, and why they may. A record's values are written by save, or by crm.loading's gate."""


def test_every_other_way_to_write_is_known_here():
    names = ("bulk_create", "bulk_update", "update", "delete", "save_base", "update_or_create", "get_or_create")

    def writes(node):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names):
            return False
        return not (node.func.attr == "update" and (node.args or not node.keywords))  # dict.update

    written = {}
    for path, tree in modules().items():
        names_here = Counter(
            called(node) for node in ast.walk(tree) if writes(node) and not _makes_no_record(path, node)
        )
        if names_here:
            written[path] = dict(names_here)
    assert written == WRITES


def _makes_no_record(path, node):
    """Roles, teams and tags are found or made; they are no records."""
    return called(node) == "get_or_create" and path in ("crm/access.py", "crm/demo/firm.py")


# Text, time, names


def test_text_stays_text():
    """No mark_safe; SafeString only where Python draws what a template would."""
    assert found(modules(), lambda node: isinstance(node, ast.alias) and node.name == "mark_safe") == []
    makers = counted(modules(), lambda node: isinstance(node, ast.Call) and called(node) == "SafeString")
    drawn = {
        "contacts/columns.py",
        "crm/form_renderer.py",
        "crm/listing/columns.py",
        "crm/marks.py",
        "crm/audit/columns.py",
    }
    assert set(makers) <= drawn | {"crm/templatetags/cornerstone.py", "interactions/timeline.py"}


def test_html_is_never_formatted_from_a_made_up_template():
    """The first argument of format_html is a constant, or the words it escapes are not."""

    def looks(node):
        if not (isinstance(node, ast.Call) and called(node) in ("format_html", "format_html_join")):
            return False
        pattern = node.args[1 if called(node) == "format_html_join" else 0]
        constant = isinstance(pattern, ast.Constant)
        return not (constant or re.fullmatch(r"(str\()?_\('[^']*'\)\)?", ast.unparse(pattern)))

    assert found(modules(), looks) == []


def test_clocks_are_read_through_django():
    """datetime.now, date.today and utcnow know no zone and no frozen clock."""

    def looks(node):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return False
        owner = ast.unparse(node.func.value).split(".")[-1]
        return node.func.attr in ("now", "today", "utcnow") and owner in ("datetime", "date")

    assert found(modules(), looks) == []


def test_no_module_is_named_for_nothing():
    nameless = {"utils.py", "helpers.py", "common.py", "misc.py", "managers.py", "signals.py", "handlers.py"}
    assert [path for path in modules() if path.split("/")[-1] in nameless] == []


def test_our_apps_send_one_another_no_signals():
    """What must flow upward is registered; the one signal is Django's, after migrations."""
    names = ("Signal", "receiver")
    assert found(modules(), lambda node: isinstance(node, ast.alias) and node.name in names) == []
    listeners = counted(modules(), lambda node: isinstance(node, ast.ImportFrom) and "signals" in (node.module or ""))
    assert listeners == {"crm/apps.py": 1}


LAZY = {
    "crm/apps.py": "nothing of Django's may be imported before the apps are ready",
    "crm/bootstrap.py": "nothing is installed yet",
    "crm/embedded/__init__.py": "servers are started only where they are needed",
    "crm/environment.py": "settings are read before anything can be imported",
    "crm/jobs/asking.py": "Celery takes 100 ms that a command does not need",
    "crm/launcher/migrations.py": "a development library",
    "crm/launcher/prepare.py": "settings are read first",
}
"""Imports inside functions that cannot stand at the top, and why."""


def test_imports_stand_at_the_top():
    def lazy(tree):
        functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        return [
            node
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]

    assert [at(path, node) for path, tree in modules().items() if path not in LAZY for node in lazy(tree)] == []


def test_functions_stay_short():
    """A function is looked at again at 30 lines; none goes far beyond."""
    assert (
        found(modules(), lambda node: isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 40) == []
    )


# Templates


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_parses(path):
    get_template(path.relative_to(ROOT / "templates").as_posix())


FORBIDDEN = {
    "an inline style": r"""<[^>%{]*\sstyle\s*=\s*["']""",
    "a style element": r"<style\b",
    "a script without a source": r"<script(?![^>]*\bsrc=)",
    "an inline handler": r"""<[^>]*\son[a-z]+\s*=\s*["']""",
    "an address that runs": r"javascript:",
    "text that is not escaped": r"\|\s*safe(?:seq)?\b|autoescape\s+off",
    "another host": r"""(?:src|href|action)=["'](?:https?:)?//""",
}
SAFE = {"bootstrap5/layout/fieldset.html": "|safe"}  # crispy hands over rendered fields


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what):
    places = []
    for path in templates():
        name, text = path.relative_to(ROOT / "templates").as_posix(), path.read_text()
        places += [f"{name}: {hit[:60]}" for hit in re.findall(FORBIDDEN[what], text.replace(SAFE.get(name, "\0"), ""))]
    assert places == []


def test_every_app_is_looked_at():
    """A new package beside the known ones is either an app listed in source.py or holds no Python of the product."""
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert packages <= set(APPS)
