"""The commands behind the Makefile: run the site, check it, fill it. `python -m crm.launcher run`."""
