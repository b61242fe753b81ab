"""The addresses of background work."""

from django.urls import path

from crm.jobs import views

urlpatterns = [
    path("", views.job_list, name="jobs"),
    path("<id:pk>/", views.job_detail, name="job"),
    path("<id:pk>/file/", views.job_file, name="job_file"),
    path("<id:pk>/retry/", views.retry, name="job_retry"),
    path("<id:pk>/cancellation/", views.cancellation, name="job_cancellation"),
]
