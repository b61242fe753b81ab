"""The second step of signing in: who must have one and has none, and how an administrator takes a lost one back."""

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from crm import mailing
from crm.accounts import sessions_of
from crm.accounts.adapter import mail
from crm.accounts.notes import SignInNote
from crm.accounts.stages import is_vouched_for
from crm.models import User
from crm.policies import ADMINISTRATION


def is_missing(request):
    """Whether the signed-in user's role asks for a second step and they have none. Never queries."""
    user = request.user
    return user.role.mfa_required and not user.has_second_step and not is_vouched_for(request.session)


def before(view):
    """Let a view be called by those who have yet to set up their second step: it is part of doing so."""
    view.before_second_step = True
    return view


@transaction.atomic
def reset(user, *, by):
    """Take away a user's second step and recovery codes, end their sessions, note it, and tell them by mail.

    Return how many authenticators were removed; with none, sessions end all the same. If their role asks for a
    second step, they set up a new one at their next sign-in. `by` None is the system. Raises PermissionDenied if
    `by` may not administer this user.
    """
    user = User.objects.open_to(by, ADMINISTRATION).filter(pk=user.pk).select_for_update(of=("self",)).first()
    if user is None:
        raise PermissionDenied
    removed = Authenticator.objects.filter(user=user).delete()[0]
    sessions_of.end_all(user)
    SignInNote.objects.create(user=user, what=SignInNote.What.STEP_RESET, by=by)
    subject, body = mail("mfa/email/second_step_reset", {"user": user, "by": by, "timestamp": timezone.now()})
    mailing.send(to=user.email, subject=subject, text=body, purpose=mailing.Purpose.NOTIFICATION)
    return removed


def lock(user):
    """Lock a user's row inside a transaction, so that two requests do not each remove the last step but one."""
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)
