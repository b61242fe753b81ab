"""Look for mails in doubt, and say what was found."""

from datetime import timedelta

from django.core.management.base import BaseCommand

from crm.mailing import reconciling
from crm.mailing.rows import OutgoingMail


class Command(BaseCommand):
    help = "Look for mails in doubt by their Message-ID, in the folder of sent mail (EMAIL_SENT_URL) or the sink."

    def add_arguments(self, parser):
        parser.add_argument("--grace", type=int, default=60, help="seconds since they were handed over, at least")

    def handle(self, *, grace, **_options):
        found = reconciling.reconcile(grace=timedelta(seconds=grace))
        places = ", ".join(found["looked at"]) or "nowhere: there is no place to look"
        self.stdout.write(f"Looked at {places}. Found: {found['found']}; not found: {found['not found']}.")
        for mail in OutgoingMail.objects.filter(state=OutgoingMail.State.IN_DOUBT, set_aside_at=None).order_by("pk"):
            self.stdout.write(f"in doubt: {mail.message_id} to {mail.to}")
