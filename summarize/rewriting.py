"""The door to language models: a story retold in sentences, each of them guarded.

A model may say it shorter; it may not say anything else. Every number with its unit and qualifier,
every district and every policy name of a sentence must be in the facts of the story, else the
sentence is replaced by the quote that carries the fact. Nothing here runs unless it is asked for.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from crawler.article import Article
from extract import read_facts
from extract.facts import Facts, Figure
from extract.reading import read_text
from summarize.sentences import summarise

#: Retells texts, in their order: what a model does, whatever model it is.
Model = Callable[[Sequence[str]], list[str]]

_SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?]+[”’」』]*|\.(?=\s|$)|$)", re.MULTILINE)
_NUMERAL = re.compile(
    r"\d+(?:[.,]\d+)*|[一二三四五六七八九十百千两〇零]+(?=[万亿元人名位个家项％%])"
)
_NAMED = re.compile(r"《([^》]{2,80})》|“([^”]{2,40})”")


class RewriteError(Exception):
    """A model could not be loaded or asked; the message names it and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A sentence about an article: the model's own, or a quote in its place and why."""

    text: str
    quoted: bool = False
    why: str | None = None


def rewrite(
    told: Sequence[tuple[Article, Facts]], model: Model, *, budget: int | None = None
) -> list[list[Retold]]:
    """Return each article retold by `model`, every sentence guarded.

    Args:
        told: Articles with their facts.
        model: `load_transformers` or `ask_server` give one.
        budget: Room of the extract that is retold, as for `summarise`.
    """
    extracts = [[s.text for s in summarise(a, f, budget=budget)] for a, f in told]
    prompts = [_prompt("\n".join(e), a.lang) for e, (a, _) in zip(extracts, told, strict=True)]
    answers = model(prompts)
    if len(answers) != len(prompts):
        raise RewriteError(f"the model gave {len(answers)} texts for {len(prompts)}; use another")
    return [
        list(guard(answer, article, facts, extract))
        for answer, (article, facts), extract in zip(answers, told, extracts, strict=True)
    ]


def guard(text: str, article: Article, facts: Facts, quotes: Sequence[str]) -> Iterator[Retold]:
    """Yield the sentences of `text` that the facts prove, and quotes in place of the others.

    Args:
        text: What a model says of the article.
        article: The article.
        facts: What it states.
        quotes: Sentences of the article, to take the place of what is not proven.
    """
    used: set[str] = set()
    for sentence in (s.strip() for s in _SENTENCE.findall(text)):
        if not sentence:
            continue
        why = next(_faults(sentence, article, facts), None)
        if why is None:
            yield Retold(text=sentence)
            continue
        quote = _nearest(sentence, [q for q in quotes if q not in used])
        if quote is not None:
            used.add(quote)
            yield Retold(text=quote, quoted=True, why=why)


def _faults(sentence: str, article: Article, facts: Facts) -> Iterator[str]:
    """Yield what of a sentence the facts do not hold.

    The sentence is read like an article, and what it states is compared with what the article does.
    """
    said = replace(article, text=sentence, body=(0, len(sentence)), title=None, attachments=())
    stated = read_facts(said)
    whole = read_text(article.text[slice(*article.body)], article.lang).text
    held = {_meaning(figure) for figure in facts.figures}
    for figure in stated.figures:
        if _meaning(figure) not in held:
            yield f"{figure.evidence.quote} ({figure.qualifier}) is not in the facts"
    codes = {place.code for place in facts.places} | {facts.district}
    for place in stated.places:
        if place.code not in codes and place.evidence.quote not in whole:
            yield f"{place.evidence.quote} is not in the facts"
    clean = read_text(sentence, article.lang).text
    names = [policy.name for policy in stated.policies]
    names += [a or b for a, b in _NAMED.findall(clean)]
    yield from (f"{name} is not in the article" for name in names if name not in whole)
    for figure in stated.figures:
        clean = clean.replace(read_text(figure.evidence.quote, article.lang).text, " ")
    numerals = set(_NUMERAL.findall(whole))
    yield from (f"{n} is not in the article" for n in _NUMERAL.findall(clean) if n not in numerals)


def _meaning(figure: Figure) -> tuple[object, ...]:
    return figure.value, figure.value_max, figure.unit, figure.qualifier


def _nearest(sentence: str, quotes: Iterable[str]) -> str | None:
    pairs = set(pairwise(sentence))
    return max(
        quotes,
        key=lambda q: len(pairs & set(pairwise(q))),
        default=None,
    )


def _prompt(text: str, lang: str) -> str:
    name = "rewrite.en.txt" if lang == "en" else "rewrite.zh.txt"
    return (files("summarize") / "data" / name).read_text("utf-8").replace("{text}", text)


def load_transformers(name: str, *, device: str = "cpu", batch: int = 8) -> Model:
    """Return a causal or sequence-to-sequence model of the transformers library.

    Args:
        name: Id on a hub, or a folder.
        device: cpu, cuda, cuda:1 ...
        batch: Texts that are told in one go.

    Raises:
        RewriteError: The extra `bole[neural]` is not installed, or there is no such model.
    """
    try:
        torch: Any = import_module("torch")
        library: Any = import_module("transformers")
    except ImportError as error:
        raise RewriteError(
            f"rewriting by {name!r} needs torch and transformers; run `make neural`"
        ) from error
    try:
        pairs = library.AutoConfig.from_pretrained(name).is_encoder_decoder
        kind = library.AutoModelForSeq2SeqLM if pairs else library.AutoModelForCausalLM
        network: Any = kind.from_pretrained(name).to(device).eval()
        tokens: Any = library.AutoTokenizer.from_pretrained(name, padding_side="left")
    except (OSError, ValueError) as error:
        raise RewriteError(f"no model {name!r}; give a folder that holds one") from error
    tokens.pad_token = tokens.pad_token or tokens.eos_token

    def tell(prompts: Sequence[str]) -> list[str]:
        told: list[str] = []
        for start in range(0, len(prompts), batch):
            asked = tokens(
                list(prompts[start : start + batch]), return_tensors="pt", padding=True
            ).to(device)
            with torch.no_grad():
                made = network.generate(
                    **asked, max_new_tokens=256, do_sample=False, pad_token_id=tokens.pad_token_id
                )
            fresh = made if pairs else made[:, asked["input_ids"].shape[1] :]
            told += tokens.batch_decode(fresh, skip_special_tokens=True)
        return told

    return tell


def ask_server(url: str, name: str, *, key: str = "", seconds: float = 120) -> Model:
    """Return a model behind an OpenAI-compatible server (Ollama, vLLM and others).

    Args:
        url: Address of the interface, as http://127.0.0.1:11434/v1.
        name: Model that the server knows.
        key: Secret of the server, if it wants one.
        seconds: How long an answer may take.

    Raises:
        RewriteError: The address is none of the web.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise RewriteError(f"{url!r} is no address of a server, as in http://127.0.0.1:11434/v1")

    def tell(prompts: Sequence[str]) -> list[str]:
        return [_ask(url, name, prompt, key=key, seconds=seconds) for prompt in prompts]

    return tell


def _ask(url: str, name: str, prompt: str, *, key: str, seconds: float) -> str:
    body = {"model": name, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    request = Request(  # noqa: S310 - the scheme was checked
        f"{url.rstrip('/')}/chat/completions", data=json.dumps(body).encode(), headers=headers
    )
    try:
        with urlopen(request, timeout=seconds) as answer:  # noqa: S310
            told = json.loads(answer.read())
        return str(told["choices"][0]["message"]["content"])
    except HTTPError as error:
        raise RewriteError(f"{url} answered HTTP {error.code}; check model and key") from None
    except (URLError, TimeoutError) as error:
        raise RewriteError(f"no answer from {url}: {error}; is the server running?") from None
    except (ValueError, LookupError, TypeError):
        raise RewriteError(f"{url} does not answer as OpenAI's interface does") from None
