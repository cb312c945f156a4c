"""The reference of a verdict: what the Sigma rule itself alerts on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from converter.ir import Correlation, Filter, NewTerms, Plan, Predicate, Schedule, Threshold
from converter.ir.plan import with_bases

from .engines.execution import Execution
from .engines.plan import execute_plan
from .events.event import Dataset
from .schedule.selection import select_runs
from .schedule.window import Run, runs_over

_RUNS_OF_WINDOWS = 500
"""About how many runs a correlation is executed in that a rule file gives a schedule."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The Sigma plan on a dataset under a schedule."""

    plan: Plan
    dataset: Dataset
    schedule: Schedule
    runs: tuple[Run, ...]
    """The runs that are executed; empty for a filter."""
    total_runs: int
    execution: Execution
    """The plan's alerts in those runs."""


def reference_on(plan: Plan, dataset: Dataset, schedule: Schedule, limit: int) -> Reference:
    """Execute the plan over the dataset's time range; at most about `limit` runs are kept."""
    match plan:
        case Filter():
            execution = execute_plan(plan, dataset, ())
            return Reference(plan, dataset, schedule, (), 0, execution)
        case NewTerms(history=history):
            runs = _runs(dataset, schedule)
            everything = execute_plan(plan, dataset, runs)
            ends = [alert.run_end for alert in everything.alerts if alert.run_end]
            chosen = select_runs(runs, dataset.events, ends, history, limit)
            return Reference(
                plan,
                dataset,
                schedule,
                chosen.runs,
                chosen.total,
                _in_runs(everything, chosen.runs),
            )
        case Threshold():
            runs = _runs(dataset, schedule)
            everything = execute_plan(plan, dataset, runs)
            ends = [alert.run_end for alert in everything.alerts if alert.run_end]
            chosen = select_runs(runs, dataset.events, ends, schedule.lookback, limit)
            # What an alert uses up depends on the runs that took place: here only the chosen ones do.
            execution = execute_plan(plan, dataset, chosen.runs)
            return Reference(plan, dataset, schedule, chosen.runs, chosen.total, execution)
        case Correlation():
            # Its windows slide over the events; only a schedule that a rule file declares has runs.
            runs = _runs(dataset, schedule) if plan.reports is not None else []
            chosen = select_runs(runs, dataset.events, (), schedule.lookback, limit)
            execution = execute_plan(plan, dataset, chosen.runs)
            return Reference(plan, dataset, schedule, chosen.runs, chosen.total, execution)
        case _:
            assert_never(plan)


def rescheduled_by(reference: Reference, schedule: Schedule) -> Reference:
    """Return the reference under another schedule, which gives runs to a correlation that had none."""
    plan, limit = reference.plan, len(reference.runs)
    if isinstance(plan, Correlation):
        plan, limit = replace(plan, reports=schedule.interval), _RUNS_OF_WINDOWS
    return reference_on(plan, reference.dataset, schedule, limit)


def with_changed_bases(reference: Reference, change: Callable[[Predicate], Predicate]) -> Reference:
    """Return the reference of the plan with other base predicates, on the same events and runs."""
    plan = with_bases(reference.plan, change)
    execution = execute_plan(plan, reference.dataset, reference.runs)
    return replace(reference, plan=plan, execution=execution)


def restricted(reference: Reference, dataset: Dataset) -> Reference:
    """Return the reference on fewer events and the same runs."""
    if dataset.events == reference.dataset.events:
        return reference
    execution = execute_plan(reference.plan, dataset, reference.runs)
    return replace(reference, dataset=dataset, execution=execution)


def _runs(dataset: Dataset, schedule: Schedule) -> list[Run]:
    if not dataset.events:
        return []
    first = min(event.time for event in dataset.events)
    last = max(max(event.time, event.visible) for event in dataset.events)
    return runs_over(schedule, first, last)


def _in_runs(execution: Execution, runs: tuple[Run, ...]) -> Execution:
    ends = {run.end for run in runs}
    kept = tuple(alert for alert in execution.alerts if alert.run_end in ends)
    return replace(execution, alerts=kept)
