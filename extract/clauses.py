"""The clause or sentence that a place of a text stands in."""

#: What ends a Chinese clause, and what ends a sentence.
CLAUSE = "，。；：！？\n"
SENTENCE = "。；！？\n"


def before(text: str, end: int, marks: str, *, reach: int) -> str:
    """Return what stands between the last of `marks` and `end`, `reach` characters at most."""
    words = text[max(0, end - reach) : end]
    return words[max(map(words.rfind, marks)) + 1 :]


def after(text: str, start: int, marks: str, *, reach: int) -> str:
    """Return what stands between `start` and the first of `marks`, `reach` characters at most."""
    words = text[start : start + reach]
    ends = [at for at in map(words.find, marks) if at >= 0]
    return words[: min(ends)] if ends else words
