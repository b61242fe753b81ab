"""The files that other programs export: the columns by which they are known, and what those mean here."""

from __future__ import annotations

from itertools import product

from crm.importing.kinds import KnownExport

_PARTS = {
    "Street": "street", "Street 2": "street", "Street 3": "street", "City": "city", "State": "region",
    "Postal Code": "postcode", "Country/Region": "country",
}  # fmt: skip
_ADR = {
    "Street": "street", "Extended": "extra", "City": "city", "Region": "region", "Postal Code": "postcode",
    "Country": "country",
}  # fmt: skip


def _places(word, prefix, parts):
    return {f"{word} {name}": f"{prefix}_{key}" for name, key in parts.items()}


def _google_addresses():
    names = {**_ADR, "Extended Address": "extra"}
    return {f"Address 1 - {name}": f"work_{key}" for name, key in names.items()} | {
        f"Address 2 - {name}": f"home_{key}" for name, key in names.items()
    }


_GOOGLE = {
    "Name Prefix": "prefix", "First Name": "given_name", "Given Name": "given_name", "Middle Name": "middle_name",
    "Additional Name": "middle_name", "Last Name": "family_name", "Family Name": "family_name",
    "Name Suffix": "suffix", "Organization Name": "company", "Organization 1 - Name": "company",
    "Organization Title": "job_title", "Organization 1 - Title": "job_title", "Birthday": "born_on", "Notes": "notes",
    "Labels": "tags", "Group Membership": "tags", "Website 1 - Value": "company_website",
    **{f"E-mail {n} - Value": "email" for n in range(1, 6)}, **{f"Phone {n} - Value": "phone" for n in range(1, 6)},
    **{f"E-mail {n} - {of}": "email_kind" for n, of in product(range(1, 6), ("Label", "Type"))},
    **{f"Phone {n} - {of}": "phone_kind" for n, of in product(range(1, 6), ("Label", "Type"))},
    **{f"Address 1 - {of}": "work_kind" for of in ("Label", "Type")},
    **{f"Address 2 - {of}": "home_kind" for of in ("Label", "Type")},
    **_google_addresses(),
}  # fmt: skip
_GOOGLE_LEFT = (
    "Name", "Phonetic First Name", "Phonetic Middle Name", "Phonetic Last Name", "Nickname", "File As", "Photo",
    "Organization Department", "Organization 1 - Type", "Organization 1 - Department", "Website 1 - Label",
    *(f"Address {n} - {of}" for n, of in product(range(1, 4), ("Formatted", "PO Box"))),
)  # fmt: skip
_OUTLOOK = {
    "Title": "prefix", "First Name": "given_name", "Middle Name": "middle_name", "Last Name": "family_name",
    "Suffix": "suffix", "Company": "company", "Job Title": "job_title", "E-mail Address": "email",
    "E-mail 2 Address": "email_other", "E-mail 3 Address": "email_other", "Business Phone": "phone",
    "Business Phone 2": "phone", "Company Main Phone": "phone", "Primary Phone": "phone", "Mobile Phone": "mobile",
    "Home Phone": "phone_home", "Home Phone 2": "phone_home", "Other Phone": "phone_other", "Car Phone": "phone_other",
    "Business Fax": "fax", "Birthday": "born_on", "Notes": "notes", "Categories": "tags",
    "Web Page": "company_website", "Language": "language",
    **_places("Business", "work", _PARTS), **_places("Home", "home", _PARTS),
}  # fmt: skip
_OUTLOOK_LEFT = (
    "Nickname", "Given Yomi", "Surname Yomi", "Company Yomi", "Department", "Office Location", "Manager's Name",
    "Assistant's Name", "Assistant's Phone", "Pager", "Home Fax", "Other Fax", "Callback", "Radio Phone", "Telex",
    "TTY/TDD Phone", "IMAddress", "Anniversary", "Other Street", "Other City", "Other State", "Other Postal Code",
    "Other Country/Region", "Personal Web Page", "Spouse", "Schools", "Hobby", "Location", "Priority", "Private",
    "Sensitivity", "Gender", "Account", "Initials", "Keywords", "Profession", "User 1", "User 2", "User 3", "User 4",
    "E-mail Display Name", "E-mail Type", "E-mail 2 Type", "E-mail 3 Type", "E-mail 2 Display Name",
    "E-mail 3 Display Name", "Home Address PO Box", "Business Address PO Box", "Other Address PO Box",
)  # fmt: skip
_HUBSPOT = {
    "Record ID": "external_id", "First Name": "given_name", "Last Name": "family_name", "Email": "email",
    "Phone Number": "phone", "Mobile Phone Number": "mobile", "Contact owner": "owner", "Lead Status": "",
    "Lifecycle Stage": "stage",
    "Associated Company": "company", "Company name": "company", "Job Title": "job_title",
    "Street Address": "work_street", "City": "work_city", "State/Region": "work_region",
    "Postal Code": "work_postcode", "Country/Region": "work_country", "Original Source": "source",
    "Website URL": "company_website", "Date of birth": "born_on", "Preferred language": "language",
}  # fmt: skip
_HUBSPOT_LEFT = (
    "Last Activity Date", "Marketing contact status", "Create Date", "Lead Status",
    "Associated Company IDs", "Associated Contact", "Associated Contact IDs",
)  # fmt: skip
_MAILING = {
    "Street": "street", "City": "city", "State/Province": "region", "State": "region", "Zip/Postal Code": "postcode",
    "Zip": "postcode", "Country": "country", "Code": "postcode", "Postal Code": "postcode",
}  # fmt: skip
_SALESFORCE = {
    "Id": "external_id", "Contact ID": "external_id",
    "Salutation": "prefix", "First Name": "given_name", "Last Name": "family_name", "Middle Name": "middle_name",
    "Suffix": "suffix", "Title": "job_title", "Account Name": "company", "Phone": "phone", "Business Phone": "phone",
    "Mobile": "mobile", "Mobile Phone": "mobile", "Home Phone": "phone_home", "Other Phone": "phone_other",
    "Fax": "fax", "Business Fax": "fax", "Email": "email", "Birthdate": "born_on", "Description": "notes",
    "Contact Description": "notes", "Lead Source": "source", "Contact Owner": "owner",
    "FirstName": "given_name", "LastName": "family_name", "MobilePhone": "mobile", "LeadSource": "source",
    "HomePhone": "phone_home", "OtherPhone": "phone_other",
    "MailingStreet": "work_street", "MailingCity": "work_city", "MailingState": "work_region",
    "MailingPostalCode": "work_postcode", "MailingCountry": "work_country",
    **_places("Mailing", "work", _MAILING), **_places("Other", "home", _MAILING),
}  # fmt: skip
_SALESFORCE_LEFT = (
    "AccountId", "Account ID", "Account Owner", "Account Site", "Contact Owner Alias", "Created By",
    "Created Date", "Last Modified Date", "Last Activity", "CreatedDate", "LastModifiedDate", "OwnerId", "IsDeleted",
    "MasterRecordId", "Name",
)  # fmt: skip
_PIPEDRIVE = {
    "Person - ID": "external_id",
    "Person - Name": "full_name", "Person - First name": "given_name", "Person - Last name": "family_name",
    "Person - Organization": "company", "Person - Owner": "owner", "Person - Label": "tags",
    "Person - Labels": "tags", "Person - Job title": "job_title", "Person - Birthday": "born_on",
    "Person - Notes": "notes", "Person - Email": "email", "Person - Phone": "phone",
    "Person - Email - Work": "email", "Person - Email - Home": "email_private", "Person - Email - Other": "email_other",
    "Person - Phone - Work": "phone", "Person - Phone - Home": "phone_home", "Person - Phone - Mobile": "mobile",
    "Person - Phone - Other": "phone_other", "Organization - Address": "work_street",
}  # fmt: skip
_PIPEDRIVE_LEFT = (
    "Person - Closed deals", "Person - Open deals", "Person - Won deals", "Person - Lost deals",
    "Person - Next activity date", "Person - Last activity date", "Person - Person created", "Person - Update time",
    "Person - Total activities", "Person - Done activities", "Person - Activities to do",
    "Person - Email messages count", "Person - Profile picture", "Person - Visible to",
    "Person - Last email received", "Person - Last email sent",
    "Person - Postal address", "Person - Instant messenger",
)  # fmt: skip
_ZOHO = {
    **_SALESFORCE, "Record Id": "external_id",
    "Secondary Email": "email_other", "Date of Birth": "born_on", "Tag": "tags", "Description": "notes",
}  # fmt: skip
_ZOHO_LEFT = (
    "Contact Owner.id", "Account Name.id", "Vendor Name.id", "Vendor Name", "Department", "Assistant",
    "Asst Phone", "Created By.id", "Created By", "Modified By.id", "Modified By", "Created Time", "Modified Time",
    "Full Name", "Skype ID", "Twitter", "Reporting To.id", "Reporting To", "Last Activity Time", "Email Opt Out",
    "Unsubscribed Mode", "Unsubscribed Time", "Contact Image", "Locked",
)  # fmt: skip
_VCARD = {
    "Name Prefix": "prefix", "First Name": "given_name", "Middle Name": "middle_name", "Last Name": "family_name",
    "Name Suffix": "suffix", "Formatted Name": "full_name", "Organization": "company", "Title": "job_title",
    "E-mail Work": "email", "E-mail Home": "email_private", "E-mail Other": "email_other", "Phone Mobile": "mobile",
    "Phone Work": "phone", "Phone Home": "phone_home", "Phone Fax": "fax", "Phone Other": "phone_other",
    "Birthday": "born_on", "Categories": "tags", "Website": "company_website", "Notes": "notes",
    **_places("Work", "work", _ADR), **_places("Home", "home", _ADR),
}  # fmt: skip

OF_PEOPLE = (
    KnownExport("vCard", ("Formatted Name", "E-mail Work", "Phone Fax", "Home Extended"), _VCARD),
    KnownExport("Google Contacts", ("E-mail 1 - Value", "Phone 1 - Value", "Name Prefix"), _GOOGLE, _GOOGLE_LEFT),
    KnownExport("Google Contacts", ("E-mail 1 - Value", "Name Suffix"), _GOOGLE, _GOOGLE_LEFT),
    KnownExport("Outlook", ("First Name", "E-mail Address", "Business Phone", "Business Street"), _OUTLOOK,
                _OUTLOOK_LEFT),
    KnownExport("Zoho", ("Record Id", "Contact Owner", "Account Name", "Mailing Zip"), _ZOHO, _ZOHO_LEFT),
    KnownExport("Zoho", ("Contact Owner.id", "Last Name"), _ZOHO, _ZOHO_LEFT),
    KnownExport("HubSpot", ("Record ID", "First Name", "Last Name", "Email"), _HUBSPOT, _HUBSPOT_LEFT),
    KnownExport("Salesforce", ("Account Name", "Mailing Street", "Last Name"), _SALESFORCE, _SALESFORCE_LEFT),
    KnownExport("Salesforce", ("FirstName", "LastName", "MailingStreet"), _SALESFORCE, _SALESFORCE_LEFT),
    KnownExport("Pipedrive", ("Person - Name", "Person - Organization"), _PIPEDRIVE, _PIPEDRIVE_LEFT),
)  # fmt: skip

_COMPANY = {
    "Record ID": "external_id", "Account ID": "external_id", "Organization - ID": "external_id",
    "Company name": "name", "Company Domain Name": "website", "Company owner": "owner", "Phone Number": "phone",
    "Account Name": "name", "Phone": "phone", "Fax": "fax", "Website": "website", "Industry": "industry",
    "Description": "notes", "Account Description": "notes", "Company Owner": "owner", "Account Owner": "owner",
    "City": "work_city", "State/Region": "work_region", "Postal Code": "work_postcode",
    "Country/Region": "work_country", "Street Address": "work_street", "Tag": "tags",
    "Organization - Name": "name", "Organization - Address": "work_street", "Organization - Owner": "owner",
    "Organization - Label": "tags", "Organization - Website": "website", "Organization - Industry": "industry",
    **_places("Billing", "work", _MAILING),
}  # fmt: skip
_COMPANY_LEFT = (
    "Create Date", "Last Activity Date", "Account Owner.id", "Type",
    "Account Type", "Organization - Open deals", "Organization - Closed deals", "Employees",
    "Number of Employees", "Organization - People", "Created Time", "Modified Time", "Account Number", "Rating",
    "Ownership", "Annual Revenue", "Lifecycle Stage",
)  # fmt: skip
OF_COMPANIES = (
    KnownExport("HubSpot", ("Record ID", "Company name", "Company owner"), _COMPANY, _COMPANY_LEFT),
    KnownExport("Zoho", ("Record Id", "Account Name", "Billing Code"), _COMPANY, _COMPANY_LEFT),
    KnownExport("Salesforce", ("Account Name", "Billing Street"), _COMPANY, _COMPANY_LEFT),
    KnownExport("Pipedrive", ("Organization - Name",), _COMPANY, _COMPANY_LEFT),
)
