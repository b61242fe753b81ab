"""A record's audience also holds those it is shared with. The table is written anew: a generated column cannot change."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import crm.records

NUMBERS = django.contrib.postgres.fields.ArrayField(models.IntegerField())
LIVE = models.Q(("merged_into__isnull", True), ("trashed_at__isnull", True))


def search_index(name):
    """Return the index as 0001 made it; it stands on the column that is replaced."""
    words = models.Func(models.F("words"), function="array_to_tsvector")
    return django.contrib.postgres.indexes.GinIndex(
        django.contrib.postgres.indexes.OpClass(models.F("audience"), "array_ops"),
        django.contrib.postgres.indexes.OpClass(words, "tsvector_ops"),
        *map(models.F, ("tags", "country", "source", "stage")),
        condition=LIVE,
        gin_pending_list_limit=256,
        name=name,
    )


def shared_with():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.IntegerField(),
        db_default=[],
        default=list,
        editable=False,
        help_text="Marks of its shares; crm.sharing.",
        size=None,
    )


def audience():
    return models.GeneratedField(
        db_persist=True, expression=crm.records.Audience("shared_with"), output_field=NUMBERS.clone()
    )


def replaced(model):
    yield migrations.RemoveIndex(model, f"{model}_search")
    yield migrations.RemoveField(model, "audience")
    yield migrations.AddField(model, "shared_with", shared_with())
    yield migrations.AddField(model, "audience", audience())
    yield migrations.AddIndex(model, search_index(f"{model}_search"))


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [*replaced("company"), *replaced("person")]
