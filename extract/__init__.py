"""From an article to the facts it states."""

from extract.assembly import read_facts
from extract.facts import Evidence, Facts, Figure, Grade, Name, Place, Policy, fact_id

__all__ = [
    "Evidence",
    "Facts",
    "Figure",
    "Grade",
    "Name",
    "Place",
    "Policy",
    "fact_id",
    "read_facts",
]
