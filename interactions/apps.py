from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InteractionsConfig(AppConfig):
    name = "interactions"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Calls, meetings and tasks")
    switchable = _("My day, the quick log, calls, mails, meetings, notes and tasks on people and companies.")
    icon = "telephone"
