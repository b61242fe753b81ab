"""The administrator's pages: the firm, the apps, users, teams and roles."""
