"""Where `convert` writes its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.commands import convert
from tests.harness.cli.conftest import Invoke


def test_a_directory_that_is_missing_is_refused_before_any_rule_is_read(
    invoke: Invoke, rule_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def load(*arguments: object) -> tuple[list[object], list[object]]:
        read.append(arguments)
        return [], []

    monkeypatch.setattr(convert, "load_readable", load)
    done = invoke("convert", rule_path, "-o", tmp_path / "none")
    assert (done.code, done.out) == (2, "")
    assert "no such directory; create it first" in done.err
    assert read == []
