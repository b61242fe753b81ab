"""Talks and tasks as they are imported."""

from crm.importing.kinds import register
from interactions.importing.talks import TALKS
from interactions.importing.tasks import TASKS

register(TALKS)
register(TASKS)
