"""Real Lucene, asked through the Java program beside this module.

A test that needs it skips where Java or Debian's `liblucene8-java` is absent, and fails instead when
SIGMAPROOF_REQUIRE_ORACLES=1 (as in CI). One process serves a whole test module.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

_HERE = Path(__file__).parent
_JARS = Path("/usr/share/java")
_PARTS = ("core", "queryparser", "analyzers-common", "misc")
_OPTIONS = ("-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m")


@dataclass(frozen=True, slots=True)
class Found:
    """Lucene's answer: the places of the documents that match."""

    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Lucene's parser does not take the text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """The program does not know what Elasticsearch makes of the text."""

    what: str


Answer = Found | Refused | Skipped


class Lucene:
    """A running program."""

    def __init__(self, questions: IO[str], answers: IO[str], errors: Path) -> None:
        self._questions = questions
        self._answers = answers
        self._errors = errors

    def ask(
        self,
        queries: Sequence[str],
        documents: Sequence[Mapping[str, object]],
        types: Mapping[str, str],
    ) -> list[Answer]:
        """Return Lucene's answer to each query over an index of these documents."""
        question = {"types": types, "documents": documents, "queries": queries}
        self._questions.write(json.dumps(question) + "\n")
        self._questions.flush()
        line = self._answers.readline()
        if not line:
            pytest.fail(f"Lucene broke down:\n{self._errors.read_text(encoding='utf-8')}")
        return [_answer(answer) for answer in json.loads(line)]


def _answer(answer: list[int] | dict[str, str]) -> Answer:
    if isinstance(answer, list):
        return Found(tuple(answer))
    if "refused" in answer:
        return Refused(answer["refused"])
    return Skipped(answer["skipped"])


@contextmanager
def running_lucene(directory: Path) -> Iterator[Lucene]:
    """Compile the program into a directory and run it as long as the block lasts."""
    java, compiler = shutil.which("java"), shutil.which("javac")
    jars = [jar for part in _PARTS for jar in sorted(_JARS.glob(f"lucene-{part}-8.*.jar"))]
    if java is None or compiler is None or len(jars) < len(_PARTS):
        _absent(
            "a Java development kit or Lucene 8 is not installed; "
            "run `apt-get install default-jdk-headless liblucene8-java`"
        )
    path = os.pathsep.join([str(directory), *map(str, jars)])
    sources = sorted(map(str, _HERE.glob("*.java")))
    subprocess.run([str(compiler), "-d", str(directory), "-cp", path, *sources], check=True)
    errors = directory / "errors.txt"
    with (
        errors.open("w", encoding="utf-8") as stream,
        subprocess.Popen(
            [str(java), *_OPTIONS, "-cp", path, "Oracle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            encoding="utf-8",
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        yield Lucene(process.stdin, process.stdout, errors)


def _absent(reason: str) -> None:
    if os.environ.get("SIGMAPROOF_REQUIRE_ORACLES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
