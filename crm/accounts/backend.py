"""Signs in by e-mail and password."""

from allauth.account.auth_backends import AuthenticationBackend

from crm import access


class Backend(AuthenticationBackend):
    def get_user(self, user_id):
        """Return the signed-in user together with their access, in one query; None once they are inactive."""
        return access.users_with_access().filter(pk=user_id, is_active=True).first()
