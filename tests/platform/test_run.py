"""`make run` from the first start to the last kill, in this directory."""

import signal
import socket

import requests

from tests.platform.sites import Site, comes_true, nothing_is_left


def mailed(site, address):
    """Ask for a link for a new password, once; return whether the sink has got it."""
    folder = site.var_dir / "mail"
    if not getattr(site, "asked", False):
        browser, url = requests.Session(), f"http://localhost:{site.port}/accounts/password/reset/"
        browser.get(url, timeout=10)
        form = {"email": address, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        site.asked = browser.post(url, form, timeout=10, headers={"Referer": url}).ok
    return any(b"/password/reset/key/" in mail.read_bytes() for mail in folder.glob("*.eml"))


def test_the_site_comes_up_stops_without_a_trace_and_keeps_its_data(open_dir):
    with Site(open_dir / "var") as site:
        site.started()
        assert site.status("/healthz") == site.status("/readyz") == 200
        with site.database() as database:
            database.execute("CREATE TABLE kept AS SELECT 42 AS number")
        assert comes_true(lambda: mailed(site, "rep@demo.example"), within=90), "the sink got no mail"
        said = site.interrupt()
        assert nothing_is_left(site, within=1)
        assert f"http://localhost:{site.port}/" in said and "rep@demo.example" in said and "cornerstone-demo" in said

        assert site.started()
        with site.database() as database:
            assert database.execute("SELECT number FROM kept").fetchone() == (42,)

        site.kill_everything()
        assert site.started()
        with site.database() as database:
            assert database.execute("SELECT number FROM kept").fetchone() == (42,)


def test_a_port_that_is_taken_is_said_plainly(open_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken, Site(open_dir, port=taken.getsockname()[1]) as site:
        said, _ = site.start().process.communicate(timeout=30)
        assert site.process.returncode != 0
        assert f"Port {site.port} cannot be used" in said and "Traceback" not in said


def test_a_database_that_cannot_be_reached_is_said_plainly(open_dir):
    with Site(open_dir, DATABASE_URL="postgres://nobody@127.0.0.1:1/none", REDIS_URL="redis://127.0.0.1:1/0") as site:
        said, _ = site.start().process.communicate(timeout=30)
        assert site.process.returncode != 0
        assert "The database that DATABASE_URL names cannot be used" in said and "Traceback" not in said


def test_ctrl_c_during_the_start_leaves_no_process(open_dir):
    with Site(open_dir / "var") as site:
        site.start()
        for line in site.process.stdout:
            if "Bringing the database up to date" in line:
                break
        site.interrupt(signal.SIGINT)
        assert nothing_is_left(site, within=1)
