"""Streams documents through a plan and yields each alert once.

For filters every matching document is an alert. New terms give exactly what a simulation of every run gives
(`engines.plan`), without visiting runs. A run r of the grid alerts on event e of a term iff

    e is visible at r, and time(e) <= r, and r - lookback < time(e), and r - history <= time(e),
    and every earlier event d of the term is not yet visible at r or is before r - history.

So e has an interval of candidate runs, each earlier d closes an interval of runs, and e alerts in its
first candidate that is not closed. `NewTermsState` keeps the closed intervals, which the events of
one term nearly always merge into one number.

Late arrival needs no clock: a log says of every event when it became visible, so an event that happened
earlier but was seen later closes runs from its visibility on only, and leaves those before open.
Order matters in one respect: e must be asked about when all d are known. Events that may alert
therefore wait until the newest time is `max_disorder` ahead; an event whose candidates are all closed
already can never alert and does not wait. Events that come later than that are counted and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import starmap
from typing import NamedTuple, Protocol, assert_never

from converter.ir import Correlation, Filter, NewTerms, Plan, Schedule, Threshold, View
from harness.events.errors import UndatedEvent, UnseenEvent
from harness.events.event import Document
from harness.events.log import SkippedLines, event_id
from harness.events.time import (
    EPOCH,
    INGESTED,
    length,
    moment_of,
    times_of,
)

from .compiled import compile_predicate, compile_selection
from .compiled_source import FieldValue
from .correlation_stream import CorrelationStream
from .execution import Alert, Term
from .new_terms_state import SEPARATOR, NewTermsState, pack
from .plan import terms_of
from .run_clock import RunClock, Runs
from .threshold_stream import ThresholdStream
from .waiting import NEVER, Candidate, Waiting

MAX_DISORDER = timedelta(minutes=10)
_EXAMPLES = 5
_PLAIN_TEXT = (View.RAW, View.TEXT, View.KEYWORD)


class StreamAlert(NamedTuple):
    """An alert in the first run that finds it, and its event; of several that tie the first seen."""

    alert: Alert
    document: Document


@dataclass(slots=True)
class Tally:
    """What a person must know about a stream besides its alerts."""

    matching: int = 0
    late: int = 0
    """Events that came out of order by more than the allowed disorder: judged by what was known."""
    late_examples: list[str] = field(default_factory=list)


class Origin(Protocol):
    """Knows where the document that was read last comes from; `events.log.Log` is one."""

    def place(self) -> str:
        """Return `file:line`, empty when unknown."""
        ...

    def identify(self, document: Document) -> str:
        """Return the event's id."""
        ...


class _Unplaced:
    def place(self) -> str:
        return ""

    def identify(self, document: Document) -> str:
        return event_id(document) or ""


def run(
    plan: Plan,
    documents: Iterable[Document],
    schedule: Schedule,
    *,
    max_disorder: timedelta = MAX_DISORDER,
    origin: Origin | None = None,
    tally: Tally | None = None,
    skipped: SkippedLines | None = None,
) -> Iterator[StreamAlert]:
    """Yield the alerts of a stream of documents, those of new terms in order of primary time.

    Reads lazily. A matching event without a readable time raises LogError, or is counted in
    `skipped`. Give a `Log` as `origin` when the documents are one.
    """
    reader = _Reader(origin or _Unplaced(), tally or Tally(), skipped)
    match plan:
        case Filter():
            return _run_filter(plan, documents, reader)
        case NewTerms():
            return _NewTermsStream(plan, schedule, max_disorder, reader).alerts(documents)
        case Threshold():
            counts = ThresholdStream(plan, schedule, max_disorder, reader).alerts(documents)
            return starmap(StreamAlert, counts)
        case Correlation():
            found = CorrelationStream(plan, schedule, max_disorder, reader).alerts(documents)
            return starmap(StreamAlert, found)
        case _:
            assert_never(plan)


@dataclass(frozen=True, slots=True)
class _Reader:
    origin: Origin
    tally: Tally
    skipped: SkippedLines | None

    def matched(self, document: Document) -> str:
        self.tally.matching += 1
        return self.origin.identify(document)

    def refuse(self, undated: UndatedEvent) -> None:
        if isinstance(undated, UnseenEvent):
            return  # the platform does not find it either
        error = undated.at(self.origin.place())
        if self.skipped is None:
            raise error from undated
        self.skipped.add(error)

    def name_late(self, document: Document) -> None:
        self.tally.late += 1
        if len(self.tally.late_examples) < _EXAMPLES:
            self.tally.late_examples.append(self.origin.place() or self.origin.identify(document))


def _run_filter(
    plan: Filter, documents: Iterable[Document], reader: _Reader
) -> Iterator[StreamAlert]:
    for document in filter(compile_predicate(plan.predicate), documents):
        reader.tally.matching += 1
        ids = frozenset({reader.origin.identify(document)})
        yield StreamAlert(Alert(None, (), None, ids), document)


class _NewTermsStream:
    """One pass: what is closed, who waits, and how far time has come."""

    def __init__(
        self, plan: NewTerms, schedule: Schedule, max_disorder: timedelta, reader: _Reader
    ) -> None:
        self._terms = plan.terms
        self._interval = length(schedule.interval)
        history = length(plan.history)
        self._clock = RunClock(schedule, history)
        self._disorder = length(max_disorder)
        self._reader = reader
        self._state = NewTermsState(history // self._interval)
        self._waiting = Waiting()
        self._now = -NEVER
        """The first run that can see an event which is not late."""
        self._due = -NEVER
        """Nothing is to be done before the horizon is behind this time."""
        self._run, self._run_end = 0, EPOCH
        """The run that alerted last: alerts come in groups of one run."""
        self._schedule = schedule
        fields = [term.field for term in plan.terms]
        self._select = compile_selection(plan.base, schedule.timestamp, INGESTED, fields, SEPARATOR)
        are_texts = all(term.view in _PLAIN_TEXT for term in plan.terms)
        self._separators = len(fields) - 1 if are_texts else -1
        """How many separators a key has that was joined from texts; none has -1."""

    def alerts(self, documents: Iterable[Document]) -> Iterator[StreamAlert]:
        """Yield the alerts of a stream. What most matching events need stands in this loop."""
        absorb, read, separators = self._state.absorb, self._clock.read, self._separators
        newest, horizon = -NEVER, -NEVER
        for document, primary, ingested, key in filter(None, map(self._select, documents)):
            self._reader.tally.matching += 1
            runs = read(primary) if ingested is primary and isinstance(primary, str) else None
            try:
                time, first, last, until = runs or self._runs_in(primary, ingested, document)
            except UndatedEvent as undated:
                self._reader.refuse(undated)
                continue
            is_late = time < horizon
            if is_late:
                self._reader.name_late(document)
            elif time > newest:
                newest, horizon = time, time - self._disorder
                if horizon > self._due:
                    yield from self._advance(horizon)
            if key is not None and key.count(SEPARATOR) == separators:
                if absorb(key, first, last, until):
                    continue
                terms: Mapping[str, Term] = {key: tuple(key.split(SEPARATOR))}
            else:
                terms = self._unknown_terms(document, first, last, until)
            for key, term in terms.items():
                candidate = Candidate(time, first, last, until, key, term, "", document)
                if alert := self._admit(candidate, is_late):
                    yield alert
        yield from self._advance(NEVER)

    def _runs_in(self, primary: FieldValue, ingested: FieldValue, document: Document) -> Runs:
        """Return the runs of an event, from the first that ends when it is visible."""
        read = self._clock.read
        if isinstance(primary, str) and (runs := read(primary)) is not None:
            if ingested is None:
                return runs
            if isinstance(ingested, str) and (seen := read(ingested)) is not None:
                return _from(runs, seen)
        times = times_of(document, self._schedule)
        return _from(self._clock.runs_of(times.time), self._clock.runs_of(times.visible))

    def _unknown_terms(
        self, document: Document, first: int, last: int, until: int
    ) -> dict[str, Term]:
        """Return the terms of an event that may be new, by key."""
        terms = {pack(term): term for term in terms_of(self._terms, document)}
        absorb = self._state.absorb
        return {key: term for key, term in terms.items() if not absorb(key, first, last, until)}

    def _admit(self, candidate: Candidate, is_late: bool) -> StreamAlert | None:
        """Let a candidate wait; judge it at once when it is late."""
        if candidate.first > candidate.last:
            # Only history, and of runs that no earlier event has: its turn does not matter.
            self._state.add(candidate.key, candidate.first, candidate.until, self._now)
            return None
        candidate.id = self._reader.origin.identify(candidate.document)
        if is_late:
            return self._judge([candidate])
        self._waiting.add(candidate)
        self._due = min(self._due, candidate.time)
        return None

    def _advance(self, horizon: int) -> Iterator[StreamAlert]:
        """Let time come to the horizon: judge what happened before it, forget what is over."""
        while self._waiting.oldest < horizon:
            if alert := self._judge(self._waiting.leave()):
                yield alert
        now = -(-horizon // self._interval)
        if now > self._now:
            self._now = now
            self._state.advance(now)
        self._due = min(self._now * self._interval, self._waiting.oldest)

    def _judge(self, ties: Sequence[Candidate]) -> StreamAlert | None:
        """Return the alert of events of one term and time, if a run finds them new."""
        event = min(ties, key=_first_run) if len(ties) > 1 else ties[0]
        run = self._state.first_open(event.key, event.first, event.last)
        now = -(-event.time // self._interval)
        for candidate in ties:
            self._state.add(candidate.key, candidate.first, candidate.until, now)
        if run is None:
            return None
        if run != self._run:
            self._run, self._run_end = run, moment_of(run * self._interval)
        ids = frozenset([candidate.id for candidate in ties if candidate.first <= run])
        alert = Alert(self._run_end, event.term, moment_of(event.time), ids)
        return StreamAlert(alert, event.document)


def _from(runs: Runs, seen: Runs) -> Runs:
    time, first, last, until = runs
    return time, max(first, seen[1]), last, until


def _first_run(candidate: Candidate) -> int:
    return candidate.first
