"""Ids in addresses: a larger number than a row can have is no such page, not a database error."""

from django.urls.converters import IntConverter

from crm.parsing import LARGEST_ID


class IdConverter(IntConverter):
    regex = "[0-9]{1,19}"

    def to_python(self, value):
        number = int(value)
        if not 1 <= number <= LARGEST_ID:
            raise ValueError(value)
        return number
