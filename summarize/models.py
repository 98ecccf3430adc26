"""The door to language models: text in, text out, whatever model it is."""

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

#: Retells texts, in their order.
Model = Callable[[Sequence[str]], list[str]]
#: Objects of transformers, which has no types that could be relied on.
Thing = Any

#: Tokens that an answer may have.
_ANSWER = 256
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class RewriteError(Exception):
    """A model could not be loaded or asked; the message names it and the cure."""


def load_transformers(name: str, *, device: str = "", batch: int = 8) -> Model:
    """Return a causal or sequence-to-sequence model of the transformers library.

    It always takes the likeliest word, so that the same text is told the same way.

    Args:
        name: Id on a hub, or a folder.
        device: cpu, cuda, cuda:1 ...; a graphics card where there is one, if left out.
        batch: Texts that are told in one go.

    Raises:
        RewriteError: The extra `bole[neural]` is not installed, or there is no such model.
    """
    try:
        torch: Any = import_module("torch")
        library: Any = import_module("transformers")
    except ImportError as error:
        raise RewriteError(
            f"rewriting by {name!r} needs torch and transformers; pip install 'bole[neural]'"
        ) from error
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        pairs = library.AutoConfig.from_pretrained(name).is_encoder_decoder
        kind = library.AutoModelForSeq2SeqLM if pairs else library.AutoModelForCausalLM
        network: Any = kind.from_pretrained(name).to(place).eval()
        # what is told goes on at the right end; what an encoder reads begins at its left
        side = "right" if pairs else "left"
        tokens: Any = library.AutoTokenizer.from_pretrained(name, padding_side=side)
    except (OSError, ValueError) as error:
        raise RewriteError(f"no model {name!r}; give a folder or an id that holds one") from error
    tokens.pad_token = tokens.pad_token or tokens.eos_token
    room = _room(network.config, tokens)

    def tell(prompts: Sequence[str]) -> list[str]:
        told: list[str] = []
        for start in range(0, len(prompts), batch):
            asked = tokens(
                [_as_chat(tokens, prompt) for prompt in prompts[start : start + batch]],
                return_tensors="pt",
                padding=True,
                truncation=True,
                max_length=room,
                return_token_type_ids=False,
            ).to(place)
            with torch.no_grad():
                made = network.generate(
                    **asked,
                    max_new_tokens=_ANSWER,
                    do_sample=False,
                    num_beams=1,
                    pad_token_id=tokens.pad_token_id,
                )
            fresh = made if pairs else made[:, asked["input_ids"].shape[1] :]
            told += tokens.batch_decode(fresh, skip_special_tokens=True)
        return told

    return tell


def _room(config: Thing, tokens: Thing) -> int:
    """Return how many tokens a prompt may have, so that the answer fits behind it."""
    positions = getattr(config, "max_position_embeddings", None) or tokens.model_max_length
    return max(16, int(min(positions, tokens.model_max_length, 8192)) - _ANSWER)


def _as_chat(tokens: Thing, prompt: str) -> str:
    """Return a prompt as a model that was taught to chat expects it."""
    if not getattr(tokens, "chat_template", None):
        return prompt
    turn = [{"role": "user", "content": prompt}]
    return str(tokens.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))


def ask_server(url: str, name: str, *, key: str = "", seconds: float = 120) -> Model:
    """Return a model behind an OpenAI-compatible server (Ollama, vLLM and others).

    Args:
        url: Address of the interface, as http://127.0.0.1:11434/v1.
        name: Model that the server knows.
        key: Secret of the server, if it wants one; never sent in clear.
        seconds: How long an answer may take.

    Raises:
        RewriteError: The address is none of the web, or would send the key in clear.
    """
    address = urlsplit(url)
    if address.scheme not in ("http", "https"):
        raise RewriteError(f"{url!r} is no address of a server, as in http://127.0.0.1:11434/v1")
    if key and address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise RewriteError(f"{url} would get the key in clear; give its https address")

    def tell(prompts: Sequence[str]) -> list[str]:
        return [_ask(url, name, prompt, key=key, seconds=seconds) for prompt in prompts]

    return tell


def _ask(url: str, name: str, prompt: str, *, key: str, seconds: float) -> str:
    body = {
        "model": name,
        "temperature": 0,
        "seed": 0,
        "messages": [{"role": "user", "content": prompt}],
    }
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
    except (URLError, TimeoutError, ConnectionError) as error:
        raise RewriteError(f"no answer from {url}: {error}; is the server running?") from None
    except (ValueError, LookupError, TypeError):
        raise RewriteError(f"{url} does not answer as OpenAI's interface does") from None
