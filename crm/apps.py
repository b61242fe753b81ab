from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from crm import access, checks, firm, history  # noqa: F401  (registers the system checks)

        autodiscover_modules("policies", "columns", "timeline", "panels", "sections", "steps", "activity", "tasks")
        for set_up in (access.install_grants, firm.found):
            post_migrate.connect(history.acting(None, reason="Setting up")(set_up), sender=self, weak=False)
