"""Would a migration break or block a site that is running? `python -m crm.launcher.migrations`."""

import os
import sys
from pathlib import Path

import django
from django.apps import apps

from crm.launcher.terminal import ROOT


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from django_migration_linter import MigrationLinter

    weighed = {  # what holds up a site for a moment, and why all the same
        "0002_shares": "docs/adr/0001-audience-written-anew.md",
        "0019_removed_mailboxes": "a firm has a handful of mailboxes",
    }
    ours = [app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT]
    linter = MigrationLinter(
        str(ROOT), include_apps=ours, no_cache=True, ignore_initial_migrations=True, ignore_name=[*weighed]
    )
    linter.lint_all_migrations()
    linter.print_summary()
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
