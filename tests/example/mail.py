"""Mail that comes in: who thanks for a gift needs no other handler."""

from crm import receiving


@receiving.handler("example.thanks", order=10)
def thanks(mail, delivery):
    """Take mails that only say thank you."""
    return mail.subject.lower().startswith("thanks for the ")
