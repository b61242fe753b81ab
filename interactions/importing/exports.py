"""The files of talks and tasks that other programs export: the columns by which they are known, and what those mean."""

from __future__ import annotations

from crm.importing.kinds import KnownExport

_HUBSPOT = {
    "Record ID": "external_id", "Activity assigned to": "owner", "Activity date": "at", "Associated Contact": "person",
    "Associated Contact IDs": "person_elsewhere", "Associated Company": "company",
    "Associated Company IDs": "company_elsewhere",
}  # fmt: skip
_HUBSPOT_LEFT = (
    "Create date", "Last modified date", "Created by user ID", "HubSpot Team", "Associated Deal", "Associated Deal IDs",
    "Associated Ticket", "Associated Ticket IDs", "Call status", "Call source", "From number", "Recording URL",
    "Email from address", "Email send status", "Email CC address", "Email BCC address", "Meeting end time",
    "Meeting location", "Meeting source", "Call and meeting type", "Activity created by", "Number of times contacted",
)  # fmt: skip
_HUBSPOT_CALL = {
    **_HUBSPOT, "Call title": "subject", "Call notes": "body", "Call direction": "direction",
    "Call outcome": "outcome", "Call duration": "seconds", "Call duration (HH:mm:ss)": "duration",
    "Call duration (milliseconds)": "seconds", "To number": "person_phone",
}  # fmt: skip
_HUBSPOT_MAIL = {
    **_HUBSPOT, "Email subject": "subject", "Email body": "body", "Email direction": "direction",
    "Email to address": "person_email",
}  # fmt: skip
_HUBSPOT_MEETING = {
    **_HUBSPOT, "Meeting name": "subject", "Meeting description": "body", "Internal meeting notes": "body",
    "Meeting start time": "at", "Meeting outcome": "outcome",
}  # fmt: skip
_HUBSPOT_NOTE = {**_HUBSPOT, "Note body": "body"}
_HUBSPOT_TASK = {
    **_HUBSPOT, "Task Title": "subject", "Task Name": "subject", "Task notes": "body", "Task Type": "kind",
    "Task Status": "done", "Due date": "due", "Completed at": "done_at",
}  # fmt: skip
_LEFT_OF_HUBSPOT_TASKS = (*_HUBSPOT_LEFT, "Activity date", "Task Priority")

_SALESFORCE = {
    "Id": "external_id", "Activity ID": "external_id", "Subject": "subject", "Date": "at", "Assigned": "owner",
    "Assigned To": "owner", "Contact": "person", "Name": "person",
    "Company / Account": "company", "Account Name": "company",
    "Full Comments": "body", "Description": "body", "Task Subtype": "kind", "Task/Event Subtype": "kind",
    "Type": "kind",
    "TaskSubtype": "kind", "WhoId": "person_elsewhere", "AccountId": "company_elsewhere", "Email": "person_email",
    "Phone": "person_phone", "Call Type": "direction", "CallType": "direction", "Call Result": "outcome",
    "CallDisposition": "outcome", "Call Duration": "seconds", "CallDurationInSeconds": "seconds",
    "Duration": "duration", "DurationInMinutes": "duration", "Status": "done", "ActivityDate": "at",
    "ActivityDateTime": "at", "StartDateTime": "at", "Start": "at",
}  # fmt: skip
_SALESFORCE_LEFT = (
    "Priority", "Comments", "Opportunity", "Lead", "Task", "Event", "End", "EndDateTime", "Location", "WhatId",
    "OwnerId",
    "CreatedDate", "Created Date", "Created By", "CreatedById", "LastModifiedDate", "Last Modified Date", "IsClosed",
    "IsDeleted", "IsArchived", "CompletedDateTime", "Related To", "Assigned Alias", "Assigned Role Display", "Public",
    "IsRecurrence", "IsReminderSet", "ReminderDateTime", "IsAllDayEvent", "SystemModstamp", "EventSubtype",
)  # fmt: skip
_SALESFORCE_TASK = {
    **_SALESFORCE, "Date": "due", "ActivityDate": "due", "Due Date": "due", "CompletedDateTime": "done_at",
    "ActivityDateTime": "due", "StartDateTime": "due", "Start": "due",
}  # fmt: skip
_LEFT_OF_TASKS = tuple(name for name in _SALESFORCE_LEFT if name != "CompletedDateTime")

_PIPEDRIVE = {
    "Activity - ID": "external_id", "Activity - Subject": "subject", "Activity - Type": "kind",
    "Activity - Due date": "at", "Activity - Due time": "time", "Activity - Duration": "duration",
    "Activity - Note": "body", "Activity - Public description": "body", "Activity - Done": "done",
    "Activity - Assigned to user": "owner", "Activity - Contact person": "person",
    "Activity - Organization": "company", "Person - Email": "person_email", "Person - Email - Work": "person_email",
    "Person - Phone": "person_phone", "Person - ID": "person_elsewhere", "Organization - ID": "company_elsewhere",
}  # fmt: skip
_PIPEDRIVE_LEFT = (
    "Activity - Add time", "Activity - Update time", "Activity - Creator", "Activity - Deal", "Activity - Lead",
    "Activity - Priority", "Activity - Free/busy", "Activity - Location", "Activity - Last notification time",
    "Activity - Project", "Activity - Done time", "Activity - Marked as done time",
)  # fmt: skip
_PIPEDRIVE_TASK = {
    **_PIPEDRIVE, "Activity - Due date": "due", "Activity - Marked as done time": "done_at",
}  # fmt: skip
_LEFT_OF_PIPEDRIVE_TASKS = (*_PIPEDRIVE_LEFT[:-1], "Activity - Duration")

_ZOHO = {
    "Record Id": "external_id", "Subject": "subject", "Description": "body", "Contact Name": "person",
    "Contact Name.id": "person_elsewhere", "Related To": "company", "Related To.id": "company_elsewhere",
}  # fmt: skip
_ZOHO_LEFT = (
    "Created By", "Created By.id", "Modified By", "Modified By.id", "Created Time", "Modified Time", "Tag",
    "Call Purpose", "Call Agenda", "Call Owner.id", "Task Owner.id", "Event Owner.id", "Host.id", "Last Activity Time",
    "To", "Venue", "Call Status", "Reminder", "Priority", "Related To Type", "CTI Entry", "Voice Recording", "All day",
)  # fmt: skip
_ZOHO_CALL = {
    **_ZOHO, "Call Start Time": "at", "Call Type": "direction", "Call Duration": "seconds",
    "Call Duration (in seconds)": "seconds", "Call Result": "outcome", "Call Owner": "owner",
}  # fmt: skip
_ZOHO_MEETING = {**_ZOHO, "Title": "subject", "Event Title": "subject", "From": "at", "Host": "owner",
                 "Participants": "person_email"}  # fmt: skip
_ZOHO_NOTE = {
    "Record Id": "external_id", "Note Title": "subject", "Note Content": "body", "Note Owner": "owner",
    "Created Time": "at", "Parent ID": "person_elsewhere", "Parent ID.id": "person_elsewhere", "Parent Name": "person",
}  # fmt: skip
_ZOHO_TASK = {
    **_ZOHO, "Due Date": "due", "Status": "done", "Task Owner": "owner", "Closed Time": "done_at",
}  # fmt: skip

OF_TALKS = (
    KnownExport("HubSpot", ("Record ID", "Call title"), _HUBSPOT_CALL, _HUBSPOT_LEFT, (("kind", "call"),)),
    KnownExport("HubSpot", ("Record ID", "Email subject"), _HUBSPOT_MAIL, _HUBSPOT_LEFT, (("kind", "email"),)),
    KnownExport("HubSpot", ("Record ID", "Meeting name"), _HUBSPOT_MEETING, _HUBSPOT_LEFT, (("kind", "meeting"),)),
    KnownExport("HubSpot", ("Record ID", "Note body"), _HUBSPOT_NOTE, _HUBSPOT_LEFT, (("kind", "note"),)),
    KnownExport("Pipedrive", ("Activity - Subject", "Activity - Type"), _PIPEDRIVE, _PIPEDRIVE_LEFT),
    KnownExport("Zoho", ("Call Start Time", "Call Type"), _ZOHO_CALL, _ZOHO_LEFT, (("kind", "call"),)),
    KnownExport("Zoho", ("Record Id", "From", "Host"), _ZOHO_MEETING, _ZOHO_LEFT, (("kind", "meeting"),)),
    KnownExport("Zoho", ("Note Content", "Note Owner"), _ZOHO_NOTE, _ZOHO_LEFT, (("kind", "note"),)),
    KnownExport("Salesforce", ("WhoId", "Subject", "DurationInMinutes"), _SALESFORCE, _SALESFORCE_LEFT,
                (("kind", "meeting"),)),
    KnownExport("Salesforce", ("WhoId", "Subject"), _SALESFORCE, _SALESFORCE_LEFT),
    KnownExport("Salesforce", ("Subject", "Assigned", "Company / Account"), _SALESFORCE, _SALESFORCE_LEFT),
)  # fmt: skip
OF_TASKS = (
    KnownExport(
        "HubSpot", ("Record ID", "Task Title"), _HUBSPOT_TASK, (*_HUBSPOT_LEFT, "Activity date", "Task Priority")
    ),
    KnownExport(
        "HubSpot", ("Record ID", "Task Name"), _HUBSPOT_TASK, (*_HUBSPOT_LEFT, "Activity date", "Task Priority")
    ),
    KnownExport("Pipedrive", ("Activity - Subject", "Activity - Type"), _PIPEDRIVE_TASK, _LEFT_OF_PIPEDRIVE_TASKS),
    KnownExport("Zoho", ("Task Owner", "Due Date"), _ZOHO_TASK, _ZOHO_LEFT),
    KnownExport("Salesforce", ("WhoId", "Subject"), _SALESFORCE_TASK, _LEFT_OF_TASKS),
    KnownExport("Salesforce", ("Subject", "Assigned", "Company / Account"), _SALESFORCE_TASK, _LEFT_OF_TASKS),
)
