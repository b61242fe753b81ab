"""How allauth's second factors fit Cornerstone: secrets encrypted, passkeys bound to our own address."""

from io import BytesIO
from urllib.parse import urlsplit

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathFillImage

from crm.access import SECOND_STEPS
from crm.accounts import sealing


class SecondFactors(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right. Codes change every 30 seconds and work once."),
        "wrong_passkey": gettext_lazy("This passkey was not accepted. Try again, or use another way."),
        "too_many_passkeys": gettext_lazy("Twenty passkeys are enough. Remove one you no longer use."),
        "cannot_delete_authenticator": gettext_lazy(
            "Your role asks for a second step. Set up another one before you remove this one."
        ),
    }

    def encrypt(self, text):
        return sealing.sealed(text)

    def decrypt(self, encrypted_text):
        """Return the secret. Raises sealing.Unreadable."""
        return sealing.opened(encrypted_text)

    def can_delete_authenticator(self, authenticator):
        """Whether the user may go without it: another step is left, or their role asks for none."""
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=SECOND_STEPS)
        return not authenticator.user.role.mfa_required or others.exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user, type):
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self):
        """Return whose passkeys these are: the host of BASE_URL, whatever host the request named."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "localhost", "name": "Cornerstone"}

    def build_totp_svg(self, url):
        """Return a QR code on a white ground, so that it can be read in the dark, too."""
        image, drawn = qrcode.make(url, image_factory=SvgPathFillImage, border=2), BytesIO()
        image.save(drawn)
        return drawn.getvalue().decode()
