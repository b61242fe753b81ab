"""The addresses of background work."""

from django.urls import path

from crm.jobs import views

urlpatterns = [
    path("", views.job_list, name="jobs"),
    path("given-up/", views.given_up, name="jobs_given_up"),
    path("given-up/retry/", views.retry_all, name="jobs_retry"),
    path("given-up/setting-aside/", views.setting_all_aside, name="jobs_setting_aside"),
    path("<id:pk>/", views.job_detail, name="job"),
    path("<id:pk>/file/", views.job_file, name="job_file"),
    path("<id:pk>/retry/", views.retry, name="job_retry"),
    path("<id:pk>/setting-aside/", views.setting_aside, name="job_setting_aside"),
    path("<id:pk>/cancellation/", views.cancellation, name="job_cancellation"),
]
