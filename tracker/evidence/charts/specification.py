"""The specification curve: the same data analysed in every other defensible way."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.evidence.results import Result, Sensitivity

PRIMARY = "as judged"


@dataclass(frozen=True, slots=True)
class SpecificationData:
    """The analyses of one result, by falling gain; then those without an interval."""

    result: Result
    analyses: tuple[Sensitivity, ...]
    """The primary analysis is among them, by the name ``PRIMARY``."""
    agreeing: int
    """Other analyses with the verdict of the primary one."""
    others: int
    """Other analyses that have an interval."""

    @property
    def estimated(self) -> tuple[Sensitivity, ...]:
        """The analyses that have an interval."""
        return tuple(analysis for analysis in self.analyses if analysis.log_ratio)


def specification_data(result: Result) -> SpecificationData | None:
    """Return the analyses of one result; None where it has no interval or no other analysis."""
    if result.log_ratio is None or not result.sensitivity:
        return None
    others = [analysis for analysis in result.sensitivity if analysis.log_ratio]
    analyses = [Sensitivity(PRIMARY, result.log_ratio, result.verdict), *others]
    analyses.sort(key=lambda analysis: analysis.log_ratio.estimate if analysis.log_ratio else 0.0)
    without_interval = [analysis for analysis in result.sensitivity if not analysis.log_ratio]
    agreeing = sum(analysis.verdict == result.verdict for analysis in others)
    return SpecificationData(result, (*analyses, *without_interval), agreeing, len(others))
