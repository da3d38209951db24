"""How often each verdict comes out of simulated studies, and what a reader should take from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.domain.gains import percent
from tracker.domain.records import Claim, StudyDesign
from tracker.evidence.results import Verdict
from tracker.evidence.verdict import UNDECIDED
from tracker.simulation.judging import StudyVerdicts

SHOWN_VERDICTS: tuple[Verdict, ...] = (
    *("supported", "plausible", "smaller"),
    *("cannot-tell", "contradicted", "slower"),
)
"""The verdicts on a claim, in the order of a table."""

GAIN_VERDICTS: tuple[Verdict, ...] = ("supported", "plausible", "smaller")
"""The verdicts that a claimed gain above 0 gets where a gain was shown."""

RELIABLE_SHARE = 0.8
"""Share of studies that tell, from which a study counts as reliable."""


class Share(NamedTuple):
    """A share of simulated studies."""

    value: float
    error: float
    """Its Monte-Carlo standard error."""


@dataclass(frozen=True, slots=True)
class VerdictFrequencies:
    """How often each verdict on a claim came out, under one design and one truth."""

    design: StudyDesign
    true_gain: float
    """On the reading judged, as a fraction."""
    studies: int
    counts: Mapping[Verdict, int]

    def share(self, verdicts: Collection[Verdict]) -> Share:
        """Return the share of studies with one of these verdicts.

        The error √(p(1 − p)/(n + 2)) has p = (k + 1)/(n + 2) in it, so that it is not 0 where none
        or all of the studies have them.
        """
        count = sum(self.counts.get(verdict, 0) for verdict in verdicts)
        p = (count + 1) / (self.studies + 2)
        return Share(count / self.studies, math.sqrt(p * (1.0 - p) / (self.studies + 2)))

    @property
    def tells(self) -> Share:
        """The share of studies whose verdict is neither ``cannot-tell`` nor ``plausible``."""
        return self.share([verdict for verdict in SHOWN_VERDICTS if verdict not in UNDECIDED])


def count_verdicts(
    design: StudyDesign, true_gain: float, verdicts: Iterable[StudyVerdicts]
) -> VerdictFrequencies:
    """Count the verdicts on studies of one design and truth that were judged by one claim."""
    counts = Counter(study.verdicts[0] for study in verdicts)
    return VerdictFrequencies(design, true_gain, counts.total(), dict(counts))


def takeaway(claim: Claim, frequencies: Sequence[VerdictFrequencies]) -> str:
    """Return in words which design tells most often, and whether that is often enough.

    Args:
        claim: The claim.
        frequencies: The frequencies of its verdicts, for each design under the same truths.

    """
    apart = [row for row in frequencies if row.true_gain != claim.value]
    designs = list(dict.fromkeys(row.design for row in frequencies))
    sentences = []
    best = designs[0]
    if apart:
        means = {design: _mean_telling(apart, design) for design in designs}
        best = max(means, key=lambda design: means[design])
        rows = [row for row in apart if row.design == best]
        shares = ", ".join(f"{_rounded(row.tells)} where {_truth(row.true_gain)}" for row in rows)
        verb = "tells most often" if len(designs) > 1 else "tells"
        sentences.append(f"A {best} study {verb}: in {shares}.")
        if min(row.tells.value for row in rows) < RELIABLE_SHARE:
            sentences.append(
                f"That is not reliable ({percent(RELIABLE_SHARE)} or more):"
                " take more weeks or more developers."
            )
    as_claimed = [row for row in frequencies if row.design == best and row.true_gain == claim.value]
    if as_claimed and claim.value is not None:
        gain, supported = as_claimed[0].share(GAIN_VERDICTS), as_claimed[0].share(["supported"])
        shown = f"shows a gain in {_rounded(gain)} and " if claim.value > 0 else ""
        sentences.append(
            f"Where the gain is as claimed, a {best} study {shown}supports the claim in"
            f" {_rounded(supported)}: the interval then lies around the claim and not above it."
        )
    return " ".join(sentences)


def _mean_telling(frequencies: Sequence[VerdictFrequencies], design: StudyDesign) -> float:
    shares = [row.tells.value for row in frequencies if row.design == design]
    return sum(shares) / len(shares)


def _rounded(share: Share) -> str:
    return percent(share.value)


def _truth(gain: float) -> str:
    """Return a true gain in words: ``there is no gain``, ``the gain is 25 %``."""
    return f"the gain is {percent(gain)}" if gain else "there is no gain"
