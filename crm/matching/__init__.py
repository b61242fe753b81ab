"""Matching: which records are one and the same person or company, how sure that is, and why.

A `Specification` of a kind of record says how to standardise its columns, which blocking keys to derive and which
fields to compare; `find` does the rest. Pure computing over columns: no database, no settings.
"""

from crm.matching.blocking import BlockingKey
from crm.matching.columns import Column, Frame
from crm.matching.comparing import Comparison, Pairs, comparison
from crm.matching.finding import Findings, Specification, find

__all__ = [
    "BlockingKey",
    "Column",
    "Comparison",
    "Findings",
    "Frame",
    "Pairs",
    "Specification",
    "comparison",
    "find",
]
