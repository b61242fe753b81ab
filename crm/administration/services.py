"""What administrators do to users, teams and roles; each act is one transaction under the lock it needs."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm import handover, jobs
from crm.access import ADMINISTRATOR, ROLES
from crm.accounts import resetting, sessions_of
from crm.administration import checklist
from crm.firm import Logo, locked
from crm.jobs import Job
from crm.models import FieldRight, Grant, Role, Team, User


class Refused(Exception):
    """The act is not done; the words say why."""


# The firm


@transaction.atomic
def save_firm(*, firm, picture=None, remove=False):
    """Save the profile, with another logo or without one. A picture no firm uses any more is dropped."""
    if picture:
        fields = {name: getattr(picture, name) for name in ("type", "width", "height", "content")}
        firm.logo = Logo.objects.get_or_create(digest=picture.digest, defaults=fields)[0]
    elif remove:
        firm.logo = None
    firm.save()
    Logo.objects.exclude(pk=firm.logo_id).delete()


@transaction.atomic
def switch_apps(*, off, on):
    """Switch these apps off and those on; others are left as they are."""
    firm = locked()
    firm.apps_off = sorted((set(firm.apps_off) | off) - on)
    firm.save(update_fields=["apps_off"])


@transaction.atomic
def set_aside(*, key, aside):
    """Set a step of the set-up aside, or take it up again."""
    firm = locked()
    kept = {*firm.steps_aside} & checklist.known()
    firm.steps_aside = sorted(kept | {key} if aside else kept - {key})
    firm.save(update_fields=["steps_aside"])


@transaction.atomic
def end_setup():
    """Let the checklist be: Settings is an index of pages from now on."""
    firm = locked()
    firm.setup_over = True
    firm.save(update_fields=["setup_over"])


# Users


def hold(by):
    """Lock what says who administers until the transaction ends: of two who take each other's right, one comes late.

    Raises PermissionDenied if `by` lost theirs while they waited.
    """
    Role.objects.select_for_update(no_key=True).get(key=ADMINISTRATOR)
    if not User.objects.filter(pk=by.pk, is_active=True, role=by.role_id).exists():
        raise PermissionDenied


def locked_user(pk):
    return User.objects.select_for_update(of=("self",)).select_related("role", "team").get(pk=pk)


def is_last_administrator(user):
    """Whether nobody else could administer; true only under `hold`."""
    others = User.objects.filter(is_active=True, role__key=ADMINISTRATOR).exclude(pk=user.pk)
    return user.is_active and user.role.key == ADMINISTRATOR and not others.exists()


@transaction.atomic
def invite(*, user, by):
    """Save somebody new who cannot sign in yet, and mail them a link to choose a password."""
    user.is_active, user.invited_at = False, timezone.now()
    user.set_unusable_password()
    user.save()
    resetting.mail_invitation(user, inviter=by.get_full_name())
    return user


@transaction.atomic
def invite_again(*, user, by):
    """Mail another link; the links sent before work no more."""
    invite(user=_invited(user), by=by)


@transaction.atomic
def withdraw(*, user):
    """Take an invitation back; whoever never came in leaves nothing behind."""
    _invited(user).delete()


def _invited(user):
    found = locked_user(user.pk)
    if found.invited_at is None:
        raise Refused(_("%(name)s has accepted already.") % {"name": found})
    return found


@transaction.atomic
def deactivate(*, user, by):
    """Let somebody in no more: their sessions end, their jobs stop. What they own stays theirs."""
    hold(by)
    found = locked_user(user.pk)
    if found.pk == by.pk:
        raise Refused(_("Nobody deactivates themselves."))
    if is_last_administrator(found):
        raise Refused(_("%(name)s is the last administrator.") % {"name": found})
    if found.is_active:
        found.is_active = False
        found.save(update_fields=["is_active"])
    sessions_of.end_all(found)
    for job in Job.objects.open().filter(asked_by=found):
        jobs.cancel(job)


@transaction.atomic
def activate(*, user, by):
    """Let somebody in again, with the role and team they had."""
    hold(by)
    found = locked_user(user.pk)
    if found.invited_at is not None:
        raise Refused(_("%(name)s has not accepted the invitation yet.") % {"name": found})
    found.is_active = True
    found.save(update_fields=["is_active"])


def save_user(*, user, team_before, with_records, by):
    """Save what an administrator changed; a change of team takes the records along if wished. Return that job or None.

    The caller has checked it under `hold`.
    """
    user.save()
    if with_records and user.team_id != team_before:
        return jobs.enqueue("crm.follow_team", by=by, user=user.pk)
    return None


@transaction.atomic
def hand_over(*, giver, takers, by):
    """Ask for a job for each new owner; `takers`: {kind: user}. Return the jobs. Refused while one is under way."""
    found = locked_user(giver.pk)
    if hand_over_under_way(found):
        raise Refused(_("A hand-over is under way. Wait until it is done."))
    kinds: dict[int, list[str]] = {}
    for kind in handover.models():
        if kind in takers:
            kinds.setdefault(takers[kind].pk, []).append(kind)
    return [
        jobs.enqueue("crm.hand_over", by=by, giver=found.pk, taker=taker, kinds=names) for taker, names in kinds.items()
    ]


def owns_records(user):
    """Whether somebody has live records that could be handed over."""
    return any(rows.exists() for model in handover.models().values() for rows in handover.going(model, user)[:1])


def hand_over_under_way(giver):
    """Return the job that hands this user's records over just now, or None."""
    return Job.objects.open().filter(kind="crm.hand_over", arguments__giver=giver.pk).order_by("-pk").first()


# Teams


def hold_teams():
    """Lock every team, in the order of their ids: two moves at once could close a loop."""
    return list(Team.objects.select_for_update(of=("self",)).order_by("pk"))


@transaction.atomic
def remove_team(*, team, by):
    """Remove a team that has no users, no teams below it and no records."""
    hold(by)  # nobody is put into it meanwhile
    hold_teams()
    if team.users.exists() or team.children.exists():
        raise Refused(_("%(name)s is not empty. Move its users and teams first.") % {"name": team})
    for model in handover.models().values():
        rows = model.objects.unscoped(because="a team with records stays").filter(team=team)
        if rows.live().exists() or rows.exists():
            raise Refused(
                _("Records still count for %(name)s. Their owners take them along when they change team.")
                % {"name": team}
            )
    team.delete()


# Roles


@transaction.atomic
def create_role(*, name, like):
    """Make a role that may do what another may; return it."""
    role = Role(name=name, key=_free_key(name), mfa_required=like.mfa_required)
    role.save()
    for grant in like.grants.order_by("pk"):
        Grant(role=role, kind=grant.kind, action=grant.action, scope=grant.scope).save()
    for one in like.field_rights.all():
        FieldRight(role=role, kind=one.kind, field=one.field, right=one.right).save()
    return role


def _free_key(name):
    wished = slugify(name)[:40] or "role"
    taken = set(Role.objects.filter(key__startswith=wished).values_list("key", flat=True)) | set(ROLES)
    return next(
        key for number in range(1, 10_000) if (key := f"{wished}-{number}" if number > 1 else wished) not in taken
    )


@transaction.atomic
def save_role(*, role, scopes):
    """Save a role and the scopes that differ; `scopes`: {(kind, action): scope}. The caller has locked the role.

    What is taken away is kept as "none": a row that is missing would be filled when the site is upgraded.
    """
    role.save()
    rows = {(grant.kind, grant.action): grant for grant in role.grants.all()}
    for (kind, action), scope in scopes.items():
        grant = rows.get((kind, action)) or Grant(role=role, kind=kind, action=action, scope="none")
        if grant.scope != scope:
            grant.scope = scope
            grant.save()


@transaction.atomic
def save_field_rights(*, role, rights):
    """Save the rights on fields that differ; `rights`: {(kind, field): right, "" for none}. The caller has locked the
    role."""
    rows = {(one.kind, one.field): one for one in role.field_rights.all()}
    for (kind, field), right in rights.items():
        row = rows.get((kind, field))
        if row and not right:
            row.delete()
        elif right and (row is None or row.right != right):
            row = row or FieldRight(role=role, kind=kind, field=field)
            row.right = right
            row.save()


@transaction.atomic
def remove_role(*, role, by):
    """Remove one of the firm's own roles that nobody has."""
    hold(by)  # nobody is given it meanwhile
    found = Role.objects.select_for_update().get(pk=role.pk)
    if found.key in ROLES:
        raise Refused(_("%(name)s comes with the site and stays.") % {"name": found})
    if found.users.exists():
        raise Refused(_("Users still have the role %(name)s. Give them another first.") % {"name": found})
    found.delete()
