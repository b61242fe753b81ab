"""The addresses of the site's history and of what each user did."""

from django.urls import path

from crm.audit import activity
from crm.audit.views import HistoryExportView, HistoryView

urlpatterns = [
    path("history/", HistoryView.as_view(), name="history"),
    path(
        "history/export/",
        HistoryExportView.as_view(list_view=HistoryView, list_name="history"),
        name="history_export",
    ),
    path("users/<id:pk>/", activity.user_activity, name="user_activity"),
]
