"""Working the outbox off: claim, commit "sending", hand over, note the answer; one connection for many mails."""

from __future__ import annotations

import time
from contextlib import closing
from email.mime.image import MIMEImage
from email.utils import format_datetime

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.utils import timezone

from crm.firm import firm
from crm.mailing import claiming, composing, outcomes, providers
from crm.mailing.carriers import Deferred, InDoubt, Rejected, Unreachable, carrier
from crm.mailing.claiming import Wait
from crm.mailing.rows import Purpose
from crm.mailing.sending import composer_of

logger = structlog.get_logger(__name__)
LONGEST_NAP = 2  # seconds to wait here for a provider's limit; for longer the job is asked for anew


def work(*, seconds=45, most=None, note=lambda: None):
    """Send what is due, of every provider, for about so many seconds; return (mails handled, when to go on or None).

    `most`: mails at most. `note()` is called after each. Whatever kills this process, no mail is handed over twice:
    what was on its way is in doubt.
    """
    deadline, number, onward = time.monotonic() + seconds, 0, []
    outcomes.abandoned()
    for key in providers.names():
        provider = providers.provider(key)
        with closing(carrier(provider.connection())) as out:
            done, wait = _work_off(provider, out, deadline, None if most is None else most - number, note)
        number += done
        onward.append(wait)
    return number, min(filter(None, onward), default=None)


def _work_off(provider, out, deadline, most, note):
    """Send mails of one provider; return (number, when to go on or None)."""
    number = 0
    while most is None or number < most:
        if time.monotonic() > deadline:
            return number, timezone.now()
        claimed = _next(provider) if _is_open(provider, out) else Wait(None)
        if isinstance(claimed, Wait):
            if not _nap(claimed.until, deadline):
                return number, claimed.until or claiming.onward(provider)
            continue
        if claimed is not None:
            _hand_over(out, *claimed)
        number += 1
        note()
    return number, timezone.now()


def _is_open(provider, out):
    """Connect before a mail is marked as being sent, if any is due; a provider that is not there is left alone."""
    if claiming.is_quiet(provider):
        return False
    try:
        out.open()
    except Unreachable as no:
        outcomes.pause(provider.key, str(no))
        return False
    return True


def _nap(until, deadline):
    """Wait here for a moment that is near; return whether it has come."""
    seconds = (until - timezone.now()).total_seconds() if until else None
    if seconds is None or seconds > LONGEST_NAP or time.monotonic() + seconds > deadline:
        return False
    time.sleep(max(0.0, seconds) + 0.005)
    return True


def _next(provider):
    """Claim a mail and write it; committed, it goes. Returns (mail, message), None if it is settled, or Wait."""
    with transaction.atomic():
        mail = claiming.claim(provider)
        if isinstance(mail, Wait):
            return mail
        try:
            with transaction.atomic():
                message = message_of(mail)
        except DatabaseFailure:
            raise
        except Exception as error:  # an app wrote the composer: one mail it cannot write holds up no other
            logger.exception("mail_unwritable", mail=mail.pk)
            outcomes.rejected(mail, f"{type(error).__name__}: {error}"[:500], reason="content")
            return None
        if message is None:
            outcomes.unneeded(mail)
            return None
    return mail, message


def _hand_over(out, mail, message):
    """Hand a mail over whose row says "sending", and note what came of it."""
    started = time.monotonic()
    try:
        if timezone.now() - mail.sending_at > outcomes.LEASE / 2:
            raise Deferred("The worker was held up.")  # by now somebody may have said that it is to be sent again
        said = out.hand_over(message)
    except Deferred as no:
        outcomes.deferred(mail, str(no))
    except Rejected as no:
        outcomes.rejected(mail, str(no), no_such_address=no.no_such_address)
    except Unreachable as no:
        outcomes.unreachable(mail, str(no))
    except InDoubt as unknown:
        outcomes.in_doubt(mail, str(unknown))
    except Exception as unknown:
        outcomes.in_doubt(mail, f"{type(unknown).__name__}: {unknown}"[:500])
        raise
    else:
        outcomes.taken(mail, said)
    logger.info("mail_handed_over", mail=mail.pk, seconds=round(time.monotonic() - started, 3))


def message_of(mail):
    """Return Django's message of a mail, None if its composer says that it is not needed any more."""
    content = _content(mail)
    if content is None:
        return None
    message = EmailMultiAlternatives(
        content.subject, content.text, mail.sender, [mail.to], headers=_headers(mail),
        reply_to=[mail.reply_to] if mail.reply_to else None,
    )  # fmt: skip
    if content.html:
        message.attach_alternative(content.html, "text/html")
    for part in mail.attachments.select_related("file"):
        _attach(message, part.name, part.type, bytes(part.file.content), part.inline)
    if mail.composer and content.has_logo:
        logo = firm().logo
        _attach(message, "logo", logo.type, bytes(logo.content), composing.LOGO)
    return message


def _content(mail):
    if not mail.composer:
        return composing.Content(mail.subject, mail.text, mail.html)
    written = composer_of(mail.composer)(**mail.arguments)
    return None if written is None else composing.of_text(*written)


def _headers(mail):
    ours = {"Message-ID": mail.message_id, "Date": format_datetime(mail.created_at), "X-Loop": settings.MAIL_DOMAIN}
    if mail.by_id is None or mail.purpose == Purpose.NOTIFICATION:
        ours |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return {**ours, **mail.headers}


def _attach(message, name, kind, content, inline):
    """Attach a file; one that the HTML shows (`inline`) by its Content-ID."""
    if not inline:
        message.attach(name, content, kind)
        return
    part = MIMEImage(content, kind.partition("/")[2])
    part.add_header("Content-ID", f"<{inline}>")
    part.add_header("Content-Disposition", "inline", filename=name)
    message.attach(part)
