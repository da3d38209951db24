"""docs/statistics.md is executed, and its tables say what the program says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, get_args

import pytest
from support import doc_examples

from tracker.evidence import intervals, power
from tracker.evidence.designs.study_design import STRENGTH
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.results import Verdict
from tracker.evidence.threats import detection, no_interval
from tracker.evidence.verdict import IN_WORDS

PAGE = "statistics.md"
TEXT = (doc_examples.DOCS / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def session() -> dict[str, Any]:
    return doc_examples.run(PAGE)


def codes(module: Path) -> set[str]:
    """The codes of the threats made in a module: given to ``Threat`` itself, or to a function that takes a code."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    place = {"Threat": 0}
    for node in ast.walk(tree):
        names = (
            [argument.arg for argument in node.args.args]
            if isinstance(node, ast.FunctionDef)
            else []
        )
        if isinstance(node, ast.FunctionDef) and "code" in names:
            place[node.name] = names.index("code")
    given = [
        node.args[place[node.func.id]]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in place
    ]
    return {argument.value for argument in given if isinstance(argument, ast.Constant)}


def test_every_printed_figure_is_what_the_example_prints(session: dict[str, Any]) -> None:
    """The page is one session from top to bottom; what is made by hand on it equals what the program says."""
    error = session["found"].estimate.error
    score, eigenvalues = session["score"], session["λ"]
    assert score**0.5 == pytest.approx(error.se, rel=1e-9)
    assert eigenvalues.sum() ** 2 / (eigenvalues**2).sum() == pytest.approx(error.df, rel=1e-9)
    assert session["β"][0] == pytest.approx(session["found"].estimate.theta, rel=1e-9)


def test_the_verdicts_are_in_the_words_of_the_program() -> None:
    """Each verdict once, with the words that a result would have."""
    rows = {row[0]: row[2] for row in doc_examples.table(PAGE, "Verdict")}
    assert rows == IN_WORDS
    assert set(rows) == set(get_args(Verdict))


def test_every_threat_has_its_line() -> None:
    """Every code that evidence can raise, and no other."""
    folder = Path(detection.__file__).parent
    raised = set().union(*map(codes, [*folder.glob("*.py"), Path(no_interval.__file__)]))
    assert len(raised) >= len(detection.ALL)
    rows = doc_examples.table(PAGE, "Threats")
    assert {row[0] for row in rows} == raised
    assert all(all(row) for row in rows)


def test_every_point_of_the_specification_curve_has_its_line(session: dict[str, Any]) -> None:
    """Those of a randomised and of a staggered study, as they are named in results."""
    named = {row[0] for row in doc_examples.table(PAGE, "Sensitivity")}
    assert {point.name for point in session["points"]} == named - {"with x, items with an estimate"}


def test_every_estimand_has_its_line(session: dict[str, Any]) -> None:
    """By the name that it has in results."""
    rows = doc_examples.table(PAGE, 'Other ways to say "how much less time"')
    assert [row[0] for row in rows] == [
        one.name for one in session["estimand_table"](session["found"])
    ]


def test_the_strongest_words_are_those_of_the_program() -> None:
    """A line a study design, strongest first."""
    rows = doc_examples.table(PAGE, "Study designs")
    assert [(row[0], row[3]) for row in rows] == list(STRENGTH.items())


def test_the_constants_are_those_of_the_program() -> None:
    """Where a formula holds a number of ours."""
    assert f"(z·{DRIFT_SD})²" in TEXT
    assert f"τ = {intervals.TAU}" in TEXT
    assert f"n = {power._COST} · 4σ²" in TEXT


def test_the_calibrations_figures_have_their_place() -> None:
    """Between two markers, in this order."""
    before, _, after = TEXT.partition("<!-- calibration -->\n")
    assert before
    assert "<!-- /calibration -->" in after
