"""The page of the certain duplicates, pressed and read."""

import re

from quality.models import BulkMerge
from tests.factories.contacts import reload

URL = "/quality/certain/"


def page(client, query=""):
    return client.get(f"{URL}{query}").content.decode()


def seen_on(content):
    return re.search(r'name="seen" value="([^"]*)"', content).group(1)


def asked(client):
    """Press "Merge N" on the page as it is now; return the run."""
    client.post(f"{URL}merge/", {"kind": "person", "seen": seen_on(page(client))})
    return BulkMerge.objects.latest("pk")


def outcomes(run):
    return {tuple(one.ids): (one.outcome, one.why) for one in run.items.all()}


def merged_into(*records):
    return [reload(one).merged_into_id for one in records]
