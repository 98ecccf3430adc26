"""Rewriting as the settings want it: which model, what it told before, and what if it fails."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from bole.config import Settings
from bole.targets import read_secret
from summarize.digest import Digest
from summarize.models import Model, RewriteError, ask_server, load_transformers
from summarize.retelling import retell
from summarize.stories import Story
from summarize.translating import CHINESE, TRANSLATED, translate

#: Answers of the model in the data folder, by what was asked: an issue written again is the same.
_NOTES = "retold.json"


class Reteller:
    """Retells digests by the model of the settings; without one they stay as they are.

    Attributes:
        problem: Why the last digest was not retold; None if it was, or need not be.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.problem: str | None = None

    def __call__(self, digest: Digest, stories: Sequence[Story], lang: str = "zh") -> Digest:
        """Return `digest` retold; as it is if the model cannot be asked, which `problem` tells.

        In an English issue Chinese quotes and names are translated, and English ones retold.
        """
        self.problem = None
        if self._settings.rewriting in ("", "none"):
            return digest
        told = {r.article.id: (r.article, r.facts) for story in stories for r in story.reports}
        try:
            model = self._model()
            if lang == TRANSLATED:
                return retell(translate(digest, told, model), told, model, skip=CHINESE)
            return retell(digest, told, model)
        except RewriteError as error:
            self.problem = f"rewriting: {error}; the issue has quotes in its place"
            return digest

    def _model(self) -> Model:
        """Return the model, which is loaded or asked only for what it was not asked before."""
        name = f"{self._settings.rewriting} {self._settings.rewriting_model}"
        notes = _Notes(self._settings.data / _NOTES, name)

        def tell(prompts: Sequence[str]) -> list[str]:
            new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in notes]
            if new:
                notes.add(new, open_model(self._settings)(new))
            return [notes[prompt] for prompt in prompts]

        return tell


def open_model(settings: Settings) -> Model:
    """Return the model that the settings name.

    Raises:
        RewriteError: It cannot be loaded, or its server has no model named.
        ConfigError: Its secret is not where the settings say.
    """
    where = settings.rewriting
    if "://" not in where:
        return load_transformers(where)
    if not settings.rewriting_model:
        raise RewriteError(f"no model named for {where}; set rewriting_model")
    key = read_secret(settings.rewriting_key) if settings.rewriting_key else ""
    return ask_server(where, settings.rewriting_model, key=key)


class _Notes:
    """What a model answered, in a file that is written whole or not at all."""

    def __init__(self, path: Path, model: str) -> None:
        self._path, self._model = path, model
        self._told: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def __contains__(self, prompt: str) -> bool:
        return self._key(prompt) in self._told

    def __getitem__(self, prompt: str) -> str:
        return self._told[self._key(prompt)]

    def add(self, prompts: Sequence[str], answers: Sequence[str]) -> None:
        """Note the answers.

        Raises:
            RewriteError: There are not as many as prompts.
        """
        if len(prompts) != len(answers):
            raise RewriteError(
                f"the model gave {len(answers)} texts for {len(prompts)}; use another"
            )
        pairs = zip(prompts, answers, strict=True)
        self._told |= {self._key(prompt): answer for prompt, answer in pairs}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".part")
        text = json.dumps(self._told, ensure_ascii=False, indent=0)
        aside.write_text(text, encoding="utf-8")
        aside.replace(self._path)

    def _key(self, prompt: str) -> str:
        return sha256(f"{self._model}\n{prompt}".encode()).hexdigest()
