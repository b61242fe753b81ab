"""Setting a password by mail: a new one, or the first of somebody invited."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import mailing
from crm.accounts.adapter import mail
from crm.firm import firm
from crm.models import User


def mail_invitation(user, *, inviter):
    """Mail somebody invited a link to choose a password. It is made as the mail goes out and stands nowhere else."""
    arguments = {"user": user.pk, "inviter": inviter}
    subject = _("Invitation to Cornerstone")
    mailing.send(to=user.email, subject=subject, composed_by="crm.invitation", arguments=arguments)


@mailing.composer("crm.invitation")
def invitation(*, user, inviter):
    """Return the mail; None once the invitation is accepted or withdrawn. The link works once, for three days."""
    found = User.objects.filter(pk=user, invited_at__isnull=False).first()
    if found is None:
        return None
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    with translation.override(found.language):
        context = {"user": found, "inviter": inviter, "url": _link(found), "firm": firm(), "days": days}
        return mail("account/email/invitation", context)


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
    """Write a mail with a link that sets a new password to the active account with this address, if there is one."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is not None:
        subject = _("A new password for Cornerstone")
        mailing.send(to=user.email, subject=subject, composed_by="crm.password_reset", arguments={"user": user.pk})


@mailing.composer("crm.password_reset")
def password_reset(*, user):
    """Return the mail with its link; None if the account was closed meanwhile."""
    found = User.objects.filter(pk=user, is_active=True).first()
    if found is None:
        return None
    return mail("account/email/password_reset_key", {"user": found, "password_reset_url": _link(found)})
