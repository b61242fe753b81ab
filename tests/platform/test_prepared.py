"""A start that has nothing to bring up to date does not try to."""

import psycopg
import pytest

from crm.launcher.prepared import is_prepared, note_prepared
from tests.platform.sites import ROOT


@pytest.fixture
def database(servers):
    """A database that has had one migration."""
    with psycopg.connect(servers["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz)")
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0001_initial', now())")
        yield connection
        connection.execute("DROP TABLE django_migrations")


def test_a_database_is_prepared_until_another_migration_came(servers, database, tmp_path):
    url = servers["DATABASE_URL"]
    assert not is_prepared(tmp_path, url)
    note_prepared(tmp_path, url)
    assert is_prepared(tmp_path, url)
    database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('crm', '0002_later', now())")
    assert not is_prepared(tmp_path, url)


def test_a_database_is_not_prepared_for_other_code(servers, database, tmp_path, monkeypatch):
    note_prepared(tmp_path, servers["DATABASE_URL"])
    monkeypatch.setattr("crm.launcher.prepared._sources", lambda: [ROOT / "crm" / "models.py"])
    assert not is_prepared(tmp_path, servers["DATABASE_URL"])


def test_an_empty_database_is_never_prepared(servers, tmp_path):
    note_prepared(tmp_path, servers["DATABASE_URL"])
    assert not is_prepared(tmp_path, servers["DATABASE_URL"])
