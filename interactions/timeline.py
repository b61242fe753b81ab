"""Talks and finished tasks on the timelines of people and companies."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.models import Company, Person
from crm import marks, timeline
from crm.access import policy_of
from crm.addresses import record_url
from interactions.models import Interaction, MailLog, Participation, Task


@dataclass
class Talk:
    """A talk as one reader may see it: the others who took part are named only if the reader sees them."""

    interaction: Interaction
    others: list = field(default_factory=list)
    may_edit: bool = False
    may_read_mail: bool = False

    def line(self):
        """Return who did what with whom, how it went, and what was said. HTML, by Python: a page shows twenty."""
        talk = self.interaction
        author = talk.owner.given_name if talk.owner_id else ""
        said = [f"<b>{escape(author or _('Somebody'))} {escape(talk.verb)}</b>"]
        if talk.subject:
            about = "" if talk.kind == Interaction.Kind.EMAIL else f" {escape(_('about'))}"
            said.append(f"{about} <b>{escape(talk.subject)}</b>")
        if talk.duration_minutes:
            said.append(f", {talk.duration_minutes} {escape(_('min'))}")
        if talk.outcome:
            said.append(f", {escape(talk.get_outcome_display().lower())}")
        if self.others:
            said.append(f", {escape(_('with'))} {', '.join(map(_link, self.others))}")
        if talk.is_private:
            said.append(f" {marks.tag(_('private'), icon_name='lock')}")
        if self.may_read_mail and talk.mail_id:
            said.append(f" {_mail_link(talk)}")
        if self.may_edit:
            said.append(f" {_edit_link(talk)}")
        if talk.body:
            said.append(f"<blockquote>{escape(talk.body)}</blockquote>")
        return SafeString("".join(said))


def _link(person):
    return f'<a href="{escape(person.get_absolute_url())}">{escape(str(person))}</a>'


def _mail_link(talk):
    url = record_url("received_mail", talk.mail_id)
    return f'<a class="link" href="{url}">{escape(_("Open the mail"))}</a>'


def _edit_link(talk):
    url, label = record_url("interactions:interaction_edit", talk.pk), escape(_("Edit this entry"))
    return f'<a class="edit-link" href="{url}" data-dialog aria-label="{label}">{marks.icon("pencil")}</a>'


def _may_read(model, record, reader):
    return isinstance(record, Person | Company) and reader.access.may(model.record_kind(), "view")


def _talk_keys(record, reader):
    if not _may_read(Interaction, record, reader):
        return None
    return Participation.objects.on(record, reader).annotate(moment=F("at"), key=F("interaction_id"))


def _talks(keys, record, reader):
    rows = Interaction.objects.unscoped(because="these keys were read for the reader").masked_for(reader)
    rows = (
        rows.filter(pk__in=keys)
        .select_related("owner")
        .annotate(
            others=ArraySubquery(_others(record, reader)),
            mail_id=MailLog.objects.filter(interaction=OuterRef("pk")).values("mail")[:1],
        )
    )
    talks = {row.pk: Talk(row, [Person(**person) for person in row.others]) for row in rows}
    reads_mails = policy_of(Interaction).reads_mails(reader.access)
    for talk in talks.values():
        talk.may_read_mail = reads_mails
        talk.may_edit = reader.access.covers(talk.interaction, "edit")
    return talks


def _others(record, reader):
    """Return whom the reader sees of those who took part in a talk beside the record: {id, given_name, family_name}."""
    people = Person.objects.visible_to(reader).filter(participations__interaction=OuterRef("pk"))
    if isinstance(record, Person):
        people = people.exclude(pk=record.pk)
    names = JSONObject(id="pk", given_name="given_name", family_name="family_name")
    return people.order_by("sort_name", "pk").values(person=names)


def _done_keys(record, reader):
    if not _may_read(Task, record, reader):
        return None
    done = Task.objects.about(record, reader).exclude(done_at=None)
    return done.annotate(moment=F("done_at"), key=F("pk"))


def _done(keys, record, reader):
    rows = Task.objects.unscoped(because="these keys were read for the reader").masked_for(reader)
    return rows.filter(pk__in=keys).select_related("done_by").in_bulk()


timeline.register(timeline.Source("talks", _talk_keys, _talks, "interactions/_talk.html"))
timeline.register(timeline.Source("tasks", _done_keys, _done, "interactions/_done.html"))
