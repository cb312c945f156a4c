"""Measures `run` against decoding alone, and the memory of the new-terms state.

    python tests/benchmarks/bench_run.py [--count 1000000] [--log FILE] [--generator gen_signins.py]

Events are made by the generator unless a log is given. Each measurement is a process of its own; they
alternate, and of several the fastest counts. Exits 1 when a limit of the project is not kept.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
RULE = ROOT / "samples" / "rules" / "entra_id_unusual_client.toml"
MOST_TIME = 1.8
MOST_MEGABYTES = 150
MOST_BYTES_A_TERM = 250
TERMS = 1_000_000


@dataclass(frozen=True, slots=True)
class Measurement:
    """One process: wall time, processor time, and the most memory that it held."""

    seconds: float
    processor: float
    megabytes: float


def main() -> int:
    """Run the benchmark, or one of its processes."""
    options = _options()
    if options.process:
        _PROCESSES[options.process](options.log)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        log = options.log or _generated(options, Path(folder) / "signins.ndjson")
        return _report(log, options.repeat)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="events to generate")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--log", type=Path, help="an NDJSON log to use instead")
    parser.add_argument("--generator", type=Path, default=_default_generator())
    parser.add_argument("--process", choices=sorted(_PROCESSES), help=argparse.SUPPRESS)
    return parser.parse_args()


def _default_generator() -> Path:
    corpus = os.environ.get("SIGMAPROOF_CORPUS", ROOT.parent / "shared")
    return Path(corpus) / "tools" / "gen_signins.py"


def _generated(options: argparse.Namespace, path: Path) -> Path:
    if not options.generator.exists():
        sys.exit(f"{options.generator}: no generator; name it by --generator or SIGMAPROOF_CORPUS")
    arguments = ["--count", str(options.count), "--out", str(path)]
    subprocess.run([sys.executable, str(options.generator), *arguments], check=True)
    return path


def _report(log: Path, repeat: int) -> int:
    best: dict[str, Measurement] = {}
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as one:
        with log.open("rb") as lines:
            one.write(lines.readline())
        one.flush()
        commands = {
            "orjson.loads alone": _process("decode", log),
            "sigmaproof run": _command(log),
            "the same on one event": _command(Path(one.name)),
        }
        for _ in range(repeat):
            for name, command in commands.items():
                measured = _measured(command)
                if name not in best or measured.seconds < best[name].seconds:
                    best[name] = measured
    alone, whole = best["orjson.loads alone"], best["sigmaproof run"]
    _say(f"{log.name}: {log.stat().st_size / 1e6:.0f} MB, best of {repeat}")
    for name, measured in best.items():
        _say(
            f"  {name:22} {measured.seconds:7.2f} s {measured.seconds / alone.seconds:6.2f} times,"
            f" processor {measured.processor:7.2f} s {measured.processor / alone.processor:6.2f} times,"
            f" {measured.megabytes:6.1f} MB"
        )
    state = subprocess.run(
        _process("state", log), env=_environment(), check=True, capture_output=True, text=True
    )
    a_term = float(state.stdout)
    return max(
        _limit("time of sigmaproof run / decoding", whole.seconds / alone.seconds, MOST_TIME),
        _limit("memory of sigmaproof run, MB", whole.megabytes, MOST_MEGABYTES),
        _limit(f"bytes a term at {TERMS:,} terms", a_term, MOST_BYTES_A_TERM),
    )


def _limit(name: str, value: float, most: float) -> int:
    is_kept = value <= most
    _say(f"{name}: {value:.2f}, at most {most} ({'kept' if is_kept else 'NOT KEPT'})")
    return 0 if is_kept else 1


def _process(name: str, log: Path) -> list[str]:
    return [sys.executable, str(Path(__file__)), "--process", name, "--log", str(log)]


def _command(log: Path) -> list[str]:
    return [sys.executable, "-m", "harness", "run", str(RULE), "--quiet", "--logs", str(log)]


def _measured(command: Sequence[str]) -> Measurement:
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment())
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    # Linux counts the memory of the parent before exec too; this script stays small for that.
    return Measurement(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _decode(log: Path) -> None:
    """Decode every line and do nothing with it: what the limits are ratios of."""
    import orjson  # the other processes do without, and this one does without theirs

    loads = orjson.loads
    with log.open("rb") as lines:
        for line in lines:
            loads(line)


def _state(_: Path) -> None:
    """Write the bytes a term as the growth of the process, allocator and table included."""
    from harness.engines.new_terms_state import NewTermsState, pack  # see _decode

    state = NewTermsState(timedelta(days=14) // timedelta(minutes=5))
    before = _resident_bytes()
    for number in range(TERMS):
        now = number // 1000
        state.add(pack((f"{number:040}", f"{TERMS - number:040}")), now, now + 4032, now)
    _say(str((_resident_bytes() - before) / len(state)))


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


_PROCESSES = {"decode": _decode, "state": _state}

if __name__ == "__main__":
    sys.exit(main())
