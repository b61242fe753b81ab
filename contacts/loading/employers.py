"""By what the companies that people work at are known, whatever way they come in."""

from __future__ import annotations


def key_of(company):
    """Return what tells companies of a file apart: the domain, or without one the name."""
    return ("domain", company.domain) if company.domain else ("name", company.sort_name)


def known_as(company, by_key):
    """Return the company there is of the same domain, else of the same name unless the domains differ."""
    same_name = by_key.get(("name", company.sort_name))
    if not company.domain:
        return same_name
    same_name = same_name if same_name and not same_name.domain else None
    return by_key.get(("domain", company.domain)) or same_name
