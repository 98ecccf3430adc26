"""The nouns of tagging: what every model that finds names takes and gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

Label = Literal["PER", "LOC", "ORG"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tag:
    """A name in a text: half-open offsets into it, and what it names."""

    start: int
    end: int
    label: Label


#: Texts and their language -> the tags of each text, in its order.
Tagger = Callable[[Sequence[str], str], list[list[Tag]]]

#: What models call the kinds of names.
LABELS: Mapping[str, Label] = MappingProxyType(
    {"PER": "PER", "PERSON": "PER", "LOC": "LOC", "GPE": "LOC", "FAC": "LOC", "ORG": "ORG"}
)


class ModelError(Exception):
    """A model cannot be loaded or trained; the message names it and the cure."""


def need(package: str, name: str, cure: str) -> None:
    """Refuse a model whose package is not installed.

    Raises:
        ModelError: It is not.
    """
    if find_spec(package) is None:
        raise ModelError(f"model {name!r} needs the package {package}; install it: {cure}")
