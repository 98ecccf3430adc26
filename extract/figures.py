"""Figures: what is counted or measured, how much of it, and what that means."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from extract import chinese_figures, english_figures
from extract.facts import Figure
from extract.lexicon import FOLDERS
from extract.reading import Reading

_WAYS: Mapping[str, Callable[[Reading], list[Figure]]] = MappingProxyType(
    {"zh": chinese_figures.find_figures, "en": english_figures.find_figures}
)


def find_figures(reading: Reading) -> list[Figure]:
    """Return the figures of a reading in its order, all but their district and policy."""
    find = _WAYS.get(FOLDERS.get(reading.lang, ""))
    return find(reading) if find else []
