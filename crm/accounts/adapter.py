"""How allauth fits Cornerstone: no sign-up, the client's address from the configured proxy alone."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Return False: an administrator invites."""
        return False
