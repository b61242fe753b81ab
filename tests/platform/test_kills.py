"""Parts of a running site die, or the launcher does; two sites live side by side."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from crm.embedded import processes
from tests.platform.sites import Site, comes_true, nothing_is_left

pytestmark = pytest.mark.long


def test_when_the_launcher_is_killed_everything_ends_by_itself(site):
    os.kill(site.process_of("crm.launcher"), signal.SIGKILL)
    assert nothing_is_left(site, within=30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_every_polite_signal_ends_every_process(site, number):
    site.interrupt(number)
    assert nothing_is_left(site, within=1)


def test_a_web_server_that_is_killed_is_started_again(site):
    os.kill(site.process_of("granian"), signal.SIGKILL)
    assert comes_true(lambda: site.status("/healthz") is None, within=10)
    assert comes_true(lambda: site.status("/healthz") == 200, within=60)


def test_a_database_that_is_killed_is_started_again(site):
    for pid in processes.working_in(site.var_dir / "postgres" / "18", program="postgres"):
        os.kill(pid, signal.SIGKILL)
    assert comes_true(lambda: site.status("/readyz") == 503, within=10)
    assert comes_true(lambda: site.status("/readyz") == 200, within=60)


def test_a_lock_file_whose_number_now_belongs_to_somebody_else_does_not_stop_the_start(site):
    lock = site.var_dir / "postgres" / "18" / "postmaster.pid"
    left_behind = lock.read_text()
    site.interrupt()
    lock.write_text(left_behind.replace(left_behind.split()[0], str(os.getpid()), 1))
    assert site.started()


def test_two_sites_live_side_by_side(site, open_dir):
    with Site(open_dir / "var2") as other:
        other.started()
        with other.database() as database:
            database.execute("CREATE TABLE only_here ()")
        with site.database() as database:
            assert database.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
        other.interrupt()
        assert nothing_is_left(other, within=1)
        assert site.status("/readyz") == 200


def test_a_second_launcher_for_the_same_directory_is_refused(site):
    second = Site(site.var_dir)
    said, _ = second.start().process.communicate(timeout=30)
    assert second.process.returncode != 0
    assert "already runs" in said
    assert site.status("/readyz") == 200


def test_a_reader_of_the_output_that_went_away_does_not_end_the_site(site):
    site.process.stdout.close()
    os.kill(site.process_of("celery"), signal.SIGKILL)  # which is worth a line
    assert comes_true(lambda: site.process.poll() is not None, within=8) is False
    assert site.status("/readyz") == 200


def test_leftovers_of_a_killed_run_are_ended_by_the_next(site):
    for pid in [pid for pid in site.processes() if b"granian" not in Path(f"/proc/{pid}/cmdline").read_bytes()]:
        os.kill(pid, signal.SIGKILL)
    assert site.started()


def is_of_celery(pid):
    return b"crm.celery" in Path(f"/proc/{pid}/cmdline").read_bytes()


EXPORT = """
INSERT INTO crm_job (kind, arguments, state, asked_by_id, done, tries, max_tries, cancel_asked, run_after, claimed_by,
created_at, error)
SELECT 'crm.export_list', '{"kind": "contacts.person", "query": "", "form": "csv"}', 'waiting', id, 0, 0, 3, false,
now(), '', now(), '' FROM crm_user WHERE email = 'marketer@demo.example' RETURNING id
"""


def test_jobs_end_done_when_worker_and_clock_are_killed(site):
    """Killed with their whole groups and started again by the launcher, they take up what lay there."""
    with site.database() as database:
        numbers = [database.execute(EXPORT).fetchone()[0] for _ in range(3)]
        for pause in (0, 2, 5):
            time.sleep(pause)
            for pid in filter(is_of_celery, site.processes()):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        def left():
            return database.execute("SELECT count(*) FROM crm_job WHERE id = ANY(%s) AND state <> 'done'", [numbers])

        assert comes_true(lambda: left().fetchone() == (0,), within=120)
        people = database.execute(
            "SELECT count(*) FROM contacts_person WHERE trashed_at IS NULL AND merged_into_id IS NULL"
        ).fetchone()[0]
        for number in numbers:
            parts = database.execute("SELECT content FROM crm_jobfilepart WHERE job_id = %s", [number]).fetchall()
            assert b"".join(part for (part,) in parts).count(b"\r\n") == people + 1
