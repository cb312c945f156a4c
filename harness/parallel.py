"""Verifies many rules on several processors; the results come in the order of the rules.

Each rule is judged in a process by itself, so that the results are those of one process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from converter.port import PortableRule

from .progress import Progress
from .runner import Options, verify
from .subjects import Claim
from .verdict import RuleResult

FEW = 8
"""Up to so many rules are not worth more than one process."""


def verify_all(
    rules: Sequence[PortableRule | RuleResult],
    claims: Sequence[Claim],
    logs: Sequence[str],
    options: Options,
    jobs: int,
) -> Iterator[Progress | RuleResult]:
    """Verify rules as `verify` does, in so many processes at once."""
    if jobs <= 1 or "-" in logs:
        # Standard input can be read once only.
        yield from verify(rules, claims, logs, options)
        return
    task = partial(_verify_one, claims=claims, logs=logs, options=options)
    # Rules of one type are alike and stand together; single rules keep the processes equally busy.
    with ProcessPoolExecutor(jobs) as pool:
        for number, result in enumerate(pool.map(task, rules)):
            yield Progress(result.title, "verified", number + 1, len(rules))
            yield result


def _verify_one(
    rule: PortableRule | RuleResult,
    claims: Sequence[Claim],
    logs: Sequence[str],
    options: Options,
) -> RuleResult:
    results = [one for one in verify([rule], claims, logs, options) if isinstance(one, RuleResult)]
    return results[-1]
