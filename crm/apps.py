from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CrmConfig(AppConfig):
    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from crm import access, checks, history  # noqa: F401  (registers the system checks)

        autodiscover_modules("policies", "columns", "timeline", "panels", "sections", "activity", "tasks")
        post_migrate.connect(history.acting(None, reason="Setting up")(access.install_grants), sender=self, weak=False)
