import pytest

from crm.models import Role, User

PASSWORD = "stones-in-a-row"


@pytest.fixture
def make_user(db):
    """Make a user of a role; `make_user("a@b.example", role="manager", timezone="Asia/Tokyo")`."""

    def make(email="rep@firm.example", *, role="rep", password=PASSWORD, **fields):
        return User.objects.create_user(email, password, role=Role.objects.get(key=role), **fields)

    return make


@pytest.fixture
def rep(make_user):
    return make_user(given_name="Ingrid", family_name="Solheim")
