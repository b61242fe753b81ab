"""The addresses of sign-in and account: of allauth's, those we use and no other."""

from allauth.account import views as allauth
from django.urls import include, path, re_path
from django.views.decorators.http import require_http_methods

from crm.accounts import views
from crm.pages import public, signed_in


def form(view):
    """Return a view of allauth's that takes what a browser's form sends, and nothing else."""
    return require_http_methods(["GET", "HEAD", "POST"])(view)


sign_in = [
    path("login/", public(form(views.SignIn.as_view())), name="account_login"),
    path("logout/", public(form(allauth.logout)), name="account_logout"),
    path("inactive/", public(form(allauth.account_inactive)), name="account_inactive"),
    path("password/reset/", public(form(views.PasswordReset.as_view())), name="account_reset_password"),
    path("password/reset/done/", public(form(allauth.password_reset_done)), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,14})-(?P<key>[0-9A-Za-z-]{1,100})/$",
        public(form(views.PasswordResetFromKey.as_view())),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(form(allauth.password_reset_from_key_done)),
        name="account_reset_password_from_key_done",
    ),
    path("password/change/", signed_in(form(views.PasswordChange.as_view())), name="account_change_password"),
]
account = [
    path("", views.account, name="account"),
    path("theme/", views.theme, name="theme"),
    path("sessions/end/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
urlpatterns = [
    path("accounts/", include(sign_in)),
    path("account/", include(account)),
]
