from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from crm import access, checks, events, firm, history  # noqa: F401  (registers the system checks)
        from crm.merging import checks as merge_checks  # noqa: F401
        from crm.merging import ground  # noqa: F401  (what becomes of the ground floor's own tables)

        autodiscover_modules("policies")
        for kind, policy in access.policies().items():
            events.declare_record(kind, policy.model)
        autodiscover_modules("duplicates", "merging")
        autodiscover_modules("events", "notifications", "listeners")
        autodiscover_modules(
            "columns",
            "timeline",
            "panels",
            "figures",
            "record_actions",
            "ports",
            "sections",
            "steps",
            "activity",
            "tokens",
            "tasks",
            "undoing",
            "conditions",
            "mail",
            "importing",
        )
        set_up = history.acting(None, reason="Setting up")
        for rows in (access.install_grants, firm.found, events.install):
            post_migrate.connect(self.once_whole(set_up(rows)), sender=self, weak=False)

    def once_whole(self, set_up):
        """Return what runs `set_up` after a migration, but not after one that goes only part of the way."""

        def run(using="default", **_sender):
            there = set(connections[using].introspection.table_names())
            if {model._meta.db_table for model in self.get_models()} <= there:
                set_up()

        return run
