"""Sending gifts."""

from django.db import transaction

from crm import events, mailing
from tests.example.models import Gift


@transaction.atomic
def send(*, person, what, price_minor=0, address="", by):
    """Write the gift, tell whoever wants to know, and announce it to the person where an address is given."""
    gift = Gift(person=person, what=what, price_minor=price_minor, owner=by)
    gift.save()
    events.note("example.gift.sent", gift, by=by, price_minor=price_minor)
    if address:
        mailing.send(to=address, subject=f"A {what} for you", text="It is on its way.", by=by, about=gift,
                     key=f"gift-{gift.pk}")  # fmt: skip
    return gift
