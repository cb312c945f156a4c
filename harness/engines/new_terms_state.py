"""What a stream remembers of new terms.

Time is counted in runs of the schedule's grid, run `n` ending at `n` intervals since the epoch. An event
closes its term for the runs from the first that can see it to the last whose history still reaches
it; a later event of the term can only be new in a run that no earlier event closes.
"""

from __future__ import annotations

from collections.abc import Iterable

from .execution import Term

SEPARATOR = "\0"
_TAGS = {str: "s", bool: "b", int: "i", float: "f"}


def pack(term: Term) -> str:
    """Write a term as one text, different for different terms of the same number of values.

    1, 1.0, "1" and true all differ. Texts are joined by the separator; a term with another type of
    value, or a text with the separator in it, has more separators than such a join.
    """
    if all(isinstance(value, str) for value in term):
        joined = SEPARATOR.join(map(str, term))
        if joined.count(SEPARATOR) < len(term):
            return joined
    packed = [SEPARATOR * len(term)]
    for value in term:
        # Adding zero makes -0.0, which equals 0.0, the same term.
        text = str(value + 0.0 if isinstance(value, float) else value)
        packed.append(f"{_TAGS[type(value)]}{len(text)}:{text}")
    return "".join(packed)


class NewTermsState:
    """The runs that are closed for each term, and nothing else of the events.

    Invariant: for every run from `now` on, a term is closed here iff an added event closes it.
    Callers add events whose time no event that is asked about later precedes, except for events that
    `absorb` takes, which may come in any order.

    Memory: a term costs at most 43 bytes in the table (just after it grew; 31 at a million terms),
    its packed key (50 bytes and one for each character, two or four where a character is not in
    Latin-1, rounded up to 16) and 32 for the number of its last closed run: 207 bytes at a million terms
    of two 40-character values in ASCII, 219 at worst. A term stays at most an eighth of the history
    longer than a run can still look back on it: the number of terms is bounded by those seen in 9/8
    of the history.

    A term whose first sighting becomes visible later than it happened costs up to 300 bytes more,
    until the run that sees it.
    """

    def __init__(self, history_runs: int) -> None:
        self._closed: dict[str, int] = {}
        """By term: every run up to this one is closed."""
        self._ahead: dict[str, list[tuple[int, int]]] = {}
        """By term: closed runs (first, last) behind a gap, in order and with gaps between them."""
        self._sweep_every = max(1, history_runs // 8)
        self._next_sweep: int | None = None

    def __len__(self) -> int:
        """Return how many terms are held."""
        return len(self._closed) + sum(1 for key in self._ahead if key not in self._closed)

    def absorb(self, key: str, first: int, last: int, until: int) -> bool:
        """Add an event that cannot be new in its runs `first` to `last`; say whether that holds.

        Such an event may be added before its turn: an earlier event of the term has no run behind
        `last`, all its runs are closed too.
        """
        closed = self._closed.get(key)
        if closed is None or closed < last or closed + 1 < first:
            return False
        if closed < until:
            self._closed[key] = until
        return True

    def first_open(self, key: str, first: int, last: int) -> int | None:
        """Return the first of the runs `first` to `last` that is not closed for the term."""
        closed = self._closed.get(key)
        run = first if closed is None or closed < first else closed + 1
        for start, end in self._ahead.get(key, ()):
            if start > run:
                break
            run = max(run, end + 1)
        return run if run <= last else None

    def add(self, key: str, first: int, until: int, now: int) -> None:
        """Close the runs `first` to `until`; runs before `now` will not be asked about any more."""
        closed = max(self._closed.get(key, now - 1), now - 1)
        if first <= closed + 1:
            self._closed[key] = max(closed, until)
        else:
            self._ahead[key] = _union((*self._ahead.get(key, ()), (first, until)))

    def advance(self, now: int) -> None:
        """Forget what no run from `now` on can look back on."""
        for key, spans in list(self._ahead.items()):
            if spans[0][0] <= now:
                self._join(key, spans, max(self._closed.get(key, now - 1), now - 1))
        if self._next_sweep is None:
            self._next_sweep = now + self._sweep_every
        elif now >= self._next_sweep:
            self._next_sweep = now + self._sweep_every
            for key in [key for key, closed in self._closed.items() if closed < now]:
                del self._closed[key]

    def _join(self, key: str, spans: list[tuple[int, int]], closed: int) -> None:
        """Make spans that begin where the term is closed part of its one number."""
        while spans and spans[0][0] <= closed + 1:
            closed = max(closed, spans.pop(0)[1])
        self._closed[key] = closed
        if not spans:
            del self._ahead[key]


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same runs as few spans, in order."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1] + 1:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united
