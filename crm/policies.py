"""Who may enter the parts of the site that are about users. docs/access.md states the same; a test compares."""

from crm.access import register_area

ADMINISTRATION = "crm.administration"  # users, teams, roles, the firm's profile
HISTORY = "crm.history"  # who changed what, over everything
ACTIVITY = "crm.activity"  # what a user did, day by day
SAVED_VIEWS = "crm.saved_views"  # with whom one may share a view of a list

register_area(ADMINISTRATION, is_whole=True, administrator="all")  # who changes roles can take the rest
register_area(HISTORY, is_whole=True, administrator="all", auditor="all")
register_area(ACTIVITY, administrator="all", manager="team", auditor="all", rep="own", marketer="own", agent="own")
register_area(SAVED_VIEWS, administrator="all", manager="all", rep="team", marketer="team", agent="team", auditor="own")
