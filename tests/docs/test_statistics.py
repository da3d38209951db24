"""The examples of docs/statistics.md run, and its tables agree with the program."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, get_args

import pytest
from support import doc_examples

from tracker.evidence import intervals
from tracker.evidence.designs.study_design import STRENGTH
from tracker.evidence.estimators import control
from tracker.evidence.intervals import DRIFT_SD
from tracker.evidence.planning import study_errors
from tracker.evidence.results import Verdict
from tracker.evidence.sensitivity_points import WITHOUT_USAGE
from tracker.evidence.threats import detection, no_interval
from tracker.evidence.verdict import VERDICT_WORDS

PAGE = "statistics.md"
TEXT = (doc_examples.DOCS / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def session() -> dict[str, Any]:
    """The variables after the last example."""
    return doc_examples.run(PAGE)


def codes(module: Path) -> set[str]:
    """The codes of a module's threats: arguments of ``Threat`` or of a function with a ``code``."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    position = {"Threat": 0}
    for node in ast.walk(tree):
        names = (
            [argument.arg for argument in node.args.args]
            if isinstance(node, ast.FunctionDef)
            else []
        )
        if isinstance(node, ast.FunctionDef) and "code" in names:
            position[node.name] = names.index("code")
    arguments = [
        node.args[position[node.func.id]]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in position
    ]
    return {argument.value for argument in arguments if isinstance(argument, ast.Constant)}


def test_the_examples_print_what_the_page_shows(session: dict[str, Any]) -> None:
    """The values that the page calculates by hand equal the program's."""
    estimate = session["fit"].estimate
    score, eigenvalues = session["score"], session["λ"]
    assert score**0.5 == pytest.approx(estimate.error.se, rel=1e-9)
    assert eigenvalues.sum() ** 2 / (eigenvalues**2).sum() == pytest.approx(
        estimate.error.df, rel=1e-9
    )
    assert session["β"][0] == pytest.approx(estimate.theta, rel=1e-9)


def test_every_verdict_has_its_row() -> None:
    """Each verdict occurs once, in the words that a result has."""
    rows = {row[0]: row[2] for row in doc_examples.table(PAGE, "Verdict")}
    assert rows == VERDICT_WORDS
    assert set(rows) == set(get_args(Verdict))


def test_every_threat_has_its_row() -> None:
    """The table has every code that evidence can report, and no other."""
    folder = Path(detection.__file__).parent
    raised = set().union(*map(codes, [*folder.glob("*.py"), Path(no_interval.__file__)]))
    assert len(raised) >= len(detection.ALL)
    rows = doc_examples.table(PAGE, "Threats")
    assert {row[0] for row in rows} == raised
    assert all(all(row) for row in rows)


def test_every_point_of_the_specification_curve_has_its_row(session: dict[str, Any]) -> None:
    """The points of a randomised and of a staggered study, by their names in results."""
    names = {row[0] for row in doc_examples.table(PAGE, "Sensitivity")}
    others = {"with x, items with an estimate", WITHOUT_USAGE}
    assert {point.name for point in session["points"]} == names - others


def test_every_estimand_has_its_row(session: dict[str, Any]) -> None:
    """The rows have the names and the order of a result's estimands."""
    rows = doc_examples.table(PAGE, "Other estimands")
    assert [row[0] for row in rows] == [
        estimand.name for estimand in session["estimand_table"](session["fit"])
    ]


def test_every_study_design_has_its_row() -> None:
    """The rows have the wording of the program, strongest design first."""
    rows = doc_examples.table(PAGE, "Study designs")
    assert [(row[0], row[3]) for row in rows] == list(STRENGTH.items())


def test_the_constants_are_those_of_the_program() -> None:
    """The page's formulas contain the values of the code."""
    assert f"(z·{DRIFT_SD})²" in TEXT
    assert f"(z·{intervals.CONTROLLED_DRIFT_SD})²" in TEXT
    assert f"θ − {control.CONTROL_WEIGHT}·θ_c" in TEXT
    assert f"{control.MIN_CONTROL_ITEMS} items" in TEXT
    assert f"{control.MIN_CONTROL_ITEMS_PER_ARM} of them in each arm" in TEXT
    assert f"τ = {intervals.TAU}" in TEXT
    assert f"n = {study_errors.COST_FACTOR} · 4σ²" in TEXT


def test_the_calibration_is_between_its_markers() -> None:
    """The two markers occur in this order."""
    before, _, after = TEXT.partition("<!-- calibration -->\n")
    assert before
    assert "<!-- /calibration -->" in after
