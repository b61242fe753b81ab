"""Who may see interactions and tasks: whoever sees a participant, unless it is private; and its own author."""

from django.db.models import Exists, OuterRef, Q

from contacts.models import Company, Person
from contacts.policies import EVERYTHING
from crm.access import RecordPolicy, policy_of, register
from interactions.models import Interaction, Participation, Task

CONTACTS = (Person, Company)
OWN = {"view": "own", "create": "own", "edit": "own", "trash": "own"}


class TalkPolicy(RecordPolicy):
    """`all`: all but what others marked private. `own`, `team`: one's own, and what stands on a record one sees."""

    grants = {
        "administrator": EVERYTHING,
        "manager": {**OWN, "view": "team", "edit": "team", "trash": "team", "export": "team"},
        "rep": {**OWN, "view": "team"},
        "marketer": {**OWN, "view": "team"},
        "agent": {**OWN, "view": "team"},
        "auditor": {"view": "all"},
    }

    def linked(self, access):
        """Return the conditions under which a talk stands on a record the user sees."""
        raise NotImplementedError

    def branches(self, access, action):
        scope = access.scope(self.kind, action)
        own, shared = Q(owner=access.user_id), Q(is_private=False)
        if scope == "none":
            return []
        if scope == "all":
            return [own, shared]
        if action == "view":
            return [own, *(shared & Q(condition) for condition in self.linked(access))]
        teams = access.team_ids if scope == "team" else ()
        return [own, *(shared & Q(team=team) for team in teams)]

    def tells(self, event, access):
        """What was private then stays its owner's, even where the talk is private no more."""
        return not event.is_private or event.owner_id == access.user_id

    def told(self, access):
        return Q(is_private=False) | Q(owner=access.user_id)

    def narrow(self, queryset, access, action):
        branches = self.branches(access, action)
        return queryset.filter(Q(*branches, _connector=Q.OR)) if branches else queryset.none()


def _seen(model, access):
    """Return the live records of a kind this access may view, for a subquery."""
    opened = model.objects.unscoped(because="narrowed here").live()
    return policy_of(model).narrow(opened, access, "view")


@register
class InteractionPolicy(TalkPolicy):
    model = Interaction
    hideable = ("subject", "body", "direction", "outcome", "duration_minutes")

    def linked(self, access):
        for whole, model in zip(("person", "company"), CONTACTS, strict=True):
            rows = Participation.objects.unscoped(because="joined to records the user sees")
            seen = _seen(model, access).filter(pk=OuterRef(whole))
            yield Exists(rows.filter(Exists(seen), interaction=OuterRef("pk")))

    def reads_mails(self, access):
        """Whether a user whom a logged mail is not addressed to may read it: it tells what a role can hide."""
        told = ((self.kind, {"subject", "body", "direction"}), *((one.record_kind(), {"emails"}) for one in CONTACTS))
        return not any(access.hidden(kind) & fields for kind, fields in told)


@register
class TaskPolicy(TalkPolicy):
    model = Task
    hideable = ("body",)
    fixable = ("owner",)

    def linked(self, access):
        return [
            Exists(_seen(Person, access).filter(pk=OuterRef("person"))),
            Exists(_seen(Company, access).filter(pk=OuterRef("company"))),
        ]
