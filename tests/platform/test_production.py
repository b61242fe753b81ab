"""docker-compose.yml, checked against the schema of Compose and against what we promise."""

import re
import subprocess
import sys

import pytest
import yaml

from tests.platform.sites import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]


def test_the_file_follows_the_schema_of_compose():
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_these_services_and_no_others():
    assert set(SERVICES) == {"postgres", "valkey", "migrate", "web", "worker", "beat", "mail"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_is_watched_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "BASE_URL"])
def test_a_secret_comes_from_the_environment_or_nothing_starts(secret):
    used = re.findall(rf"\$\{{{secret}\b[^}}]*\}}", TEXT)
    assert used and all(use.startswith(f"${{{secret}:?") for use in used)


def test_there_are_no_demo_data():
    assert "DEMO" not in TEXT and "DEMO" not in (ROOT / "Dockerfile").read_text()


def test_only_the_web_and_the_receiver_of_mail_are_published_and_only_to_this_machine():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web", "mail"]
    assert SERVICES["mail"]["ports"] == ["${MAIL_HOST:-127.0.0.1}:${MAIL_PORT:-2525}:2525"]
    assert SERVICES["web"]["ports"] == ["${HOST:-127.0.0.1}:${PORT:-8000}:8000"]


def test_the_image_installs_the_locked_packages_without_those_for_development():
    built = (ROOT / "Dockerfile").read_text()
    assert "-r pyproject.toml -c requirements.lock" in built and "--group" not in built
