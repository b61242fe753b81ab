"""People and companies as they are imported."""

from contacts.importing.companies import COMPANIES
from contacts.importing.people import PEOPLE
from crm.importing.kinds import register

register(PEOPLE)
register(COMPANIES)
