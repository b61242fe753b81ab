"""Jobs of the quality of the data."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from crm.jobs import job, periodic
from quality import bulk

LONG = {"tries": 5, "seconds": 3600, "lease": 300, "atomic": False}


@job(bulk.MERGE, told=True, label=_("Merge the certain ones"), **LONG)
def merge_certain(run, *, asked):
    """Merge the clusters of a run; a worker that takes over goes on."""
    return bulk.merge_all(run, asked)


@job(bulk.PART, told=True, label=_("Take merges apart"), **LONG)
def part_certain(run, *, asked):
    """Take the merges of a run apart; a worker that takes over goes on."""
    return bulk.part_all(run, asked)


@periodic("quality.merge_nightly", every=timedelta(days=1), label=_("Merge the certain ones every night"))
def merge_nightly(run):
    """Ask for a run of each kind for which that is switched on."""
    return bulk.ask_nightly()
