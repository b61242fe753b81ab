"""Setting a password by mail: a new one, or the first of somebody invited."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation

from crm.accounts.adapter import mail
from crm.firm import firm
from crm.models import User


def mail_invitation(user_id, inviter):
    """Send whoever is invited a link to choose a password; return how many mails were sent.

    None once the invitation is accepted or withdrawn. The link works once, as long as any for a new password.
    """
    user = User.objects.filter(pk=user_id, invited_at__isnull=False).first()
    if user is None:
        return 0
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    with translation.override(user.language):
        context = {"user": user, "inviter": inviter, "url": _link(user), "firm": firm(), "days": days}
        subject, body = mail("account/email/invitation", context)
    return EmailMessage(subject, body, to=[user.email]).send()


@transaction.atomic
def accept(user):
    """Let somebody in who follows their invitation; return whether the link still stood.

    Locks the row: of a link used twice at once, or withdrawn meanwhile, only one use counts.
    """
    now = User.objects.select_for_update(of=("self",)).filter(pk=user.pk, password=user.password).first()
    if now is None:
        return False
    if now.invited_at is not None:
        now.invited_at, now.is_active = None, True
        now.save(update_fields=["invited_at", "is_active"])
    user.refresh_from_db()
    return True


def _link(user):
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return get_adapter().get_reset_password_from_key_url(key)


def mail_reset_link(email):
    """Send a link that sets a new password to the active account with this address; return how many mails were sent."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return 0
    subject, body = mail("account/email/password_reset_key", {"user": user, "password_reset_url": _link(user)})
    return EmailMessage(subject, body, to=[user.email]).send()
