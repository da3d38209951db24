"""`plan`, and that `check`, the page and the JSON show its numbers."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from support import report_logs
from support.person import Person

from tracker import demo
from tracker.domain.counts import about, rounded
from tracker.domain.records import STUDY_DESIGNS

CONTRACT_KEYS = {
    *("claim", "activity", "study_design", "items", "items_in_all", "items_more"),
    *("developers", "developers_more", "spread", "reason", "limits"),
}
CLAIM = "vendor"


def plain(text: str) -> str:
    """Return a text in one line with plain spaces."""
    return " ".join(text.replace("\xa0", " ").split())


def person_with_log(folder: Path, until: str, gain: str = "40%") -> Person:
    """Return a person with the demo's work up to a day, no rollout, and a claim of this gain."""
    ada = Person(folder / "home")
    log, column_map = folder / "log.csv", folder / "map.toml"
    column_map.write_text(demo.MAP.replace('assisted = "ai"\n', ""), encoding="utf-8")
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, demo.COLUMNS)
        writer.writeheader()
        writer.writerows(row for row in demo.log(np.random.default_rng(1)) if row["begun"] < until)
    ada.run("import", "csv", str(log), "--map", str(column_map))
    claim = ("--activity", "design", "--gain", gain, "--source", "an offer")
    ada.run("claims", "add", CLAIM, *claim)
    return ada


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person with eight weeks of a baseline alone."""
    return person_with_log(tmp_path_factory.mktemp("baseline"), "2025-05-01")


@pytest.fixture(scope="module")
def before_after(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person whose colleagues all had a rollout a week ago."""
    ada = person_with_log(tmp_path_factory.mktemp("before-after"), "2025-05-08")
    ada.run("rollout", "Helper", "--on", "2025-05-02")
    return ada


@pytest.fixture(scope="module")
def staggered(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person of whose fifteen developers five have had a rollout, a month ago."""
    ada = person_with_log(tmp_path_factory.mktemp("staggered"), "2025-06-15", gain="30%")
    rollouts = {"birch-1": 2, "birch-2": 10, "cedar-1": 10, "cedar-2": 16, "dogwood-1": 16}
    for developer, day in rollouts.items():
        ada.run("rollout", "Helper", "--on", f"2025-05-{day:02d}", "--developer", developer)
    return ada


@pytest.fixture(scope="module")
def drawn_arms(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person whose log rules out no gain in testing, and does not decide the claim."""
    return report_logs.drawn_arms(tmp_path_factory.mktemp("drawn-arms")).person


def test_a_baseline_alone_is_planned(baseline: Person) -> None:
    """Every study design has a row; the first sentence is what a randomised study takes."""
    rows = baseline.json("plan", CLAIM)
    assert [row["study_design"] for row in rows] == list(STUDY_DESIGNS)
    assert all(row.keys() >= CONTRACT_KEYS for row in rows)
    by_design = {row["study_design"]: row for row in rows}
    randomised = by_design["randomised"]
    assert randomised["items_in_all"] == randomised["items_more"] > 0
    assert randomised["weeks_low"] < randomised["weeks"] < randomised["weeks_high"]
    assert by_design["staggered"]["items_in_all"] > randomised["items_in_all"]
    assert by_design["self-selected"]["items_in_all"] is None
    assert "only a randomised or staggered study can tell" in by_design["self-selected"]["reason"]
    text = plain(baseline.run("plan", CLAIM).stdout)
    expected = f"A randomised study of {about(randomised['items_in_all'], 'task')} would tell"
    assert text.startswith(f"Design, at least 40 % efficiency gain ({CLAIM}): {expected}")


def test_check_names_the_command_for_a_baseline(baseline: Person) -> None:
    """And the command then answers."""
    assert "`tracker plan`" in plain(baseline.run("check", CLAIM).stdout)
    assert "would tell" in baseline.run("plan", CLAIM).stdout


@pytest.mark.parametrize("name", ["before_after", "staggered"])
def test_check_plan_and_page_show_one_number(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """JSON has it exactly; the texts and the page have it rounded, in the same sentence."""
    ada: Person = request.getfixturevalue(name)
    (result,) = ada.json("check", CLAIM)["results"]
    assert result["verdict"] in ("cannot-tell", "plausible")
    rows = {row["study_design"]: row for row in ada.json("plan", CLAIM)}
    row = rows[result["study_design"]]
    assert row["recorded"]
    assert row["items_more"] == result["items_needed"]
    for planned in result["plan"]:
        same = rows[planned["study_design"]]
        assert planned == {key: same[key] for key in planned}
    text = plain(ada.run("check", CLAIM).stdout)
    page = tmp_path / "page.html"
    ada.run("report", CLAIM, "-o", str(page))
    sentence = plain(ada.run("plan", CLAIM).stdout).partition(f"({CLAIM}): ")[2]
    sentence = sentence.partition(" study design ")[0].partition(" tasks tasks ")[0]
    assert re.search(r"tell", sentence)
    assert sentence in text
    assert sentence in plain(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
    csv_rows = list(csv.DictReader(io.StringIO(ada.run("plan", CLAIM, "--format", "csv").stdout)))
    assert [row["items_more"] for row in csv_rows] == [
        "" if row["items_more"] is None else str(row["items_more"]) for row in rows.values()
    ]


@pytest.mark.parametrize(
    ("name", "claim"), [("before_after", CLAIM), ("drawn_arms", "iflytek-2024-testing")]
)
def test_card_and_plan_agree_with_the_plan_of_the_same_true_gain(
    name: str, claim: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The card assumes a true gain: if `plan` is asked for that gain, it has the same sentence."""
    ada: Person = request.getfixturevalue(name)
    page = tmp_path / "page.html"
    ada.run("report", claim, "--static", "-o", str(page))
    (card,) = re.findall(r"<b>What next:</b>(.*?)</p>", page.read_text(encoding="utf-8"))
    rows = ada.json("plan", claim)
    percent = f"{round(100 * rows[0]['true_gain'])}%"
    same = ada.json("plan", claim, "--true-gain", percent)
    for row, other in zip(rows, same, strict=True):
        assert row["items_more"] == other["items_more"]
        assert row["items_in_all"] == other["items_in_all"]
    assert re.search(r"about [\d,]+ (more )?tasks", plain(card))
    for options in ((), ("--true-gain", percent)):
        assert plain(card) in plain(ada.run("plan", claim, *options).stdout)


def test_a_number_is_the_same_every_time(before_after: Person) -> None:
    """The simulated studies have a seed of their own: that of the question does not matter."""
    first = before_after.json("plan", CLAIM)
    assert before_after.json("plan", CLAIM, "--seed", "7") == first


def test_a_design_that_is_not_recorded_can_be_planned(baseline: Person) -> None:
    """`check` refuses it, `plan` does not."""
    (row,) = baseline.json("plan", CLAIM, "--design", "staggered")
    assert row["study_design"] == "staggered"
    assert row["items_in_all"]
    assert "--design is staggered" in baseline.refused("check", CLAIM, "--design", "staggered")


def test_a_true_gain_equal_to_the_claim_cannot_be_told_from_it(baseline: Person) -> None:
    """Only no gain can be ruled out, and `plan` says so."""
    rows = baseline.json("plan", CLAIM, "--true-gain", "40%")
    assert {row["items_in_all"] for row in rows} == {None}
    assert "only no gain can be ruled out" in plain(
        baseline.run("plan", CLAIM, "--true-gain", "40%").stdout
    )


def test_people_read_two_significant_digits(baseline: Person) -> None:
    """The table has no number with more."""
    (row,) = baseline.json("plan", CLAIM, "--design", "randomised", "--true-gain", "20%")
    text = baseline.run("plan", CLAIM, "--design", "randomised", "--true-gain", "20%").stdout
    assert f" {rounded(row['items_in_all']):,} " in text
    assert f" {row['items_in_all']:,} " not in text or row["items_in_all"] % 10 == 0
