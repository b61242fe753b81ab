"""Importing a file: upload, columns, preview with cells to mend, run, result, and the way back."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import jobs, parsing, undo
from crm.importing import checking, files, mapping, refused, running
from crm.importing.kinds import importables, may_import, of_kind, of_slug
from crm.importing.rows import Import, ImportRow
from crm.jobs import Job
from crm.pages import answer, moved, signed_in
from crm.tables import formats
from crm.tables.limits import LONGEST_CELL
from crm.tables.refusal import Refused
from crm.undo import told
from crm.undo.views import summary
from quality.imports import shown
from quality.imports.forms import EncodingForm, MappingForm, OptionsForm, UploadForm

State = Import.State
MOST_LISTED = 100
NO_FILE_SNIFFING = {"X-Content-Type-Options": "nosniff"}
CSV = "text/csv; charset=utf-8"


def _own(request, pk):
    """Return an import of the reader's own, whose kind they may still import, or see if it was run."""
    asked = get_object_or_404(Import.objects.of(request.user).select_related("job", "checking_job"), pk=pk)
    asked.user = request.user
    if not _is_open(asked):
        raise Http404
    return asked


def _is_open(asked):
    """Whether its user may still go on with an import, or look at what became of one that was run."""
    may_see = asked.is_begun and asked.user.access.may(asked.kind, "view")
    return any(one.kind == asked.kind for one in importables()) and (may_see or may_import(asked.kind, asked.user))


def _steps(current):
    """Return the steps of the wizard: label, whether it is done, whether it is this one."""
    labels = (_("File"), _("Columns"), _("Preview"), _("Run"))
    return [
        {"number": number, "label": label, "done": number < current, "current": number == current}
        for number, label in enumerate(labels, 1)
    ]


@signed_in
@require_safe
def import_list(request):
    """The reader's imports, the newest first."""
    rows = list(Import.objects.of(request.user).select_related("job", "checking_job").order_by("-id")[:MOST_LISTED])
    for row in rows:
        row.user = request.user
    rows = [row for row in rows if _is_open(row)]
    acts = told.acts_of(request.user).filter(job__in=[row.job_id for row in rows if row.job_id], undoes=None)
    by_job = {act.job_id: act for act in acts}
    for row in rows:
        row.act = by_job.get(row.job_id)
        row.figures = shown.figures(row)
        row.what = of_kind(row.kind).label
    context = {"imports": rows, "kinds": importables(request.user)}
    return answer(request, "imports/list.html", "rows", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request):
    """Choose a file; it is read at once, and what is no table is refused with the reason."""
    kinds = importables(request.user)
    initial = {"kind": request.GET.get("kind", "")}
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=initial)
    if request.method == "POST" and kinds and form.is_valid():
        asked = _brought(request, form)
        if asked is not None:
            return moved(request, reverse("quality:import_map", args=[asked.pk]))
    context = {"form": form, "kinds": kinds, "steps": _steps(1)}
    return answer(request, "imports/new.html", "form", context, status=422 if request.method == "POST" else 200)


def _brought(request, form):
    """Return the import of a file that was sent; what is wrong with it stands at its field."""
    file = form.cleaned_data["file"]
    try:
        importable = of_slug(form.cleaned_data["kind"])
        return files.bring(
            importable=importable, name=file.name, pieces=file.chunks(files.PART_BYTES), by=request.user,
            country=form.cleaned_data["country"],
        )  # fmt: skip
    except Refused as error:
        form.add_error("file", files.in_words(error))
        return None


@signed_in
@require_safe
def sample(request, key):
    """A file with one row that shows how a kind of record can be written."""
    try:
        importable = of_slug(key)
    except KeyError:
        raise Http404 from None
    columns = [column for column in importable.open_to(request.user) if column.example]
    rows = [[str(column.label) for column in columns], [column.example for column in columns]]
    content = "\ufeff" + refused.csv_text(rows)
    headers = {"Content-Disposition": f'attachment; filename="{key}-sample.csv"', **NO_FILE_SNIFFING}
    return HttpResponse(content.encode(), content_type=CSV, headers=headers)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def import_map(request, pk):
    """Say which column is which, and what is to become of the rows."""
    asked = _own(request, pk)
    if asked.is_begun:
        return moved(request, reverse("quality:import", args=[pk]))
    importable = of_kind(asked.kind)
    data = request.POST if request.method == "POST" else None
    form = MappingForm(asked, importable, data)
    options = OptionsForm(data, asked=asked, importable=importable, mapping=form.mapping)
    status = 200
    if data is not None and data.get("do") != "look":
        if form.is_valid() and options.is_valid():
            _keep(asked, form, options)
            return moved(request, reverse("quality:import_preview", args=[pk]))
        status = 422
    elif data is not None:
        form.is_valid()
    context = {
        "asked": asked, "form": form, "options": options, "columns": form.columns, "steps": _steps(2),
        "encoding": EncodingForm(initial={"encoding": asked.encoding})
        if asked.form in (formats.CSV, formats.VCARD) else None,
    }  # fmt: skip
    return answer(request, "imports/map.html", "mapping", context, status=status)


def _keep(asked, form, options):
    """Keep what was chosen, remember it for the next file of this form, and have the rows checked."""
    asked.mapping, asked.values = form.mapping, form.values
    asked.options = {**asked.options, **options.chosen}
    with transaction.atomic():
        locked = get_object_or_404(Import.objects.select_for_update(of=("self",)), pk=asked.pk)
        if not locked.is_begun and locked.header == asked.header:  # else it was read again meanwhile
            asked.save(update_fields=["mapping", "values", "options"])
            mapping.remember(asked)
            running.ask_to_check(asked)


@signed_in
@require_POST
def import_encoding(request, pk):
    """Read the letters of a file in another encoding."""
    asked = _own(request, pk)
    form = EncodingForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        files.read_again(asked, form.cleaned_data["encoding"])
    except Import.DoesNotExist:
        raise Http404 from None
    except Refused as error:
        messages.error(request, files.in_words(error))
    return moved(request, reverse("quality:import_map", args=[pk]))


@signed_in
@require_safe
def import_preview(request, pk):
    """Every row's fate before anything is written; while it is being found out the page asks again by itself."""
    asked = _own(request, pk)
    if asked.is_begun:
        return moved(request, reverse("quality:import", args=[pk]))
    if asked.state == State.MAPPING:
        return moved(request, reverse("quality:import_map", args=[pk]))
    return answer(request, "imports/preview.html", "preview", _preview(asked, **_stretch(request)))


def _stretch(request):
    """Return which rows of a preview are asked for."""
    show = parsing.choice(request.GET.get("show"), shown.SHOWN, default="all")
    return {"show": show, "after": parsing.whole(request.GET.get("after"), high=2**31 - 1, default=0)}


def _preview(asked, *, show, after):
    importable = of_kind(asked.kind)
    context = {"asked": asked, "steps": _steps(3), "figures": shown.figures(asked), "show": show, "after": after}
    if asked.state == State.CHECKING:
        job = asked.checking_job
        return {**context, "job": job, "stopped": job is None or job.is_over}
    lines, following = shown.page(asked, importable, show, after)
    number = context["figures"]["to_write"]
    return {
        **context,
        "chips": shown.chips(asked, show),
        "columns": shown.columns(asked, importable),
        "lines": lines,
        "following": following,
        "aside": _aside(asked),
        "run_words": ngettext("Run %s row", "Run %s rows", number) % context["figures"]["written"],
    }


def _aside(asked):
    rows, cells = asked.counts.get("bad", 0), asked.counts.get("cells", 0)
    if not rows:
        return ""
    bad = ngettext("%d bad cell", "%d bad cells", cells) % cells
    return ngettext("%(bad)s in %(rows)d row will be set aside in a file", "%(bad)s in %(rows)d rows will be set aside in a file", rows) % {"bad": bad, "rows": rows}  # fmt: skip # noqa: E501


@signed_in
@require_POST
def import_cell(request, pk):
    """Put another text into one cell, and look at its row anew."""
    asked = _own(request, pk)
    if asked.state != State.CHECKED:
        raise Http404
    number = parsing.whole(request.POST.get("row"), high=2**31 - 1)
    place = parsing.whole(request.POST.get("place"), high=len(asked.header) - 1)
    text = parsing.words(request.POST.get("text"), longest=LONGEST_CELL, lines=True, default="")
    stretch = _stretch(request)
    try:
        checking.mend(asked, number, {place: text})
    except ImportRow.DoesNotExist:
        raise Http404 from None
    back = f"{reverse('quality:import_preview', args=[pk])}?{request.GET.urlencode()}"
    if request.htmx:
        return answer(request, "imports/preview.html", "preview", _preview(_own(request, pk), **stretch))
    return moved(request, f"{back}#row-{number}")


@signed_in
@require_POST
def import_again(request, pk):
    """Check a file again whose check was stopped, or go on with a run that was."""
    asked = _own(request, pk)
    if asked.is_begun:
        act = running.act_of(asked)
        if asked.job is not None and (act is None or act.state == undo.Act.State.UNDER_WAY):
            jobs.retry(asked.job)
        return moved(request, reverse("quality:import", args=[pk]))
    with suppress(running.NotReady, Import.DoesNotExist):  # just now its run was asked for, or it was thrown away
        running.ask_to_check(asked)
    return moved(request, reverse("quality:import_preview", args=[pk]))


@signed_in
@require_POST
def import_stop(request, pk):
    """Stop the check or the run at its next step; what was written stays, and can be undone."""
    asked = _own(request, pk)
    job = asked.job if asked.is_begun else asked.checking_job
    if job is not None:
        jobs.cancel(job)
    return moved(request, reverse("quality:import", args=[pk]))


@signed_in
@require_POST
def import_run(request, pk):
    """Begin to write; asked twice it runs once."""
    asked = _own(request, pk)
    try:
        running.ask_to_run(asked)
    except running.NotReady:
        messages.info(request, _("The file is still to be checked."))
    except Import.DoesNotExist:
        raise Http404 from None
    return moved(request, reverse("quality:import", args=[pk]))


@signed_in
@require_safe
def import_detail(request, pk):
    """How far a run is, and how it came out; before the run it leads to the step that is next."""
    asked = _own(request, pk)
    if not asked.is_begun:
        step = "import_map" if asked.state == State.MAPPING else "import_preview"
        return moved(request, reverse(f"quality:{step}", args=[pk]))
    act = told.acts_of(request.user).filter(job=asked.job_id, undoes=None).first() if asked.job_id else None
    told.offer_redo([act] if act else [], request.user)
    context = {
        "asked": asked, "job": asked.job, "act": act, "figures": shown.figures(asked), "steps": _steps(4),
        "under_way": asked.state == State.RUNNING and asked.job is not None and not asked.job.is_over,
        "stopped": asked.state == State.RUNNING and (asked.job is None or asked.job.is_over),
        "cancelled": asked.job is not None and asked.job.state == Job.State.CANCELLED,
        "importable": of_kind(asked.kind), "made": asked.counts.get("companies", 0),
        "undone": summary(act) if act and act.outcome else "",
    }  # fmt: skip
    return answer(request, "imports/detail.html", "state", context)


@signed_in
@require_safe
def import_refused(request, pk):
    """The rows that were set aside, as CSV with the reasons."""
    asked = _own(request, pk)
    name = f"{slugify(asked.name.rpartition('.')[0]) or 'import'}-set-aside.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **NO_FILE_SNIFFING}
    return StreamingHttpResponse(refused.pieces(asked), content_type=CSV, headers=headers)


@signed_in
@require_POST
def import_removal(request, pk):
    """Throw away a file that was not run."""
    asked = _own(request, pk)
    if asked.is_begun:
        raise Http404
    if asked.checking_job is not None:
        jobs.cancel(asked.checking_job)
    files.throw_away(asked)
    messages.success(request, _("The file was thrown away. Nothing was imported."))
    return moved(request, reverse("quality:imports"))
