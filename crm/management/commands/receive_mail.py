"""`manage.py receive_mail`: the receiver of mail, until it is told to stop."""

import asyncio
import logging
import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm.receiving import smtp


class Command(BaseCommand):
    help = "Takes mail by SMTP at RECEIVE_MAIL_AT (host:port) for the addresses of this site."

    def handle(self, **_options):
        host, _colon, port = settings.RECEIVE_MAIL_AT.rpartition(":")
        if not host or not port.isdecimal():
            raise CommandError("Set RECEIVE_MAIL_AT to the host and port to receive mail at, such as 0.0.0.0:2525.")
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every step
        asyncio.run(self.serve(host.strip("[]"), int(port)))

    async def serve(self, host, port):
        over = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, over.set)
        await smtp.serve(host, port, ready=self.say, over=over)

    def say(self, port):
        self.stdout.write(f"Receiving mail at port {port}")
        self.stdout.flush()
