"""The addresses of what can be undone."""

from django.urls import path

from crm.undo import views

urlpatterns = [
    path("", views.act_list, name="undo"),
    path("<id:pk>/", views.act_detail, name="undo_act"),
    path("<id:pk>/reversal/", views.reversal, name="undo_reversal"),
]
