"""Matching measured on labelled sets, beside Splink and recordlinkage; and its weights fitted."""
