"""Pages that belong to no app: global search."""

from django.http import HttpRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.pages import signed_in
from crm.search import search, searchable_models

MOST = 40
IN_PALETTE = 8


@signed_in
@require_safe
def search_page(request: HttpRequest):
    """What is found by ?q=, of every kind; with ?palette=1 only the options for the palette."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    in_palette = "palette" in request.GET
    hits = search(request.user, words, limit=IN_PALETTE if in_palette else MOST)
    kinds = [(model._meta, [hit for hit in hits if isinstance(hit.record, model)]) for model in searchable_models()]
    template = "search_palette.html" if in_palette else "search.html"
    return render(request, template, {"search_words": words, "hits": hits, "kinds": kinds})
