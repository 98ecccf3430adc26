"""Which titles a source wants most. What it does not want is put last, never dropped."""

from dataclasses import dataclass

from crawler.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """Why a title matters to a source, or why not.

    Attributes:
        wanted: Words of `keywords_any` in it, in the order of the watchlist.
        noise: Words of `keywords_none` in it.
        is_demoted: Whether it is put last: noise, or none of the words that it should have.
    """

    wanted: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    is_demoted: bool = False


def judge_title(source: Source, title: str | None) -> Interest:
    """Return what the keywords of a source say of a title; without a title nothing is said."""
    if not title:
        return Interest()
    wanted = tuple(word for word in source.keywords_any if word in title)
    noise = tuple(word for word in source.keywords_none if word in title)
    is_demoted = bool(noise) or (bool(source.keywords_any) and not wanted)
    return Interest(wanted=wanted, noise=noise, is_demoted=is_demoted)
