"""Full-text search in the words of articles, both scripts and two-character words alike.

The index lies in its own folder beside the database and says of itself which articles it holds, so
that it can be brought up to date after any crash, and made anew when it is lost. It is the one
door to tantivy (the index) and rjieba (where words begin and end).
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from extract.reading import read_text
from store.database import Database
from store.errors import StoreError

if TYPE_CHECKING:  # both load a dictionary or a library: when something is indexed or found
    import tantivy

#: Folder of the index, beside the database.
FOLDER = "search"
#: Goes up when texts are cut or indexed in another way: the index is made anew then.
_FORM = b"3"
#: What a hit shows of its article beside its text.
ABOUT = "url, title, district, grade, coalesce(published, first_seen) as day"
_STAMP = """md5(concat_ws('|', text_sha256, lang, body_start, body_end,
    row(url, title, district, grade, published, first_seen)::varchar))"""
_STATE = pa.schema([("id", pa.string()), ("stamp", pa.string())])
#: Memory that the writer may use before it writes a segment.
_HEAP = 128_000_000
_TITLE_WEIGHT = 3.0

_RUNS = re.compile(r"(?P<han>[\u3007\u3400-\u9fff\uf900-\ufaff]+)|(?P<word>[^\W_]+(?:\.\d+)?)")


_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff]+\Z")
#: Columns of an article that are searched.
_INDEXED = ("title", "text")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of Chinese characters, or one word of another script, as it is compared."""

    text: str
    is_han: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that the index found, with the words that it was found by.

    Attributes:
        id: The article's.
        score: How well it fits; comparable within one search.
        text: The article proper, as published.
        lang: Script and language of `text`.
        about: What else a hit shows of it, as of the run that indexed it.
    """

    id: str
    score: float
    text: str
    lang: str
    about: Mapping[str, Any]


def runs(text: str, lang: str = "zh-Hant") -> list[Run]:
    """Return the runs of a text: simplified, noise removed, lower case.

    >>> [run.text for run in runs("人才公寓 5G，Talent")]
    ['人才公寓', '5g', 'talent']
    """
    clean = read_text(text, lang).text.lower()
    return [Run(m[0], m.lastgroup == "han") for m in _RUNS.finditer(clean)]


def cut(run: Run) -> list[str]:
    """Return the words of a run, long ones also in parts (专项 资金 专项资金)."""
    if not run.is_han:
        return [run.text]
    import rjieba

    return [str(word) for word in rjieba.cut_for_search(run.text)]


def _words(text: str) -> Iterator[str]:
    """Yield the words of a whole text as `cut` yields them run by run, at a tenth of the cost."""
    import rjieba

    for piece in rjieba.cut_for_search(text):
        if _HAN.match(piece):
            yield piece
    for match in _RUNS.finditer(text):
        if match.lastgroup == "word":
            yield match[0]


def pairs(run: Run) -> list[str]:
    """Return each two neighbouring characters of a run of Chinese."""
    text = run.text
    return [text[i : i + 2] for i in range(len(text) - 1)] if run.is_han else []


class SearchIndex:
    """The index in one folder.

    Args:
        folder: Where it lies.
        snapshot: Name of the snapshot whose articles are looked for; None for none.
    """

    def __init__(self, folder: Path, *, snapshot: str | None = None) -> None:
        self._snapshot = snapshot
        self._files = folder / "index"
        self._state = folder / "state.parquet"
        self._folder = folder
        self._index: tantivy.Index | None = None

    def refresh(self, db: Database, *, snapshot: str = "") -> int:
        """Bring the index up to date with the articles of `db`; return how many were indexed.

        Args:
            db: Whose articles are indexed.
            snapshot: Name of its snapshot that was published last and has just these articles.

        Raises:
            StoreError: The folder cannot be written; the tables are as they were.
        """
        try:
            changed = self._refresh(db, snapshot)
            if self._counts_differ():  # killed where only a part was noted: rare, so all anew
                self.clear()
                changed = self._refresh(db, snapshot)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"cannot write the search index in {self._folder}: {error}; free space or rights, "
                "or delete that folder, and publish again: bole run"
            ) from error
        return changed

    def clear(self) -> None:
        """Delete the index; the next refresh makes it anew."""
        self._index = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_of_snapshot(self) -> bool:
        """Whether it holds the very articles of the snapshot; to be asked after a search."""
        found = self._notes().get(b"snapshot", b"").decode()
        return found != "" and found == self._snapshot

    def find(self, words: str, *, limit: int) -> list[tuple[str, float]]:
        """Return ids of the articles that hold all of `words` with their scores, best first.

        Raises:
            StoreError: There is no index, or nothing to look for.
        """
        return [(found.id, found.score) for found in self.find_texts(words, limit=limit)]

    def find_texts(self, words: str, *, limit: int) -> list[Found]:
        """Return the articles that hold all of `words` with their texts, best first.

        The texts are kept here too: a table that keeps texts small reads a thousand to give one.

        Raises:
            StoreError: There is no index, or nothing to look for.
        """
        asked = runs(words)
        if not asked:
            raise StoreError(f"nothing to look for in {words!r}; give words or numbers")
        searcher = self._open().searcher()
        hits = searcher.search(self._query(asked), limit).hits
        found = [_found(searcher.doc(place), float(score)) for score, place in hits]
        return sorted(found, key=lambda hit: (-hit.score, hit.id))

    def texts_of(self, articles: Iterable[str]) -> dict[str, str]:
        """Return by id the articles proper, as published, of those articles that it holds.

        Raises:
            StoreError: There is no index.
        """
        import tantivy

        ids = sorted(set(articles))
        searcher = self._open().searcher()
        query = tantivy.Query.term_set_query(_schema(), "id", ids)
        hits = searcher.search(query, len(ids)).hits if ids else []
        found = [_found(searcher.doc(place), 0.0) for _, place in hits]
        return {one.id: one.text for one in found}

    def _refresh(self, db: Database, snapshot: str) -> int:
        if not self._files.is_dir() or self._notes().get(b"form") != _FORM:
            self.clear()
            self._files.mkdir(parents=True)
            self._note(_STATE.empty_table(), "")
        state = pq.read_table(self._state)
        stamps = f"select id, {_STAMP} as stamp from articles"  # noqa: S608
        with db.incoming(held=state):
            due = db.arrow(
                f"select a.id, a.stamp from ({stamps}) a left join held using (id) "  # noqa: S608
                "where held.stamp is distinct from a.stamp"
            )
            gone = db.rows("select id from held where id not in (select id from articles)")
        if due.num_rows or gone:
            self._note(state, "")  # from here on it is of no snapshot that can be read
            with db.incoming(due=due):
                self._write(db, [*due["id"].to_pylist(), *(one for (one,) in gone)])
            state = db.arrow(stamps)
        self._note(state, snapshot)
        return int(due.num_rows)

    def _write(self, db: Database, replaced: Iterable[str]) -> None:
        """Index the articles of the table `due` in place of those `replaced`."""
        writer = self._open().writer(_HEAP, 1)
        for name in replaced:
            writer.delete_documents_by_term("id", name)
        body = "substr(text, body_start + 1, body_end - body_start) as text"
        sql = f"select id, lang, {body}, {ABOUT} from articles where id in (select id from due)"  # noqa: S608
        for batch in db.batches(sql):
            for row in batch.to_pylist():
                writer.add_document(_document(row))
        writer.commit()
        writer.wait_merging_threads()
        self._index = None

    def _note(self, held: pa.Table, snapshot: str) -> None:
        part = self._state.with_suffix(".part")
        notes = {b"form": _FORM, b"snapshot": snapshot.encode()}
        pq.write_table(held.cast(_STATE).replace_schema_metadata(notes), part)
        part.replace(self._state)

    def _notes(self) -> dict[bytes, bytes]:
        """Return what is noted with the list of what it holds; empty if that is lost."""
        try:
            schema = pq.read_schema(self._state)
        except (OSError, pa.ArrowInvalid):
            return {}
        return schema.metadata or {}

    def _counts_differ(self) -> bool:
        held = pq.read_metadata(self._state).num_rows
        return self._open().searcher().num_docs != int(held)

    def _open(self) -> "tantivy.Index":
        import tantivy

        if self._index is not None:
            self._index.reload()
            return self._index
        if not self._files.is_dir():
            raise StoreError(f"no search index in {self._folder}; make one: bole run")
        try:
            self._index = tantivy.Index(_schema(), path=str(self._files), reuse=True)
        except ValueError as error:  # whoever reads it leaves a mark there that it is being read
            raise StoreError(
                f"cannot open the search index in {self._folder}: {error}; it needs the right to "
                "write there, or else delete that folder, and publish again: bole run"
            ) from error
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("cut", analyzer)
        return self._index

    def _query(self, asked: Iterable[Run]) -> "tantivy.Query":
        import tantivy

        must = tantivy.Occur.Must
        return tantivy.Query.boolean_query([(must, _run_query(run)) for run in asked])


def _schema() -> "tantivy.Schema":
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("body", stored=True, indexed=False)
    builder.add_bytes_field("about", stored=True, indexed=False)
    builder.add_text_field("title", tokenizer_name="cut", index_option="freq")
    builder.add_text_field("words", tokenizer_name="cut", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="cut", index_option="position")
    return builder.build()


def _document(row: dict[str, Any]) -> "tantivy.Document":
    import tantivy

    title, body = (read_text(row[name] or "", row["lang"]).text.lower() for name in _INDEXED)
    document = tantivy.Document()
    document.add_text("id", row["id"])
    document.add_bytes("body", row["text"].encode())
    about = {name: value for name, value in row.items() if name not in ("id", "text")}
    document.add_bytes("about", json.dumps(about, default=date.isoformat).encode())
    document.add_text("title", " ".join(_words(title)))
    document.add_text("words", " ".join(_words(body)))
    # a mark between runs keeps phrases from reaching over them
    han = (m[0] for text in (title, body) for m in _RUNS.finditer(text) if m.lastgroup == "han")
    document.add_text("pairs", " | ".join(" ".join(map("".join, pairwise(run))) for run in han))
    return document


def _found(document: "tantivy.Document", score: float) -> Found:
    text, about = (bytes(document[name][0]).decode() for name in ("body", "about"))
    told = json.loads(about)
    lang = told.pop("lang")
    told["day"] = date.fromisoformat(told["day"])
    return Found(id=str(document["id"][0]), score=score, text=text, lang=lang, about=told)


def _run_query(run: Run) -> "tantivy.Query":
    """Return what an article must hold: all words of the run, or the run as it stands."""
    import tantivy

    must, should = tantivy.Occur.Must, tantivy.Occur.Should
    query, schema = tantivy.Query, _schema()
    words = []
    for word in dict.fromkeys(cut(run)):
        in_title = query.boost_query(query.term_query(schema, "title", word), _TITLE_WEIGHT)
        anywhere = query.boolean_query(
            [(should, query.term_query(schema, "words", word)), (should, in_title)]
        )
        words.append((must, anywhere))
    ways = [(should, query.boolean_query(words))]
    stretch = pairs(run)
    if len(stretch) == 1:
        ways.append((should, query.term_query(schema, "pairs", stretch[0])))
    elif stretch:
        ways.append((should, query.phrase_query(schema, "pairs", list(stretch))))
    return query.boolean_query(ways)
