"""The addresses of the quality of the data."""

from django.urls import path

from quality import certain_views, merge_views, views
from quality.imports import views as imports

app_name = "quality"
urlpatterns = [
    path("duplicates/", views.duplicate_list, name="duplicates"),
    path("duplicates/look/", views.look, name="look"),
    path("duplicates/<id:pk>/answer/", views.answer_pair, name="answer"),
    path("duplicates/<id:pk>/reopening/", views.reopen_pair, name="reopening"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/sample/<slug:key>/", imports.sample, name="import_sample"),
    path("imports/<id:pk>/", imports.import_detail, name="import"),
    path("imports/<id:pk>/columns/", imports.import_map, name="import_map"),
    path("imports/<id:pk>/encoding/", imports.import_encoding, name="import_encoding"),
    path("imports/<id:pk>/preview/", imports.import_preview, name="import_preview"),
    path("imports/<id:pk>/cell/", imports.import_cell, name="import_cell"),
    path("imports/<id:pk>/again/", imports.import_again, name="import_again"),
    path("imports/<id:pk>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<id:pk>/run/", imports.import_run, name="import_run"),
    path("imports/<id:pk>/set-aside/", imports.import_refused, name="import_refused"),
    path("imports/<id:pk>/removal/", imports.import_removal, name="import_removal"),
    path("certain/", certain_views.certain_ones, name="certain"),
    path("certain/switch/", certain_views.certain_switch, name="certain_switch"),
    path("certain/merge/", certain_views.certain_merge, name="certain_merge"),
    path("certain/<id:pk>/", certain_views.certain_run, name="certain_run"),
    path("certain/<id:pk>/stop/", certain_views.certain_stop, name="certain_stop"),
    path("certain/<id:pk>/again/", certain_views.certain_again, name="certain_again"),
    path("certain/<id:pk>/reversal/", certain_views.certain_reversal, name="certain_reversal"),
    path("merge/", merge_views.merge, name="merge"),
    path("merge/apart/", merge_views.apart, name="merge_apart"),
    path("merge/reversal/", merge_views.reversal, name="merge_reversal"),
]
