"""The addresses of Settings. Each asks for the right to administer; the logo is for all who are signed in."""

from django.urls import path

from crm.administration.views import events, overview, roles, teams, users

urlpatterns = [
    path("", overview.settings, name="settings"),
    path("setup/aside/", overview.set_aside, name="settings_step_aside"),
    path("setup/end/", overview.end_setup, name="settings_setup_end"),
    path("firm/", overview.firm_profile, name="settings_firm"),
    path("firm/logo/", overview.logo, name="firm_logo"),
    path("apps/", overview.apps_on_and_off, name="settings_apps"),
    path("events/", events.event_list, name="settings_events"),
    path("events/retry/", events.retry, name="settings_event_retry"),
    path("events/setting-aside/", events.setting_aside, name="settings_event_setting_aside"),
    path("events/replay/", events.replay, name="settings_event_replay"),
    path("users/", users.user_list, name="settings_users"),
    path("users/invitation/", users.invitation, name="settings_invitation"),
    path("users/<id:pk>/", users.user_detail, name="settings_user"),
    path("users/<id:pk>/invitation/", users.invitation_again, name="settings_invitation_again"),
    path("users/<id:pk>/withdrawal/", users.withdrawal, name="settings_withdrawal"),
    path("users/<id:pk>/deactivation/", users.deactivation, name="settings_deactivation"),
    path("users/<id:pk>/activation/", users.activation, name="settings_activation"),
    path("users/<id:pk>/sessions/end/", users.signing_out, name="settings_sign_out"),
    path("users/<id:pk>/second-step/reset/", users.second_step_reset, name="settings_second_step_reset"),
    path("users/<id:pk>/provider/unlink/", users.provider_unlink, name="settings_provider_unlink"),
    path("users/<id:pk>/hand-over/", users.hand_over, name="settings_hand_over"),
    path("teams/", teams.team_list, name="settings_teams"),
    path("teams/new/", teams.new_team, name="settings_team_new"),
    path("teams/<id:pk>/", teams.team_detail, name="settings_team"),
    path("teams/<id:pk>/removal/", teams.team_removal, name="settings_team_removal"),
    path("roles/", roles.role_list, name="settings_roles"),
    path("roles/new/", roles.new_role, name="settings_role_new"),
    path("roles/<id:pk>/", roles.role_detail, name="settings_role"),
    path("roles/<id:pk>/fields/", roles.role_fields, name="settings_role_fields"),
    path("roles/<id:pk>/removal/", roles.role_removal, name="settings_role_removal"),
]
