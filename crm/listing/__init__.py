"""Lists of records: columns, filters and order in the URL, keyset paging, bounded counts, export of the view."""
