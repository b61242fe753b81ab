"""The addresses of people and companies."""

from django.urls import path

from contacts import forms, views
from contacts.models import Company, Person
from crm.listing.actions import RecordBulkView, RecordExportView
from crm.listing.urls import beside
from crm.record_views import ChangesView, ChoicesView, LikelyView
from crm.shares import ShareEndView, SharesView
from crm.trash import TrashListView

app_name = "contacts"
urlpatterns = [
    path("people/", views.PersonListView.as_view(), name="people"),
    path(
        "people/export/",
        RecordExportView.as_view(list_view=views.PersonListView, list_name="contacts:people"),
        name="people_export",
    ),
    path(
        "people/bulk/",
        RecordBulkView.as_view(list_view=views.PersonListView, list_name="contacts:people"),
        name="people_bulk",
    ),
    *beside("people", views.PersonListView, "contacts"),
    path("people/choices/", ChoicesView.as_view(model=Person), name="person_choices"),
    path("people/trash/", TrashListView.as_view(model=Person), name="people_trash"),
    path("people/new/", views.PersonCreateView.as_view(), name="person_create"),
    path("people/filling/", views.PersonFillingView.as_view(), name="person_filling"),
    path("people/likely/", LikelyView.as_view(model=Person, form_class=forms.PersonForm), name="people_likely"),
    path(
        "people/quick/likely/",
        LikelyView.as_view(model=Person, form_class=forms.PersonQuickForm),
        name="people_quick_likely",
    ),
    path("people/quick/", views.PersonQuickView.as_view(), name="person_quick"),
    path("people/<id:pk>/", views.PersonView.as_view(), name="person"),
    path("people/<id:pk>/edit/", views.PersonEditView.as_view(), name="person_edit"),
    path("people/<id:pk>/trash/", views.PersonTrashView.as_view(), name="person_trash"),
    path("people/<id:pk>/restoration/", views.PersonRestoreView.as_view(), name="person_restoration"),
    path("people/<id:pk>/shares/", SharesView.as_view(model=Person), name="person_shares"),
    path("people/<id:pk>/shares/end/", ShareEndView.as_view(model=Person), name="person_share_end"),
    path("people/<id:pk>/changes/", ChangesView.as_view(model=Person), name="person_changes"),
    path("companies/", views.CompanyListView.as_view(), name="companies"),
    path(
        "companies/export/",
        RecordExportView.as_view(list_view=views.CompanyListView, list_name="contacts:companies"),
        name="companies_export",
    ),
    path(
        "companies/bulk/",
        RecordBulkView.as_view(list_view=views.CompanyListView, list_name="contacts:companies"),
        name="companies_bulk",
    ),
    *beside("companies", views.CompanyListView, "contacts"),
    path("companies/choices/", ChoicesView.as_view(model=Company), name="company_choices"),
    path("companies/trash/", TrashListView.as_view(model=Company), name="companies_trash"),
    path("companies/likely/", LikelyView.as_view(model=Company, form_class=forms.CompanyForm), name="companies_likely"),
    path("companies/new/", views.CompanyCreateView.as_view(), name="company_create"),
    path("companies/<id:pk>/", views.CompanyView.as_view(), name="company"),
    path("companies/<id:pk>/edit/", views.CompanyEditView.as_view(), name="company_edit"),
    path("companies/<id:pk>/trash/", views.CompanyTrashView.as_view(), name="company_trash"),
    path("companies/<id:pk>/restoration/", views.CompanyRestoreView.as_view(), name="company_restoration"),
    path("companies/<id:pk>/shares/", SharesView.as_view(model=Company), name="company_shares"),
    path("companies/<id:pk>/shares/end/", ShareEndView.as_view(model=Company), name="company_share_end"),
    path("companies/<id:pk>/changes/", ChangesView.as_view(model=Company), name="company_changes"),
]
