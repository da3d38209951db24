"""Simulated studies from the baseline of a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from tracker.analysis.disclosure import Part
from tracker.analysis.study import Study, studies
from tracker.domain.disclosure import WITHHELD_RESULT
from tracker.domain.errors import NothingToDo
from tracker.domain.gains import Reading, require_log_ratio
from tracker.domain.question import Question
from tracker.domain.records import Claim, StudyDesign
from tracker.simulation.frequencies import VerdictFrequencies, count_verdicts
from tracker.simulation.judging import simulate_studies
from tracker.simulation.studies import StudySetup
from tracker.simulation.work_model import WorkModel, work_model

Progress = Callable[[int, int], None]
"""Called with the number of studies that are judged, and of all."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Programme:
    """The studies to simulate for each claim."""

    designs: tuple[StudyDesign, ...]
    weeks: int
    studies: int
    """For each design and true gain."""
    true_gains: tuple[float, ...] | None = None
    """On the reading judged; None: no gain, half of the claim, and the claim."""


@dataclass(frozen=True, slots=True)
class SimulatedClaim:
    """A claim with the frequencies of its verdicts, or with the reason why there are none."""

    claim: Claim
    reading: Reading
    model: WorkModel | None
    """None for the ``reason`` that is given."""
    reason: str
    interval_level: float
    frequencies: tuple[VerdictFrequencies, ...] = ()


def simulate_claims(
    part: Part, programme: Programme, *, progress: Progress | None = None
) -> list[SimulatedClaim]:
    """Simulate studies of each claim of a question from the baseline of its part of the log.

    Args:
        part: The part of the log, and the question.
        programme: Which studies, and how many.
        progress: Called after each study.

    Raises:
        NothingToDo: No entry is selected.
        BadValue: A true gain has no time ratio, or the studies have too few or too many weeks.

    """
    claims = _with_models(part)
    setups = {
        simulated.claim.id: _setups(simulated, programme)
        for simulated in claims
        if simulated.model is not None
    }
    total = programme.studies * sum(map(len, setups.values()))
    count = _counter(progress, total)
    return [
        replace(
            simulated,
            frequencies=tuple(
                count_verdicts(
                    setup.design,
                    true_gain,
                    count(
                        simulate_studies(
                            simulated.model,
                            setup,
                            _question_about(part.question, simulated.claim),
                            studies=programme.studies,
                        )
                    ),
                )
                for true_gain, setup in setups[simulated.claim.id]
            ),
        )
        if simulated.model is not None
        else simulated
        for simulated in claims
    ]


def baseline_model(study: Study) -> WorkModel:
    """Return what simulated work of an activity is drawn from: its baseline.

    Raises:
        NothingToDo: The baseline has too few finished work items, or may not be shown.

    """
    if study.suppressed:
        raise NothingToDo(WITHHELD_RESULT)
    return work_model(study.items)


def _with_models(part: Part) -> list[SimulatedClaim]:
    """Return the claims with the model of the baseline of their activity.

    Design and kind of bounds are those of the simulated studies, not of the log.
    """
    claims = []
    question = replace(part.question, design=None, anytime=False)
    for study in studies(replace(part, question=question))[1]:
        model, reason = None, ""
        try:
            model = baseline_model(study)
        except NothingToDo as error:
            reason = str(error)
        claims += [
            SimulatedClaim(
                claim,
                study.question.reading or claim.reading or "efficiency_gain",
                model,
                reason,
                study.question.interval_level,
            )
            for claim in study.question.claims_about(study.activity)
        ]
    return claims


def _question_about(question: Question, claim: Claim) -> Question:
    """Return the question about one claim, at the level that it has among all of them."""
    return replace(question, claims=(claim,), activities=question.judged_activities)


def _setups(simulated: SimulatedClaim, programme: Programme) -> list[tuple[float, StudySetup]]:
    """Return the studies of a claim, each with its true gain."""
    value = simulated.claim.value or 0.0
    true_gains = dict.fromkeys(programme.true_gains or (0.0, value / 2.0, value))
    name = "--true-gain" if programme.true_gains else f"the claim {simulated.claim.id}"
    return [
        (
            true_gain,
            StudySetup(
                design,
                programme.weeks,
                require_log_ratio(simulated.reading, true_gain, name),
                activity=simulated.claim.activity,
            ),
        )
        for design in programme.designs
        for true_gain in true_gains
    ]


def _counter(progress: Progress | None, total: int) -> Callable[[Iterator[_T]], Iterator[_T]]:
    """Return what passes on the studies of an iterator and reports how many there were in all."""
    done = 0

    def count(results: Iterator[_T]) -> Iterator[_T]:
        nonlocal done
        for result in results:
            done += 1
            if progress is not None:
                progress(done, total)
            yield result

    return count
