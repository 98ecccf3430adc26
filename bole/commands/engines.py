"""The options of commands whose work an engine may spread over cores or machines."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bole.config import FILE, Settings, load_settings
from bole.engine import Engine, EngineSettings, Prepare, open_engine

EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine", help="Where it runs: local, pool (all cores) or dask; as set if left out."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=0, help="Processes on this machine; 0: one for each core."),
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="Address of a Dask scheduler, as tcp://10.0.0.5:8786."),
]


def with_engine(
    settings: Settings, engine: str | None, workers: int | None, scheduler: str | None
) -> Settings:
    """Return the settings with what the command line says of the engine."""
    given: dict[str, Any] = {
        "engine": engine,
        "engine_workers": workers,
        "engine_scheduler": scheduler,
    }
    return replace(settings, **{key: value for key, value in given.items() if value is not None})


def settings_if_any(folder: Path) -> Settings:
    """Return the settings of a folder; the defaults where it has none."""
    return load_settings(folder) if (folder / FILE).is_file() else Settings()


def engine_settings(settings: Settings, *, prepare: Prepare | None = None) -> EngineSettings:
    """Return how the engine works that the settings name."""
    return EngineSettings(
        workers=settings.engine_workers, scheduler=settings.engine_scheduler, prepare=prepare
    )


def engine_of(
    settings: Settings, *, prepare: Prepare | None = None
) -> AbstractContextManager[Engine]:
    """Return the engine that the settings name, to be used in a `with` block."""
    return open_engine(settings.engine, engine_settings(settings, prepare=prepare))
