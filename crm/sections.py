"""Where the ground floor's own pages stand in the navigation: Settings with its pages, and History."""

from django.utils.translation import gettext_lazy as _

from crm import navigation
from crm.policies import ADMINISTRATION, HISTORY

navigation.section(
    label=_("Settings"),
    url_name="settings",
    icon="gear",
    order=900,
    kind=ADMINISTRATION,
    group=_("Administration"),
    prefixes=("/settings/",),
)
for order, (label, url_name, icon, text) in enumerate(
    (
        (_("Firm"), "settings_firm", "buildings", _("Name, logo, address, hours, currency and time zone.")),
        (_("Users"), "settings_users", "people", _("Invite, change, deactivate; hand over what a leaver has.")),
        (_("Teams"), "settings_teams", "diagram-3", _("Who stands above whom, and so sees what theirs have.")),
        (_("Roles"), "settings_roles", "shield-lock", _("What each role may see, create, change and take away.")),
        (_("Apps"), "settings_apps", "grid", _("Switch off what you do not need yet. What is in it stays.")),
        (_("Events"), "settings_events", "broadcast", _("What apps tell each other, and what could not be taken.")),
    )
):
    navigation.setting(
        label=label,
        url_name=url_name,
        icon=icon,
        order=10 * (order + 1),
        kind=ADMINISTRATION,
        text=text,
        prefixes=(f"/settings/{url_name.removeprefix('settings_')}/",),
    )
for order, (label, url_name, icon, text) in enumerate(
    (
        (_("Mailboxes"), "settings_mailboxes", "envelope-at", _("Whose mail comes in, and from where.")),
        (_("Mail set aside"), "settings_quarantine", "envelope-exclamation", _("Loops, forgeries, what is broken.")),
        (
            _("Suppressions"),
            "settings_suppressions",
            "envelope-slash",
            _("Addresses that get none, since when and why."),
        ),
    )
):
    navigation.setting(
        label=label,
        url_name=url_name,
        icon=icon,
        order=60 + 5 * order,
        kind=ADMINISTRATION,
        text=text,
        prefixes=(f"/settings/{url_name.removeprefix('settings_')}/",),
    )
navigation.section(label=_("Mail"), url_name="mail", icon="envelope", order=40, prefixes=("/mail/",), key="g m")
navigation.section(
    label=_("History"),
    url_name="history",
    icon="clock-history",
    order=930,
    kind=HISTORY,
    group=_("Administration"),
    prefixes=("/history/",),
    key="g h",
)
