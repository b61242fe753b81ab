"""A small app like those to come: gifts to people. It uses events, ports, conditions, undo and mail as any app may.

It stands above `crm` and `contacts`, and knows no sister. Its tests run in a process of their own, with their own
settings (tests/example/settings.py) and their own database: see tests/platform/test_example.py.
"""
