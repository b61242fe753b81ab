"""The addresses of one's own saved views, whatever list they are of; and, for an app's urls, those beside a list."""

from django.urls import path

from crm.listing import saving
from crm.listing.conditions import ConditionsView

urlpatterns = [
    path("<id:pk>/", saving.SavedViewEditView.as_view(), name="saved_view"),
    path("<id:pk>/contents/", saving.SavedViewContentsView.as_view(), name="saved_view_contents"),
    path("<id:pk>/move/", saving.SavedViewMoveView.as_view(), name="saved_view_move"),
    path("<id:pk>/removal/", saving.SavedViewRemovalView.as_view(), name="saved_view_removal"),
    path("<id:pk>/restoration/", saving.SavedViewRestoreView.as_view(), name="saved_view_restoration"),
]


def beside(prefix, list_view, app):
    """Return the addresses of the conditions and the saved views of a list: `prefix` "people" in the app "contacts"."""
    options = {"list_view": list_view, "list_name": f"{app}:{prefix}"}
    return [
        path(f"{prefix}/conditions/", ConditionsView.as_view(**options), name=f"{prefix}_conditions"),
        path(f"{prefix}/views/", saving.SavedViewsView.as_view(**options), name=f"{prefix}_views"),
        path(f"{prefix}/views/new/", saving.SavedViewNewView.as_view(**options), name=f"{prefix}_views_new"),
    ]
