"""The addresses of My day, talks and tasks."""

from django.urls import path

from contacts.models import Company, Person
from crm.record_views import ChangesView
from interactions import views
from interactions.models import Interaction, Task

app_name = "interactions"
Kind = Interaction.Kind
PLURALS = {
    Kind.CALL: "calls",
    Kind.EMAIL: "mails",
    Kind.MEETING: "meetings",
    Kind.VISIT: "visits",
    Kind.NOTE: "notes",
    Kind.FEEDBACK: "feedback",
    Kind.REQUEST: "newsletter-requests",
}
urlpatterns = [
    path("", views.my_day, name="my_day"),
    *(
        path(f"{plural}/new/", views.InteractionCreateView.as_view(kind=kind), name=f"{kind}_create")
        for kind, plural in PLURALS.items()
    ),
    path("people/<id:pk>/log/", views.QuickLogView.as_view(whole=Person), name="person_log"),
    path("companies/<id:pk>/log/", views.QuickLogView.as_view(whole=Company), name="company_log"),
    path("interactions/<id:pk>/edit/", views.InteractionEditView.as_view(), name="interaction_edit"),
    path("interactions/<id:pk>/trash/", views.InteractionTrashView.as_view(), name="interaction_trash"),
    path("interactions/<id:pk>/restoration/", views.InteractionRestoreView.as_view(), name="interaction_restoration"),
    path("interactions/<id:pk>/changes/", ChangesView.as_view(model=Interaction), name="interaction_changes"),
    path("tasks/new/", views.TaskCreateView.as_view(), name="task_create"),
    path("tasks/<id:pk>/edit/", views.TaskEditView.as_view(), name="task_edit"),
    path("tasks/<id:pk>/completion/", views.TaskDoneView.as_view(), name="task_completion"),
    path("tasks/<id:pk>/reopening/", views.TaskDoneView.as_view(done=False), name="task_reopening"),
    path("tasks/<id:pk>/trash/", views.TaskTrashView.as_view(), name="task_trash"),
    path("tasks/<id:pk>/restoration/", views.TaskRestoreView.as_view(), name="task_restoration"),
    path("tasks/<id:pk>/changes/", ChangesView.as_view(model=Task), name="task_changes"),
]
