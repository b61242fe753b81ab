"""The addresses of sign-in and account: of allauth's, those we use and no other."""

from allauth.account import views as allauth
from django.urls import include, path, re_path
from django.views.decorators.http import require_http_methods

from crm.accounts import provider_views, step_views, views
from crm.accounts.second_step import before
from crm.pages import public, signed_in


def form(view):
    """Return a view of allauth's that takes what a browser's form sends, and nothing else."""
    return require_http_methods(["GET", "HEAD", "POST"])(view)


def set_up(view):
    """Return a class's view for everybody signed in, those too who have yet to set up their second step."""
    return before(signed_in(form(view.as_view())))


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
    path("second-step/", public(form(step_views.SecondStep.as_view())), name="mfa_authenticate"),
    path("passkey/", public(form(step_views.PasskeySignIn.as_view())), name="mfa_login_webauthn"),
    path("provider/", public(provider_views.start), name="oidc_login"),
    path("provider/callback/", public(provider_views.callback), name="openid_connect_callback"),
    path("password/change/", signed_in(form(views.PasswordChange.as_view())), name="account_change_password"),
]
account = [
    path("", views.account, name="account"),
    path("theme/", views.theme, name="theme"),
    path("sessions/end/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("sessions/others/end/", views.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("sessions/<id:pk>/end/", views.end_session, name="end_session"),
    path("reauthentication/", set_up(step_views.PasswordAgain), name="account_reauthenticate"),
    path("reauthentication/code/", set_up(step_views.CodeAgain), name="mfa_reauthenticate"),
    path("reauthentication/passkey/", set_up(step_views.PasskeyAgain), name="mfa_reauthenticate_webauthn"),
    path("security/", before(step_views.security), name="mfa_index"),
    path("security/app/", set_up(step_views.AppSetUp), name="mfa_activate_totp"),
    path("security/app/removal/", set_up(step_views.AppRemoval), name="mfa_deactivate_totp"),
    path("security/codes/", before(step_views.recovery_codes), name="mfa_view_recovery_codes"),
    path("security/codes/file/", before(step_views.recovery_codes_file), name="mfa_download_recovery_codes"),
    path("security/codes/kept/", before(step_views.recovery_codes_kept), name="recovery_codes_kept"),
    path("security/passkeys/new/", set_up(step_views.PasskeySetUp), name="mfa_add_webauthn"),
    path("security/passkeys/<id:pk>/", set_up(step_views.PasskeyName), name="mfa_edit_webauthn"),
    path("security/passkeys/<id:pk>/removal/", set_up(step_views.PasskeyRemoval), name="mfa_remove_webauthn"),
]
urlpatterns = [
    path("accounts/", include(sign_in)),
    path("account/", include(account)),
]
