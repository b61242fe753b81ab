"""The screen on which records are put together, and the way back."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm import duplicates, merging, parsing, undo
from crm.choices import RecordChoiceField
from crm.pages import moved, signed_in
from crm.undo import Act
from crm.undo.views import summary
from quality import choices, worklist

DIFFERENT = gettext_lazy("Noted as not the same: %s.")


class OtherForm(forms.Form):
    """With which record one is to be merged."""

    def __init__(self, data=None, *, model, user):
        super().__init__(data)
        url = reverse(f"{model._meta.app_label}:{model._meta.model_name}_choices")
        other = RecordChoiceField(model, url=url, label=_("Merge with"), placeholder=_("Type a name"))
        other.for_user(user)
        self.fields["pick"] = other


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request):
    """GET the records of `kind` with the ids `pick` side by side; POST puts them together with what was picked."""
    asked = request.POST if request.method == "POST" else request.GET
    model = _model(request, asked)
    ids = _living(model, parsing.identifiers(_picks(request, model, asked), most=50))
    if len(ids) > merging.MOST:
        return _refused(request, 422, _("Too many at once"), _("Choose at most %d records.") % merging.MOST)
    records = _records(model, ids, request.user)
    if request.method == "POST":
        return _merged(request, model, records)
    if len(records) < 2:
        return _one_more(request, model, records)
    return _shown(request, model, records)


def _model(request, asked):
    """Return the kind of record that is asked for, of those the user may change any of."""
    kinds = {str(one.model._meta.model_name): one.model for one in merging.mergeables()}
    model = kinds.get(asked.get("kind"))
    if model is None or not request.user.access.may(model._meta.label_lower, "edit"):
        raise Http404
    return model


def _picks(request, model, asked):
    """Return the ids as sent; the other record may be a name, typed without JavaScript."""
    sent = [pk for pk in asked.getlist("pick") if pk]
    if typed := asked.get("pick_text"):
        form = OtherForm({"pick_text": typed}, model=model, user=request.user)
        sent += [str(form.cleaned_data["pick"].pk)] if form.is_valid() else []
    return sent


def _living(model, ids):
    """Return the ids that these lead to by now, each once, in order; what there never was stays as it is."""
    living = merging.living_of(model, ids)
    return list(dict.fromkeys(living.get(pk, pk) for pk in ids))


def _records(model, ids, user):
    """Return these records, oldest first as the survivor is; 404 unless the user may change all of them."""
    found = model.objects.editable_by(user).select_related("owner").in_bulk(ids)
    if len(found) < len(ids) or not ids:
        raise Http404
    return [found[pk] for pk in ids]


def _one_more(request, model, records, status=200):
    """Show the form that asks with which record the one is to be merged."""
    typed = request.GET.get("pick_text")
    form = OtherForm({"pick_text": typed} if typed else None, model=model, user=request.user)
    if typed and form.is_valid():
        form.add_error("pick", _("That is the same record."))
    context = {"record": records[0], "form": form, "kind": model._meta.model_name, "back": _back(request, request.GET)}
    return render(request, "quality/merge_with.html", context, status=422 if typed else status)


def _shown(request, model, records, *, picks=None, seen=(), status=200, problem=""):
    asked = request.POST if request.method == "POST" else request.GET
    screen = choices.screen(model, records, request.user, picks=picks, survivor=_survivor(asked), seen=seen)
    context = {"screen": screen, "next": _back(request, asked), "problem": problem}
    return render(request, "quality/merge.html", context, status=status)


def _survivor(asked):
    """Return the id of the record whose address and number stay; None where nothing is chosen."""
    return parsing.identifier(asked.get("survivor"), default=None)


def _merged(request, model, records):
    """Put the records together, or show what stands in the way."""
    if len(records) < 2:
        messages.info(request, _("They are one already."))
        return moved(request, records[0])
    picks = _picked(request, model)
    seen = request.POST.getlist("seen")[: merging.MOST]
    known = choices.versions(seen)
    ids = [record.pk for record in records]
    if set(known) != set(ids):
        return _shown(request, model, records, picks=picks, seen=seen, status=409)
    try:
        act = merging.merge(model, ids, survivor=_survivor(request.POST), picks=picks, seen=known, by=request.user)
    except merging.Stale:
        records = _records(model, ids, request.user)
        return _shown(request, model, records, picks=picks, seen=seen, status=409)
    except merging.Gone as error:
        return _refused(request, 409, _("Somebody was faster"), error.words)
    except merging.Refused as error:
        return _shown(request, model, records, picks=picks, seen=seen, status=422, problem=error.words)
    return _done(request, model, act)


def _picked(request, model):
    sent = {one.key: request.POST.get(f"f-{one.key}") for one in merging.mergeable(model).fields}
    return {key: parsing.identifier(pk) for key, pk in sent.items() if pk}


def _done(request, model, act):
    """Say so, with the way back, and go on: to the next entry of the worklist, else to the survivor."""
    worklist.counted(request.user)
    record = model.objects.visible_to(request.user).filter(pk=act.facts["record"]).first()
    words = _("%(number)d records are one now: %(name)s.") % {"number": act.facts["number"], "name": record or ""}
    messages.success(request, words, extra_tags=f"undo:{reverse('undo_reversal', args=[act.pk])}")
    wanted = _back(request, request.POST)
    return moved(request, wanted if wanted or record is None else record)


def _back(request, asked):
    """Return the list somebody came from, at the entry that follows; "" where they came from elsewhere."""
    wanted = asked.get("next", "")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None) else ""


@signed_in
@require_POST
def apart(request):
    """Say that the records of a merge screen are not the same, none of them."""
    model = _model(request, request.POST)
    ids = parsing.identifiers(request.POST.getlist("pick"), most=merging.MOST)
    records = _records(model, ids, request.user)
    if duplicates.kind_of(model) is not None:
        with transaction.atomic():
            for place, pk in enumerate(ids):
                said = dict.fromkeys(ids[place + 1 :], duplicates.Suggestion.State.NOT_SAME)
                duplicates.note(model, pk, said, by=request.user)
    worklist.counted(request.user)
    messages.success(request, DIFFERENT % ", ".join(map(str, records)))
    return moved(request, _back(request, request.POST) or reverse("quality:duplicates"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def reversal(request):
    """GET what a merge (`act`) has put together; POST takes it apart. For those who may change all of its records."""
    asked = request.POST if request.method == "POST" else request.GET
    acts = Act.objects.filter(kind=merging.KIND, rows__gt=0)
    act = get_object_or_404(acts, pk=parsing.identifier(asked.get("act"), default=None))
    model = merging.model_of(act)
    if not model.objects.changeable_by(request.user, "edit").filter(pk=act.facts["record"]).exists():
        raise Http404
    if request.method != "POST":
        return _about(request, act)
    try:
        act = merging.unmerge(act, by=request.user)
    except undo.NotOpen:
        messages.info(request, _("It was taken apart already."))
    except undo.Refused as error:
        messages.info(request, error.words)
    else:
        _say_parted(request, act)
    worklist.counted(request.user)
    survivor = model.objects.visible_to(request.user).filter(pk=act.facts["record"]).first()
    wanted = _back(request, request.POST)
    return moved(request, wanted or survivor or reverse("quality:duplicates"))


def _about(request, act):
    """Show what would be taken apart; a merge that does not stand, or is not theirs to take apart, says so."""
    told = merging.open_acts([act.pk], request.user).get(act.pk)
    if told is None:
        words = merging.NOT_YOURS if act.is_open else _("It was taken apart already.")
        return _refused(request, 200, _("Nothing to take apart"), words)
    return render(request, "quality/merge_reversal.html", {"told": told, "back": _back(request, request.GET)})


def _say_parted(request, act):
    if act.state == Act.State.UNDONE:
        messages.success(request, _("Taken apart. All are as they were."))
    elif act.state == Act.State.UNDOING:
        messages.success(request, _("It is being taken apart in the background."))
    else:
        messages.success(request, _("Taken apart. %(summary)s") % {"summary": summary(act)})


def _refused(request, status, title, text):
    back = _back(request, request.POST) or reverse("quality:duplicates")
    return render(request, "quality/refused.html", {"title": title, "text": text, "back": back}, status=status)
