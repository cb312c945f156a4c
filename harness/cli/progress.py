"""Draws progress on standard error when that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar

from harness.progress import Progress
from harness.verdict import RuleResult


def error_console() -> Console:
    """Return the console for tables and progress; rich obeys NO_COLOR."""
    return Console(stderr=True)


@contextmanager
def bar(console: Console, *, quiet: bool) -> Iterator[Bar]:
    """Show a progress bar while the block runs; nothing where there is no terminal."""
    with Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    ) as progress:
        yield progress


def draw(
    steps: Iterable[Progress | RuleResult], console: Console, *, quiet: bool
) -> list[RuleResult]:
    """Drive a verification to its end and return the results."""
    results: list[RuleResult] = []
    with bar(console, quiet=quiet) as progress:
        task = progress.add_task("starting", total=None)
        for step in steps:
            match step:
                case RuleResult():
                    results.append(step)
                case Progress(rule, description, number, total):
                    progress.update(
                        task, description=f"{rule}: {description}", completed=number, total=total
                    )
    return results


@contextmanager
def byte_bar(
    console: Console, title: str, total: int, *, quiet: bool
) -> Iterator[Callable[[int], None] | None]:
    """Show how much of the logs was read; yields None where nothing is drawn."""
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total or None)
        yield lambda done: progress.update(task, completed=done)
