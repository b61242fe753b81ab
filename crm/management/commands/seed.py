"""manage.py seed: fill an empty database with a made-up company."""

import time
from datetime import UTC, date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm import demo
from crm.models import Team


class Command(BaseCommand):
    requires_system_checks = []
    help = "Fill an empty database with made-up data. The same seed, sizes and day give the same rows."

    def add_arguments(self, parser):
        parser.add_argument("--people", type=int, default=5000)
        parser.add_argument("--companies", type=int, help="default: one for four people")
        parser.add_argument("--interactions", type=int, help="calls, mails, meetings and notes; default: five a person")
        parser.add_argument("--users", type=int, default=200)
        parser.add_argument("--seed", type=int, default=42)
        parser.add_argument("--today", type=date.fromisoformat, help="the day history ends, 2026-11-20; default: now")
        parser.add_argument("--heavy", type=int, default=0, help="interactions of one much talked-to person")
        parser.add_argument("--demo", action="store_true", help="with the sign-ins rep@demo.example and so on")

    def handle(self, **options):
        if Team.objects.exists():
            self.stdout.write("There is a firm in this database already; nothing was written.")
            return
        order = self._order(**options)
        started = time.monotonic()
        demo.fill(order, progress=lambda people: self.stdout.write(f"{people:,} people"))
        self.stdout.write(f"Done in {time.monotonic() - started:.1f} s.")

    def _order(self, *, people, companies, interactions, users, seed, today, heavy, **options):
        if not 1 <= people <= 2_000_000:
            raise CommandError("--people: 1 to 2,000,000")
        return demo.Order(
            people=people,
            companies=people // 4 if companies is None else companies,
            interactions=people * 5 if interactions is None else interactions,
            users=max(users, 50),
            seed=seed,
            now=datetime(*today.timetuple()[:3], 16, tzinfo=UTC) if today else _this_hour(),
            heavy=heavy,
            sign_ins=options["demo"],
        )


def _this_hour():
    return timezone.now().replace(minute=0, second=0, microsecond=0)
