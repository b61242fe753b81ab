"""Templates of mails: written with tokens, looked at as they will arrive, tried on oneself."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import mailing
from crm.framing import framed, with_pictures
from crm.mailing import composing, letters, merging
from crm.mailing.forms import TAKEN, MailTemplateForm
from crm.mailing.rows import MailTemplate
from crm.once import Once
from crm.pages import moved, signed_in

MOST = 200  # templates on the page
LONGEST = 20000  # characters of a preview


@signed_in
@require_safe
def template_list(request):
    """One's own templates and those for everybody, by name."""
    rows = MailTemplate.objects.visible_to(request.user).select_related("user").order_by("name", "id")[:MOST]
    return render(request, "mailing/template_list.html", {"templates": rows})


class NewTemplateView(Once, View):
    """A new template."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return _form(request, MailTemplateForm(instance=MailTemplate(user=request.user)))

    def post(self, request):
        return _saved(request, MailTemplateForm(request.POST, instance=MailTemplate(user=request.user)))


new_template = signed_in(NewTemplateView.as_view())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def template_detail(request, pk):
    """Change a template; those of others are shown."""
    template = get_object_or_404(MailTemplate.objects.visible_to(request.user).select_related("user"), pk=pk)
    may_edit = MailTemplate.objects.editable_by(request.user).filter(pk=pk)
    if request.method != "POST":
        return _form(request, MailTemplateForm(instance=template) if may_edit.exists() else None, template=template)
    template = get_object_or_404(may_edit.select_for_update())
    return _saved(request, MailTemplateForm(request.POST, instance=template))


def _saved(request, form):
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        with transaction.atomic():
            template = form.save()
    except IntegrityError:  # another tab was a moment earlier
        form.add_error("name", TAKEN)
        return _form(request, form, status=422)
    messages.success(request, _("%(name)s saved.") % {"name": template})
    return moved(request, reverse("mail_template", args=[template.pk]))


def _form(request, form, *, template=None, status=200):
    template = template or (form.instance if form.instance.pk else None)
    context = {"form": form, "template": template, "sources": merging.sources()}
    return render(request, "mailing/template.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@framed()
def preview(request):
    """What is typed as it would arrive, for a frame; nothing is saved."""
    subject, body = (composing.storable(request.POST.get(name, ""))[:LONGEST] for name in ("subject", "body"))
    return _as_it_arrives(request, subject[:300], body)


@signed_in
@require_safe
@framed()
def template_html(request, pk):
    """A template as it would arrive, for a frame."""
    template = get_object_or_404(MailTemplate.objects.visible_to(request.user), pk=pk)
    return _as_it_arrives(request, template.subject, template.body)


def _as_it_arrives(request, subject, body):
    blocks, _missing = letters.filled(letters.blocks(body), _samples(request.user))
    content = composing.of_blocks(" ".join(subject.split()), blocks)
    return with_pictures(content.html, composing.pictures())


def _samples(user):
    """Return a dictionary in which what comes from a record is named instead."""
    values = {
        f"{source.name}.{token.name}": f"‹{token.label}›"
        for source in merging.sources()
        if source.kind
        for token in source.tokens
    }
    return values | merging.dictionary(by=user)


@signed_in
@require_POST
def test_mail(request, pk):
    """Send a template to oneself."""
    template = get_object_or_404(MailTemplate.objects.visible_to(request.user), pk=pk)
    try:
        mailing.send(to=request.user.email, template=template, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, _("On its way to %(address)s.") % {"address": request.user.email})
    return moved(request, reverse("mail_template", args=[template.pk]))


@signed_in
@require_POST
def removal(request, pk):
    """Remove a template; mails sent with it stay."""
    template = MailTemplate.objects.editable_by(request.user).filter(pk=pk).first()
    if template is None:
        raise Http404
    template.delete()
    messages.success(request, _("%(name)s is removed.") % {"name": template})
    return moved(request, reverse("mail_templates"))
