"""Tables and address cards from files of strangers, as rows of texts; knows nothing of Django. See `reader.read`."""
