"""Writes files so that nothing is half-written or overwritten without being asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harness.errors import UsageError


def write_file(path: Path, text: str, *, force: bool) -> None:
    """Write a file under another name and rename it; an existing file stays unless forced."""
    if path.exists() and not force:
        raise UsageError(f"{path}: the file exists; use --force to overwrite it")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: the directory does not exist; create it first")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
