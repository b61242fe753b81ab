"""`manage.py createadmin`: make the first administrator of a fresh site; the others are invited in the application."""

import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from crm import history
from crm.access import ADMINISTRATOR
from crm.models import Role, User


class Command(BaseCommand):
    help = __doc__.partition(": ")[2]

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--given-name", default="")
        parser.add_argument("--family-name", default="")
        parser.add_argument("--timezone", default="UTC", help="such as Europe/Oslo")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument("--another", action="store_true", help="even if there is an administrator already")

    @transaction.atomic
    def handle(self, *, email, password_stdin, another, **options):
        names = {name: options[name] for name in ("given_name", "family_name", "timezone")}
        if not another and User.objects.filter(role__key=ADMINISTRATOR, is_active=True).exists():
            raise CommandError("There is an administrator already. They can invite others; --another makes one more.")
        password = sys.stdin.readline().rstrip("\n") if password_stdin else self._asked()
        try:
            made = User(email=email.strip().lower(), role=Role.objects.get(key=ADMINISTRATOR), **names)
            validate_password(password, made)
            made.set_password(password)
            made.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with history.acting(None, reason="createadmin"):
            made.save()
        self.stdout.write(f"{made.email} is administrator and can sign in.")

    def _asked(self):
        password = getpass("Password: ")
        if getpass("The same again: ") != password:
            raise CommandError("The two were not the same.")
        return password
