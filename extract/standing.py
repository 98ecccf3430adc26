"""The district that a policy belongs to: that of who issued it, or of its own name."""

import re

from extract.background import Background, action_words
from extract.facts import Policy
from extract.gazetteer import is_within
from extract.lexicon import load_words
from extract.places import find_places, own_district, settle_places
from extract.reading import read_text


def policy_district(policy: Policy, background: Background) -> str | None:
    """Return the code of the issuer's district; None for bodies of the country and unknown ones.

    A policy without an issuer belongs to the place in its name, else to the article's district
    unless it is only cited.
    """
    if policy.issuer:
        return _issuers_district(policy.issuer, background)
    named = _lowest(policy.name, background)
    if named:
        return named
    if policy.action == "mentioned" and background.district not in _REGIONS:
        return None
    return background.district


def _issuers_district(issuer: str, background: Background) -> str | None:
    lang, home = background.reading.lang, background.district
    issuer = read_text(issuer, lang).text
    own = own_district(f"我{issuer[0]}", home, lang)
    if own:
        return own  # 市人才办, 省人社厅
    code = _lowest(issuer, background)
    venues = action_words(lang)["venue"].pattern
    if code and home and is_within(home, code) and re.search(rf"(?:{venues})$", issuer):
        return home  # 江苏医疗器械产业园 in an article about a district of that province
    if code or _is_national(issuer, background):
        return code
    return home


def _lowest(words: str, background: Background) -> str | None:
    """Return the lowest district that the words name first.

    Old names of cities are brands in the names of policies, whichever district of it issues them.
    """
    context = [background.district] if background.district else []
    lang = background.reading.lang
    old = load_words(lang, "places").get("old", ())
    named = [p for p in find_places(read_text(words, lang)) if p.evidence.quote not in old]
    places = settle_places(named, context=context)
    codes = [place.code for place in places if place.code]
    first = codes[0] if codes else None
    return next((c for c in reversed(codes) if first and is_within(c, first)), None)


def _is_national(issuer: str, background: Background) -> bool:
    """Whether a body is one of the whole country; what a region calls so is its own."""
    home = background.district
    known = load_words(background.reading.lang, "names")["known"].pattern
    return home not in _REGIONS and bool(re.search(known, issuer))


_REGIONS = frozenset({"710000", "810000", "820000"})
