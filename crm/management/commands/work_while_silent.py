"""`manage.py work_while_silent PID`: the helper a worker starts when the broker does not answer."""

import os
from importlib import import_module

from django.core.management.base import BaseCommand

from crm.jobs.polling import work_while_silent


class Command(BaseCommand):
    help = "Works off jobs as long as the broker is silent and the process PID, which started this, lives."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("parent", type=int, metavar="PID")
        parser.add_argument("modules", nargs="*", metavar="MODULE", help="that declare further jobs")

    def handle(self, *, parent, modules, **_options):
        for name in modules:
            import_module(name)
        work_while_silent(lambda: os.getppid() == parent)
