"""The addresses of the quality of the data."""

from django.urls import path

from quality import merge_views, views

app_name = "quality"
urlpatterns = [
    path("duplicates/", views.duplicate_list, name="duplicates"),
    path("duplicates/look/", views.look, name="look"),
    path("duplicates/<id:pk>/answer/", views.answer_pair, name="answer"),
    path("duplicates/<id:pk>/reopening/", views.reopen_pair, name="reopening"),
    path("merge/", merge_views.merge, name="merge"),
    path("merge/apart/", merge_views.apart, name="merge_apart"),
    path("merge/reversal/", merge_views.reversal, name="merge_reversal"),
]
