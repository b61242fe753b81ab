"""What stands between the password, or the word of the firm's provider, and being signed in."""

from allauth.mfa.stages import AuthenticateStage
from django.conf import settings

BY_PROVIDER = "second_step_by_provider"  # in the session of somebody whom the provider asked for a second step
STRONG = {"mfa", "otp", "hwk"}  # authentication method references (RFC 8176) that stand for one


def is_vouched_for(session):
    """Whether the provider asked for a second step when this session began, and we are told to believe it."""
    return bool(settings.OIDC and settings.OIDC["trusts_mfa"] and session.get(BY_PROVIDER))


class SecondStepStage(AuthenticateStage):
    """Asks for the second step, unless the provider is trusted and says that it did."""

    def handle(self):
        self.request.session.pop(BY_PROVIDER, None)
        if self._provider_did():
            self.request.session[BY_PROVIDER] = True
            return None, True
        return super().handle()

    def _provider_did(self):
        by_provider = (self.login.signal_kwargs or {}).get("sociallogin")
        if not (by_provider and settings.OIDC and settings.OIDC["trusts_mfa"]):
            return False
        methods = by_provider.account.extra_data.get("amr")
        return isinstance(methods, list) and any(method in STRONG for method in methods if isinstance(method, str))
