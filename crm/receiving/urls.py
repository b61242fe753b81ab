"""The addresses of mail that came in: for its readers, and in Settings."""

from django.urls import path

from crm.receiving.views import mailboxes, mails, quarantine

urlpatterns = [
    path("mail/", mails.mail_list, name="mail"),
    path("mail/drop-box/", mails.drop_box, name="mail_drop_box"),
    path("mail/drop-box/new/", mails.new_drop_box, name="mail_drop_box_new"),
    path("mail/received/<id:pk>/", mails.received_mail, name="received_mail"),
    path("mail/received/<id:pk>/html/", mails.mail_html, name="received_mail_html"),
    path("mail/received/<id:pk>/files/<slug:key>/", mails.mail_file, name="received_mail_file"),
    path("mail/received/<id:pk>/handling/", mails.handling, name="received_mail_handling"),
    path("settings/mailboxes/", mailboxes.mailbox_list, name="settings_mailboxes"),
    path("settings/mailboxes/new/", mailboxes.new_mailbox, name="settings_mailbox_new"),
    path("settings/mailboxes/<id:pk>/", mailboxes.mailbox_detail, name="settings_mailbox"),
    path("settings/mailboxes/<id:pk>/test/", mailboxes.mailbox_test, name="settings_mailbox_test"),
    path("settings/mailboxes/<id:pk>/pause/", mailboxes.mailbox_pause, name="settings_mailbox_pause"),
    path("settings/mailboxes/<id:pk>/removal/", mailboxes.mailbox_removal, name="settings_mailbox_removal"),
    path("settings/quarantine/", quarantine.quarantine, name="settings_quarantine"),
    path("settings/quarantine/<id:pk>/", quarantine.quarantined, name="settings_quarantined"),
    path("settings/quarantine/<id:pk>/release/", quarantine.release, name="settings_quarantine_release"),
    path("settings/quarantine/<id:pk>/deletion/", quarantine.deletion, name="settings_quarantine_deletion"),
]
