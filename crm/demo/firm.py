"""The made-up firm: a tree of teams, its users, and who of them holds which share of the records."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password

from crm.access import ROLES
from crm.demo.atlas import countries, slug
from crm.firm import locked
from crm.models import Role, Team, User

FIRM, DOMAIN = "Cornerstone demo", "cornerstone.example"
HOME_TEAM = "Nordic key accounts"  # of rep@ and teammate@; holds .5 % of all people
REGIONS = {
    # region: {team: (share of all people in percent, countries)}
    "Nordics": {
        HOME_TEAM: (0.5, "NO SE DK FI DE"),
        "Norway": (4.0, "NO NO NO DK"),
        "Sweden and Finland": (5.0, "SE SE FI"),
        "Denmark": (3.0, "DK DK DE"),
    },
    "Central Europe": {
        "Germany North": (6.0, "DE DE DE NL"),
        "Germany South": (6.0, "DE DE DE AT"),
        "Austria and Switzerland": (4.0, "AT CH CH"),
        "Poland and Czechia": (4.0, "PL PL CZ"),
        "Hungary and the Balkans": (3.0, "HU BG GR"),
        "Ukraine": (2.0, "UA UA UA PL"),
    },
    "Western Europe": {
        "France": (7.0, "FR FR FR CH"),
        "Benelux": (3.5, "NL NL FR"),
        "United Kingdom": (7.5, "GB GB GB IE"),
        "Ireland": (2.0, "IE IE GB"),
    },
    "Southern Europe": {
        "Iberia": (5.5, "ES ES PT"),
        "Italy": (4.0, "IT IT IT CH"),
        "Greece and Turkey": (3.0, "GR TR TR"),
    },
    "Americas": {
        "United States East": (5.5, "US US US US CA"),
        "United States West": (4.5, "US US US MX"),
        "Canada": (2.5, "CA CA US"),
        "Mexico": (2.0, "MX"),
        "Brazil and Argentina": (3.5, "BR BR AR"),
    },
    "Middle East and Africa": {
        "Gulf and Egypt": (2.0, "AE AE EG"),
        "Israel": (1.0, "IL"),
        "West Africa": (1.5, "NG"),
        "East and South Africa": (1.5, "KE ZA"),
    },
    "Asia and Pacific": {
        "India": (2.0, "IN"),
        "China": (1.5, "CN"),
        "Japan and Korea": (1.5, "JP JP KR"),
        "Australia": (1.0, "AU"),
    },
    "New markets": {"Scouting": (0.0, "AE KE BR")},  # newrep@ has nothing yet
}
STAFF = {"Marketing": ("marketer", 6), "Customer support": ("agent", 8), "Administration": ("administrator", 2)}
SMALLEST_HOME_SHARE = 60  # people: a demo of 5,000 should still show rep@ a day's work
CAST = [
    # sign-in, role, team, given name, family name, time zone
    ("admin", "administrator", "Administration", "Ada", "Lindqvist", "Europe/Oslo"),
    ("manager", "manager", "Nordics", "Henrik", "Dahl", "Europe/Copenhagen"),
    ("rep", "rep", HOME_TEAM, "Ingrid", "Solheim", "Europe/Oslo"),
    ("newrep", "rep", "Scouting", "Zuri", "Mwangi", "Africa/Nairobi"),
    ("teammate", "rep", HOME_TEAM, "Mehmet", "Kaya", "Europe/Stockholm"),
    ("otherteam", "rep", "France", "Camille", "Rousseau", "Europe/Paris"),
    ("marketer", "marketer", "Marketing", "Sofia", "Marques", "Europe/Lisbon"),
    ("agent", "agent", "Customer support", "Grace", "Okafor", "Africa/Lagos"),
    ("auditor", "auditor", FIRM, "Walter", "Brandt", "Europe/Zurich"),
    ("", "rep", HOME_TEAM, "Arjun", "Pillai", "Europe/London"),
    ("", "rep", HOME_TEAM, "Liv", "Bergström", "Europe/Stockholm"),
]


@dataclass
class Firm:
    """The users by id and the teams that hold records, as the other parts of the demo need them."""

    users: dict[int, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)

    @cached_property
    def cast(self):
        """The people of CAST by given name."""
        names = {(given, family) for _sign_in, _role, _team, given, family, _zone in CAST}
        return {u.given_name: u for u in self.users.values() if (u.given_name, u.family_name) in names}

    @cached_property
    def zones(self):
        return {key: ZoneInfo(user.timezone) for key, user in self.users.items()}

    @cached_property
    def mates(self):
        """Return {team id: its users}."""
        found = defaultdict(list)
        for user in self.users.values():
            found[user.team_id].append(user)
        return found

    def holder(self, rng, team):
        """Return a user of the team of this name; in each team a few hold most records."""
        users = self.mates[self.teams[team].pk]
        return rng.choices(users, [1 / (place + 1) ** 0.8 for place in range(len(users))])[0]

    def quotas(self, people):
        """Return [(team name or None for nobody's, people it holds)], summing to `people`."""
        shares = {team: share for teams in REGIONS.values() for team, (share, _countries) in teams.items() if share}
        largest = max(shares, key=shares.__getitem__)
        found: dict[str | None, int] = {team: round(people * share / 100) for team, share in shares.items()}
        found[HOME_TEAM] = min(max(found[HOME_TEAM], SMALLEST_HOME_SHARE), people)
        found[None] = round(people * 0.02)
        found[largest] += people - sum(found.values())
        while found[largest] < 0:  # a handful of people: the small teams go without
            smaller = max((team for team in found if team not in {largest, HOME_TEAM}), key=found.__getitem__)
            found[smaller], found[largest] = found[smaller] - 1, found[largest] + 1
        return [(team, count) for team, count in found.items() if count > 0]


def team_countries(team):
    """Return the codes of the countries a team works in, some of them several times."""
    return next((teams[team][1].split() for teams in REGIONS.values() if team in teams), list(countries()))


def found_firm(rng, *, users, sign_ins):
    """Write teams and about `users` users and return the Firm.

    Only with `sign_ins` do the cast's accounts (rep@demo.example and so on) exist, and only they have a password.
    """
    _write_profile()
    firm = Firm(teams=_write_teams())
    roles = {key: Role.objects.get_or_create(key=key, defaults={"name": name})[0] for key, name in ROLES.items()}
    rows = [*_cast(firm, roles, sign_ins), *_others(rng, firm, roles, users - len(CAST))]
    firm.users = {user.pk: user for user in User.objects.bulk_create(rows)}
    return firm


def _write_profile():
    """Fill in the firm's profile; its set-up is over."""
    profile = locked()
    profile.name, profile.legal_name, profile.website = FIRM, "Cornerstone Demo AS", f"https://{DOMAIN}"
    profile.street, profile.postcode, profile.city = "Storgata 1", "0155", "Oslo"
    profile.country = profile.holidays = "NO"
    profile.timezone, profile.setup_over = "Europe/Oslo", True
    profile.save()


def _write_teams():
    top = Team.objects.create(name=FIRM)
    found = {FIRM: top}
    for region, teams in REGIONS.items():
        found[region] = Team.objects.create(name=region, parent=top)
        for team in teams:
            found[team] = Team.objects.create(name=team, parent=found[region])
    for team in STAFF:
        found[team] = Team.objects.create(name=team, parent=top)
    return found


def _cast(firm, roles, sign_ins):
    password = make_password(settings.DEMO_PASSWORD) if sign_ins else ""
    for sign_in, role, team, given, family, zone in CAST:
        user = User(given_name=given, family_name=family, timezone=zone, role=roles[role], team=firm.teams[team])
        user.email = f"{slug(given)}.{slug(family)}@{DOMAIN}"
        user.set_unusable_password()
        if sign_in and sign_ins:
            user.email, user.password = f"{sign_in}@demo.example", password
        yield user


def _others(rng, firm, roles, count):
    """Yield the users nobody signs in as: the staff, a manager a region, and reps of the teams that hold records."""
    places = [(team, role) for team, (role, number) in STAFF.items() for _ in range(number)]
    places += [(region, "manager") for region in REGIONS if region != "Nordics"]
    selling = [(team, share) for teams in REGIONS.values() for team, (share, _countries) in teams.items()]
    selling = [(team, share) for team, share in selling if share and team != HOME_TEAM]
    places = places[: max(count - len(selling), 0)] + [(team, "rep") for team, _share in selling]
    names, weights = zip(*selling, strict=True)
    places += [(team, "rep") for team in rng.choices(names, weights, k=max(count - len(places), 0))]
    taken = set()
    for team, role in places:
        yield _somebody(rng, firm.teams[team], roles[role], taken)


def _somebody(rng, team, role, taken):
    country = countries()[rng.choice(team_countries(team.name))]
    while True:
        given = country.given_name(rng, rng.random() < 0.5).latin
        family = country.family_name(rng, False).latin
        email = f"{slug(given)}.{slug(family)}@{DOMAIN}"
        if email not in taken:
            break
    taken.add(email)
    user = User(email=email, given_name=given, family_name=family, timezone=country.timezone, role=role, team=team)
    user.set_unusable_password()
    return user
