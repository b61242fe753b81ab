"""manage.py load_people: take a file of people through the gate."""

import time
from pathlib import Path

import defusedcsv.csv as defused
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from contacts.loading.people import PeopleLoad
from contacts.loading.rows import COLUMNS
from contacts.loading.tables import NoTable, open_text
from contacts.models import Person
from crm import loading, territories
from crm.models import Team, User


class Command(BaseCommand):
    help = f"Load people from a CSV file, gzipped or not. Columns, in any order: {', '.join(COLUMNS)}."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", metavar="EMAIL", help="on whose behalf; default: the system")
        parser.add_argument("--owner", metavar="EMAIL", help="who holds the people")
        parser.add_argument("--team", metavar="NAME", help="the team that holds them, if nobody does")
        parser.add_argument("--country", default="", help="where numbers are read if a row names no country: NO")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="default: FILE.refused.csv, here")

    def handle(self, *, file, by, owner, team, country, refused, **options):
        started = time.monotonic()
        refusals = RefusedFile(refused or Path(f"{file.name.removesuffix('.gz').removesuffix('.csv')}.refused.csv"))
        load = PeopleLoad(
            by=self._actor(by), owner=owner and _user(owner), team=team and _team(team), country=_country(country),
            refuse=refusals.write,
        )  # fmt: skip
        try:
            with open_text(file) as text, refusals:
                tally = load.run(text, reason=f"Load of {file.name}")
        except (OSError, NoTable) as error:
            raise CommandError(str(error)) from error
        loading.analyze()
        self._report(tally, refusals, time.monotonic() - started)

    def _actor(self, email):
        user = email and _user(email)
        if user and not user.access.may(Person.record_kind(), "create"):
            raise CommandError(f"{email} may not create people.")
        return user

    def _report(self, tally, refusals, seconds):
        self.stdout.write(f"{tally.rows:,} rows: {tally.people:,} people loaded, {tally.refused:,} rows refused.")
        self.stdout.write(f"Companies: {tally.companies_found:,} found, {tally.companies_made:,} made.")
        columns = ", ".join(f"{column} {count:,}" for column, count in tally.values_set_aside.most_common())
        self.stdout.write(f"Values set aside: {tally.values_set_aside.total():,}{f' ({columns})' if columns else ''}.")
        if refusals.count:
            self.stdout.write(f"What was not taken stands in {refusals.path}.")
        self.stdout.write(f"{seconds:.1f} s.")


class RefusedFile:
    """The file of what was not taken; made when there is something to write."""

    def __init__(self, path):
        self.path, self.count, self._file, self._writer = path, 0, None, None

    def write(self, refusal):
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = defused.writer(self._file)
            self._writer.writerow(["row", "column", "value", "reason"])
        self._writer.writerow([refusal.row, refusal.column, refusal.value, refusal.reason])
        self.count += 1

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        if self._file:
            self._file.close()


def _user(email):
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CommandError(f"No user: {email}") from None


def _team(name):
    try:
        return Team.objects.get(name__iexact=name)
    except Team.DoesNotExist:
        raise CommandError(f"No team: {name}") from None


def _country(value):
    try:
        return territories.country(value)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
