# Relative paths only: make cannot speak of directories with spaces in their names.
PYTHON ?= python3
.PHONY: run test test-all lint bench bench-matching seed setup

run test test-all lint bench bench-matching seed: setup
	@.venv/bin/python -m crm.launcher $@

setup:
	@$(PYTHON) -I crm/bootstrap.py
