"""How far backfills are, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .targets import EXPIRED, FAILURE, OPEN, SUCCESS, Followed

_LEAST_KNOWN = 0.02


@dataclass(frozen=True)
class Progress:
    """Counts by status: of backfills (OPEN, SUCCESS, FAILURE, EXPIRED), of dates, of instances.

    ``instances`` is for people who wait: those of a date that was not listed are taken to be as
    many as those of a date of the same backfill that was. ``counted`` are those that were listed.
    """

    backfills: Mapping[str, int]
    dates: Mapping[str, int]
    instances: Mapping[str, int]
    counted: Mapping[str, int]

    @property
    def fraction(self) -> float:
        """The part that has ended, 0 to 1, by instances where they are known, else by dates."""
        counts = self.instances or self.dates
        total = sum(counts.values())
        return counts.get(SUCCESS, 0) / total if total else 0.0


def progress_of(followed: Sequence[Followed]) -> Progress:
    """Counts what was last seen."""
    instances: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for one in followed:
        instances += instances_of(one)
        counted += listed_of(one)
    return Progress(
        backfills=Counter(one.end for one in followed),
        dates=Counter(dag.status for one in followed for dag in one.dags),
        instances=instances,
        counted=counted,
    )


def listed_of(followed: Followed) -> Counter[str]:
    """Counts those of a backfill's instances that were listed, by status."""
    counts: Counter[str] = Counter()
    for dag in followed.dags:
        rows = followed.instances_of(dag.id)
        # A date that has ended well since it was listed has no others.
        counts.update(SUCCESS if dag.status == SUCCESS else row.status for row in rows)
    return counts


def instances_of(followed: Followed) -> Counter[str]:
    """Counts a backfill's instances by status; where they were not listed, as many as elsewhere."""
    size = max((len(one.instances) for one in followed.listings.values()), default=0)
    counts = listed_of(followed)
    for dag in followed.dags:
        if not followed.instances_of(dag.id):
            counts[SUCCESS if dag.status == SUCCESS else "NOT_RUN"] += size
    return +counts


def estimate(samples: Sequence[tuple[float, float]]) -> float | None:
    """Gives the seconds that remain, from moments and the parts done at each; None if unknown.

    :param samples: oldest first; moments in seconds, parts from 0 to 1.
    """
    if len(samples) < 2:
        return None
    (begin, before), (now, done) = samples[0], samples[-1]
    if done - before < _LEAST_KNOWN or now <= begin:
        return None
    return (1 - done) * (now - begin) / (done - before)


def in_words(progress: Progress, elapsed: float, remaining: float | None) -> str:
    """Tells in one line how far it is.

    :param elapsed: seconds waited; :param remaining: seconds, None where unknown.
    """
    parts = []
    backfills = sum(progress.backfills.values())
    if backfills > 1:
        parts.append(
            f"{backfills - progress.backfills.get(OPEN, 0)} of {backfills} backfills ended"
        )
    parts.append(_dates(progress.dates))
    if progress.backfills.get(EXPIRED):
        parts.append(f"{progress.backfills[EXPIRED]} expired")
    if progress.instances:
        total, done = sum(progress.instances.values()), progress.instances.get(SUCCESS, 0)
        failed = progress.instances.get(FAILURE, 0)
        about = "" if progress.instances == progress.counted else "about "
        parts.append(
            f"{about}{done} of {total} instances" + (f", {failed} failed" if failed else "")
        )
    time = duration(elapsed)
    parts.append(time if remaining is None else f"{time}, about {duration(remaining)} left")
    return "; ".join(parts)


def _dates(dates: Mapping[str, int]) -> str:
    total = sum(dates.values())
    words = [f"{dates.get(SUCCESS, 0)} of {total} dates done"]
    running, failed = dates.get("RUNNING", 0), dates.get(FAILURE, 0)
    if running:
        words.append(f"{running} running")
    if failed:
        words.append(f"{failed} failed")
    return ", ".join(words)


def duration(seconds: float) -> str:
    """Writes a duration as people read it: ``45s``, ``3m 20s``, ``1h 05m``, ``2d 03h``."""
    whole = max(0, round(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d {hours % 24:02}h"
    if hours:
        return f"{hours}h {minutes % 60:02}m"
    return f"{minutes}m {whole % 60:02}s" if minutes else f"{whole}s"
