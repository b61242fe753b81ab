"""Find the duplicates in a CSV file."""

from django.core.management.base import BaseCommand, CommandError

from contacts.matching import files
from contacts.matching.reading import COLUMNS


class Command(BaseCommand):
    help = (
        "Find the people and companies that stand in a CSV file more than once, or in two files. Needs no database. "
        f"Columns, all optional: id, {', '.join(COLUMNS)}. Rows with a company and no person's name are companies."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument(
            "--out", required=True, metavar="pairs.csv", help="written: " + ", ".join(files.PAIR_COLUMNS)
        )
        parser.add_argument("--other", metavar="FILE2.csv", help="look for pairs between the two files only")

    def handle(self, *, file, out, other, **_options):
        try:
            pairs, clusters, large = files.write_duplicates(files.read(file, other), out)
        except (files.BadFile, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{pairs} pairs and {clusters} clusters written to {out}.")
        for left_out in large:
            self.stdout.write(
                f"Too common to compare by: {left_out.key}: {left_out.blocks} blocks, {left_out.records} records."
            )
