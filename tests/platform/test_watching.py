"""How services are kept running: pauses that grow, and errors that end nothing."""

import pytest

from crm.embedded.places import EmbeddedServerError
from crm.launcher import services
from crm.launcher.services import Supervisor


class Fragile:
    """A service that ends at once, each time."""

    name = "web"

    def __init__(self):
        self.starts = 0
        self.process = self
        self.returncode = -9

    def start(self):
        self.starts += 1
        if self.starts == 3:
            raise EmbeddedServerError("no room on the disk")

    def poll(self):
        return self.returncode


@pytest.fixture
def clock(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(services.time, "monotonic", lambda: clock[0])
    return clock


def test_the_pause_before_a_new_start_doubles_and_a_failed_start_is_tried_again(tmp_path, clock, capsys):
    supervisor, service = Supervisor(tmp_path), Fragile()
    supervisor.start(service)
    starts = []
    for second in range(100):
        clock[0] = 1000.0 + second
        supervisor.watched[0].look()
        if len(starts) < service.starts:
            starts.append(second)
    assert starts == [0, 1, 4, 8, 17, 34, 65, 96]
    assert "web ended (killed by SIGKILL); next try in 1 s" in capsys.readouterr().out


def test_a_service_that_lived_for_long_starts_again_after_a_second(tmp_path, clock):
    supervisor, service = Supervisor(tmp_path), Fragile()
    service.returncode = None
    supervisor.start(service)
    supervisor.watched[0].pause = 16
    clock[0] += 61
    service.returncode = 1
    supervisor.watched[0].look()
    assert supervisor.watched[0].due == clock[0] + 1


def test_a_log_that_has_grown_too_large_is_kept_once_and_begun_again(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "_LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    with log.open("a") as written:
        written.write("many lines\n")
        written.flush()
        services.limit_logs(tmp_path)
        written.write("next\n")
    assert log.read_text() == "next\n"
    assert (tmp_path / "web.log.1").read_text() == "many lines\n"
