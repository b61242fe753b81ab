"""What there is to set up on the ground floor."""

from django.utils.translation import gettext_lazy as _

from crm.access import ROLES, areas, first_grants, policies
from crm.administration import checklist
from crm.firm import firm
from crm.models import Grant, Role, Team, User


def _roles_are_the_firms_own(user):
    """Whether there is a role or a right that a fresh site does not have."""
    if Role.objects.exclude(key__in=ROLES).exists():
        return True
    rows = Grant.objects.exclude(scope="none").values_list("role__key", "kind", "action", "scope")
    known, first = {**policies(), **areas()}, first_grants()
    kept = {tuple(row): scope for *row, scope in rows if row[1] in known}
    return kept != {cell: scope for cell, scope in first.items() if scope != "none"}


for order, (key, label, text, url_name, icon, is_done) in enumerate(
    (
        (
            "firm",
            _("Say who you are"),
            _("Name, address, currency and hours, as documents and new users take them."),
            "settings_firm",
            "buildings",
            lambda user: bool(firm().name and firm().country),
        ),
        (
            "teams",
            _("Draw up the teams"),
            _("Who sees a team's records sees those of the teams below it."),
            "settings_teams",
            "diagram-3",
            lambda user: Team.objects.exists(),
        ),
        (
            "roles",
            _("Look over the roles"),
            _("Six are there to start with. Change what each may see and do, or set this aside to keep them."),
            "settings_roles",
            "shield-lock",
            _roles_are_the_firms_own,
        ),
        (
            "users",
            _("Invite your colleagues"),
            _("Each gets a mail with a link to choose a password."),
            "settings_users",
            "person-plus",
            lambda user: User.objects.exclude(pk=user.pk).exists(),
        ),
    )
):
    checklist.register(checklist.Step(key, label, text, url_name, icon, 10 * (order + 1), is_done))
