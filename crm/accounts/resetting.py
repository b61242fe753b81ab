"""Setting a new password by mail."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMessage

from crm.accounts.adapter import mail
from crm.models import User


def mail_reset_link(email):
    """Send a link that sets a new password to the active account with this address; return how many mails were sent."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return 0
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    url = get_adapter().get_reset_password_from_key_url(key)
    subject, body = mail("account/email/password_reset_key", {"user": user, "password_reset_url": url})
    return EmailMessage(subject, body, to=[user.email]).send()
