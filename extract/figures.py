"""Figures: what is counted or measured, how much of it, and what that means."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from extract.facts import Figure
from extract.lexicon import FOLDERS
from extract.reading import Reading


def find_figures(reading: Reading) -> list[Figure]:
    """Return the figures of a reading in its order, all but their district and policy."""
    find = _WAYS.get(FOLDERS.get(reading.lang, ""))
    return find(reading) if find else []


# the tables and patterns of a language load with its first text
def _chinese(reading: Reading) -> list[Figure]:
    from extract import chinese_figures

    return chinese_figures.find_figures(reading)


def _english(reading: Reading) -> list[Figure]:
    from extract import english_figures

    return english_figures.find_figures(reading)


_WAYS: Mapping[str, Callable[[Reading], list[Figure]]] = MappingProxyType(
    {"zh": _chinese, "en": _english}
)
