"""The addresses of the bell."""

from django.urls import path

from crm.notifications import views

urlpatterns = [
    path("notifications/", views.notification_list, name="notifications"),
    path("notifications/bell/", views.bell, name="notification_bell"),
    path("notifications/reading/", views.reading, name="notifications_reading"),
    path("notifications/<id:pk>/opening/", views.opening, name="notification_opening"),
    path("account/notifications/", views.habits, name="notification_habits"),
]
