"""`manage.py reset_second_step you@example.com`: when the one administrator has lost the phone."""

from django.core.management.base import BaseCommand, CommandError

from crm.accounts import second_step
from crm.models import User


class Command(BaseCommand):
    help = "Take away a user's second step and recovery codes and end their sessions; they are told by mail."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **_options):
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        second_step.reset(user, by=None)
        self.stdout.write(f"{user.email} signs in without a second step now.")
