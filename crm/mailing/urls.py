"""The addresses of mail: what was sent, templates, the development sink, and who gets no mail."""

from django.urls import path

from crm.mailing.views import outgoing, sink, suppressions, templates

urlpatterns = [
    path("mail/sent/", outgoing.mail_list, name="mail_sent"),
    path("mail/sent/<id:pk>/", outgoing.mail_detail, name="mail_detail"),
    path("mail/sent/<id:pk>/html/", outgoing.mail_html, name="mail_html"),
    path("mail/sent/<id:pk>/again/", outgoing.again, name="mail_again"),
    path("mail/sent/<id:pk>/leave/", outgoing.leaving, name="mail_leave"),
    path("mail/templates/", templates.template_list, name="mail_templates"),
    path("mail/templates/new/", templates.new_template, name="mail_template_new"),
    path("mail/templates/preview/", templates.preview, name="mail_template_preview"),
    path("mail/templates/<id:pk>/", templates.template_detail, name="mail_template"),
    path("mail/templates/<id:pk>/html/", templates.template_html, name="mail_template_html"),
    path("mail/templates/<id:pk>/test/", templates.test_mail, name="mail_template_test"),
    path("mail/templates/<id:pk>/removal/", templates.removal, name="mail_template_removal"),
    path("mail/sink/", sink.sink_list, name="mail_sink"),
    path("mail/sink/<id:pk>/", sink.sink_mail, name="mail_sink_mail"),
    path("mail/sink/<id:pk>/html/", sink.sink_html, name="mail_sink_html"),
    path("mail/sink/<id:pk>/files/<int:number>/", sink.sink_file, name="mail_sink_file"),
    path("settings/suppressions/", suppressions.suppression_list, name="settings_suppressions"),
    path("settings/suppressions/new/", suppressions.new_suppression, name="settings_suppression_new"),
    path("settings/suppressions/<id:pk>/", suppressions.suppression_detail, name="settings_suppression"),
    path("settings/suppressions/<id:pk>/release/", suppressions.release, name="settings_suppression_release"),
]
