"""The test vectors of the robust estimators: panels, and the results of another program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tracker.evidence.estimators.least_squares import LeastSquaresFit, fit_least_squares
from tracker.evidence.estimators.pseudo_values import PseudoValues, clip_rows, pseudo_values
from tracker.evidence.moments import Cells, Term, cells_from_items, cross_products
from tracker.evidence.sample import select_sample

VECTORS = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "oracles" / "robust_vectors.json"
)

NAMES = (
    *("plain", "ties", "missing-x-left-out", "missing-x-too-many", "heavy-tails-t2"),
    *("contaminated", "unequal-arms", "skewed-one-developer-dominates"),
    *("one-arm-developers-leave", "four-developers", "too-small-for-huber"),
    *("estimate-collinear-with-arm", "estimates-all-alike", "no-spread", "one-developer"),
)
LEVELS = ("0.95", "0.975")


@dataclass(frozen=True)
class Panel:
    """A panel, prepared as the primary estimate prepares it."""

    items: pd.DataFrame
    control_items: pd.DataFrame | None
    """Work items of other activities, of these and other developers."""
    cells: Cells
    """The sample, one cell per work item."""
    developers: tuple[str, ...]
    """The sample's developers in the order of their codes."""
    terms: tuple[Term, ...]
    least_squares: LeastSquaresFit
    robust: PseudoValues | None
    expected: dict[str, dict[str, Any]]

    @property
    def fit(self) -> LeastSquaresFit:
        """The fit of the pseudo-values, else that of ln minutes."""
        return self.robust.fit if self.robust else self.least_squares

    @property
    def fitted_cells(self) -> Cells:
        """The cells of that fit."""
        return self.robust.cells if self.robust else self.cells


def items_frame(rows: dict[str, list[Any]]) -> pd.DataFrame:
    """Return the rows of a panel as an items frame."""
    frame = pd.DataFrame(rows)
    frame["developer"] = frame["developer"].map(lambda code: f"d{code:>4}")
    frame["arm"] = np.where(frame["arm"] == 1, "assistance", "baseline")
    frame["minutes"] = np.exp(frame["y"].astype(float))
    frame["estimate_minutes"] = np.exp(frame["x"].astype(float))
    return frame.assign(month=0)


def read_panel(name: str) -> Panel:
    """Return the panel with a name."""
    panels = json.loads(VECTORS.read_text(encoding="utf-8"))["panels"]
    panel = next(panel for panel in panels if panel["name"] == name)
    items = items_frame(panel["rows"])
    sample = select_sample(cells_from_items(items), "randomised")
    terms: tuple[Term, ...] = sample.terms
    fit = fit_least_squares(cross_products(sample.cells, terms))
    if fit is None:
        terms = ("arm",)
        fit = fit_least_squares(cross_products(sample.cells, terms))
    assert fit is not None
    in_sample = items[items["x"].notna()] if sample.adjusted else items
    arms = in_sample.groupby("developer")["arm"].nunique()
    return Panel(
        items=items,
        control_items=items_frame(panel["control"]) if panel["control"] else None,
        cells=sample.cells,
        developers=tuple(sorted(arms[arms == 2].index)),
        terms=terms,
        least_squares=fit,
        robust=pseudo_values(sample.cells, terms, fit, clip_rows(sample.cells)),
        expected=panel["expected"],
    )
