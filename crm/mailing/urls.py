"""The addresses of mail: what was sent, templates, and the development sink."""

from django.urls import path

from crm.mailing.views import outgoing, sink, templates

urlpatterns = [
    path("sent/", outgoing.mail_list, name="mail_sent"),
    path("sent/<id:pk>/", outgoing.mail_detail, name="mail_detail"),
    path("sent/<id:pk>/html/", outgoing.mail_html, name="mail_html"),
    path("sent/<id:pk>/again/", outgoing.again, name="mail_again"),
    path("sent/<id:pk>/leave/", outgoing.leaving, name="mail_leave"),
    path("sent/<id:pk>/release/", outgoing.releasing, name="mail_release"),
    path("templates/", templates.template_list, name="mail_templates"),
    path("templates/new/", templates.new_template, name="mail_template_new"),
    path("templates/preview/", templates.preview, name="mail_template_preview"),
    path("templates/<id:pk>/", templates.template_detail, name="mail_template"),
    path("templates/<id:pk>/html/", templates.template_html, name="mail_template_html"),
    path("templates/<id:pk>/test/", templates.test_mail, name="mail_template_test"),
    path("templates/<id:pk>/removal/", templates.removal, name="mail_template_removal"),
    path("sink/", sink.sink_list, name="mail_sink"),
    path("sink/<id:pk>/", sink.sink_mail, name="mail_sink_mail"),
    path("sink/<id:pk>/html/", sink.sink_html, name="mail_sink_html"),
    path("sink/<id:pk>/files/<int:number>/", sink.sink_file, name="mail_sink_file"),
]
