from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.cli.main import run
from harness.samples import LOG, RULE, sample


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Invoke = Callable[..., Done]


@pytest.fixture
def invoke(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return a function that runs the command line as a person would."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def rule_path() -> Path:
    return sample(RULE)


@pytest.fixture(scope="session")
def log_path() -> Path:
    return sample(LOG)


@pytest.fixture(scope="session")
def rule_text(rule_path: Path) -> str:
    return rule_path.read_text(encoding="utf-8")
