"""Teams and users for tests, each named by what a test says about it and by nothing else."""

from itertools import count

from crm.administration import services
from crm.models import Role, Team, User

_numbers = count(1)


def team(name=None, parent=None):
    made = Team(name=name or f"Team {next(_numbers)}", parent=parent)
    made.save()
    return made


def user(given_name="", *, role="rep", team=None, email="", **fields):
    """Return a user who cannot sign in by password: tests use `force_login`."""
    number = next(_numbers)
    fields = {"family_name": f"Tester{number}", **fields}
    made = User(
        email=email or f"{given_name or 'user'}{number}@firm.example".lower().replace(" ", "."),
        given_name=given_name or f"User{number}",
        role=Role.objects.get(key=role),
        team=team,
        **fields,
    )
    made.set_unusable_password()
    made.save()
    return User.objects.get(pk=made.pk)


def role(name, *, like="rep"):
    """Return a role of the firm's own that may do what another may."""
    return services.create_role(name=name, like=Role.objects.get(key=like))
