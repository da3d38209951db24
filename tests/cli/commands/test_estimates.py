"""Dates of imported estimates and probabilities of draws, from the file to the verdict."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.person import Person

MAP = """\
source = "trial"
[columns]
developer = "who"
task = "what"
started_at = "begun"
minutes = "minutes"
estimate_minutes = "estimate"
assigned = "arm"
completed_at = "begun"
[formats]
timezone = "UTC"
[constants]
activity = "design"
"""
DATED = MAP.replace("assigned =", 'estimated_at = "made"\nassigned =')
FIRST = datetime(2026, 1, 5, 9)


@pytest.fixture(params=["sqlite", "postgres"])
def ada(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in her home folder, with a database of each kind."""
    monkeypatch.chdir(tmp_path)
    environ = {}
    if request.param == "postgres":
        environ["TRACKER_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return Person(tmp_path, **environ)


def trial(share: float = 0.5, *, late_share: float = 0.0, arms: random.Random | None = None) -> str:
    """Return the log of six developers with forty tasks each.

    Args:
        share: The probability of assistance.
        late_share: The share of tasks that were estimated an hour after their work began.
        arms: The random generator of the arms.
    """
    rng, arms = random.Random(3), arms or random.Random(4)
    lines = ["who,what,begun,minutes,estimate,made,arm"]
    for number in range(240):
        begun = FIRST + timedelta(hours=24 * (number // 6))
        estimated = begun + timedelta(hours=1 if rng.random() < late_share else -1)
        estimate = round(rng.lognormvariate(4, 0.8)) + 1
        minutes = round(estimate * rng.lognormvariate(0, 0.4)) + 1
        arm = "assistance" if arms.random() < share else "baseline"
        lines.append(
            f"d{number % 6},T-{number},{begun:%Y-%m-%d %H:%M},{minutes},{estimate},"
            f"{estimated:%Y-%m-%d %H:%M},{arm}"
        )
    return "\n".join(lines) + "\n"


def import_csv(ada: Person, log: str, map_: str) -> str:
    """Import a log and return the messages."""
    (ada.home / "log.csv").write_text(log)
    (ada.home / "map.toml").write_text(map_)
    return ada.run("import", "csv", "log.csv", "--map", "map.toml").stderr


def threats(ada: Person) -> dict[str, Any]:
    """Return the threats of the only result by code, and check that it is a randomised study."""
    (result,) = ada.json("check", "--activity", "design")["results"]
    assert result["study_design"] == "randomised"
    return {threat["code"]: threat for threat in result["threats"]}


def test_undated_estimates_are_told_by_import_and_check(ada: Person) -> None:
    """The import names the column, and the check has the share."""
    text = import_csv(ada, trial(), MAP)
    assert "  estimates: 240 of 240 belong to a task that has entries\n" in text
    assert "  when the estimates were made is not known; the column estimated_at says it\n" in text
    threat = threats(ada)["estimates-undated"]
    assert threat["severity"] == "note"
    assert threat["message"].startswith("240 of 240 (100")


def test_dated_estimates_are_no_threat(ada: Person) -> None:
    """With `estimated_at` in the map nothing is told; so it is after an import of an export."""
    text = import_csv(ada, trial(), DATED)
    assert "not known" not in text
    assert {"estimates-undated", "missing-estimates"} & set(threats(ada)) == set()
    for content in ("entries", "tasks"):
        ada.run("export", content, "-o", f"{content}.csv")
    other = Person(ada.home / "other")
    other.run("import", "tracker", str(ada.home / "tasks.csv"), str(ada.home / "entries.csv"))
    assert "estimates-undated" not in threats(other)


def test_estimates_made_after_the_work_began_are_missing(ada: Person) -> None:
    """A few are left out; with over a fifth of them sizes are not taken into account."""
    import_csv(ada, trial(late_share=0.1), DATED)
    threat = threats(ada)["missing-estimates"]
    assert threat["severity"] == "note"
    ada.run("import", "--undo")
    text = import_csv(ada, trial(late_share=0.4), DATED)
    assert "estimates were made after the work began: they do not count for it" in text
    assert threats(ada)["missing-estimates"]["severity"] == "caution"


def test_a_task_list_with_dates(ada: Person) -> None:
    """An estimate of a whole task counts for work that began after it, and only for that."""
    import_csv(ada, trial(), MAP.replace('estimate_minutes = "estimate"\n', ""))
    rows = trial(late_share=0.4).splitlines()[1:]
    cells = [line.split(",") for line in rows]
    lines = ["task,estimate,made", *(f"{row[1]},{row[4]},{row[5]}" for row in cells)]
    (ada.home / "tasks.csv").write_text("\n".join(lines) + "\n")
    (ada.home / "tasks.toml").write_text(
        'source = "board"\n[columns]\ntask = "task"\nestimate_minutes = "estimate"\n'
        'estimated_at = "made"\n[formats]\ntimezone = "UTC"\n'
    )
    ada.run("import", "tasks", "tasks.csv", "--map", "tasks.toml")
    late = sum(row[5] > row[2] for row in cells)
    message = threats(ada)["missing-estimates"]["message"]
    assert message.startswith(f"{late} of 240")


def test_estimates_of_other_tasks_are_counted_everywhere(ada: Person) -> None:
    """Import, check and doctor say that none of them belongs to a task with entries."""
    import_csv(ada, trial(), MAP.replace('estimate_minutes = "estimate"\n', ""))
    lines = ["task,estimate", *(f"U-{number},60" for number in range(240))]
    (ada.home / "tasks.csv").write_text("\n".join(lines) + "\n")
    (ada.home / "tasks.toml").write_text(
        'source = "board"\n[columns]\ntask = "task"\nestimate_minutes = "estimate"\n'
    )
    text = ada.run("import", "tasks", "tasks.csv", "--map", "tasks.toml").stderr
    assert "warning: estimates: 0 of 240 belong to a task that has entries" in text
    assert threats(ada)["estimates-unmatched"]["severity"] == "caution"
    doctor = ada.run("db", "doctor", code=1)
    assert "240 of 240 belong to a task that has no entries" in doctor.stdout


def test_work_to_come_is_counted_by_the_doctor_but_not_wrong(ada: Person) -> None:
    """Some estimates of tasks that nobody has begun are usual."""
    ada.run("estimate", "design", "PAY-12", "3h")
    ada.run("log", "design", "PAY-12", "20m")
    ada.run("estimate", "design", "PAY-13", "3h")
    findings = {row["check"]: row for row in ada.json("db", "doctor")}
    assert findings["estimates"]["well"] is True
    assert findings["estimates"]["message"].startswith("1 of 2 belong to a task that has no")


def test_an_uneven_draw_is_compared_with_its_own_probability(ada: Person) -> None:
    """One in five with assistance does not look drawn by a fair coin, and does by that share."""
    import_csv(ada, trial(0.2), DATED)
    threat = threats(ada)["not-as-drawn"]
    assert "to which the draw gives 50" in threat["message"]
    ada.run("import", "--undo")
    import_csv(ada, trial(0.2), DATED + "assistance_share = 0.2\n")
    assert "not-as-drawn" not in threats(ada)
    ada.run("import", "--undo")
    import_csv(ada, trial(0.5), DATED + "assistance_share = 0.2\n")
    assert "to which the draw gives 20" in threats(ada)["not-as-drawn"]["message"]


def test_the_probability_survives_an_export(ada: Person) -> None:
    """`export tasks` has them, and `import tracker` restores them."""
    import_csv(ada, trial(0.2), DATED + "assistance_share = 0.2\n")
    ada.run("export", "tasks", "--format", "json", "-o", "tasks.json")
    ada.run("export", "entries", "-o", "entries.csv")
    other = Person(ada.home / "other")
    other.run("import", "tracker", str(ada.home / "tasks.json"), str(ada.home / "entries.csv"))
    assert "not-as-drawn" not in threats(other)


POINTS = f'{DATED}[units]\nestimate_minutes = "points"\n'


def result_of(person: Person) -> dict[str, Any]:
    """Return the only result of `check`."""
    (result,) = person.json("check", "--activity", "design")["results"]
    return dict(result)


def in_two_units(ada: Person, every: int) -> None:
    """Import a log in points of four hours; of each developer every so many tasks in minutes."""
    lines = trial().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    tasks = ["task,estimate,made"]
    for number, row in enumerate(rows):
        if number // 6 % every == 0:
            tasks.append(f"{row[1]},{row[4]},{row[5]}")
            row[4] = ""
        else:
            row[4] = str(int(row[4]) / 240)
    log = "\n".join([lines[0], *(",".join(row) for row in rows)])
    import_csv(ada, f"{log}\n", POINTS)
    (ada.home / "tasks.csv").write_text("\n".join(tasks) + "\n")
    (ada.home / "tasks.toml").write_text(
        'source = "board"\n[columns]\ntask = "task"\nestimate_minutes = "estimate"\n'
        'estimated_at = "made"\n[formats]\ntimezone = "UTC"\n'
    )
    ada.run("import", "tasks", "tasks.csv", "--map", "tasks.toml")


def test_points_adjust_like_minutes_but_are_none(ada: Person) -> None:
    """The interval is that of x = ln points; what needs minutes is left out, and a note says so."""
    import_csv(ada, trial(), DATED)
    minutes = result_of(ada)
    ada.run("import", "--undo")
    import_csv(ada, trial(), POINTS)
    points = result_of(ada)
    assert "ln estimate" in points["estimator"]
    assert points["time_ratio"] == pytest.approx(minutes["time_ratio"], rel=1e-9)
    assert points["verdict"] == minutes["verdict"]
    names = [{row["name"] for row in result["estimands"]} for result in (minutes, points)]
    assert names[0] - names[1] == {"hours per estimated hour"}
    codes = [{row["code"] for row in result["threats"]} for result in (minutes, points)]
    assert codes[1] - codes[0] == {"estimates-in-points"}
    ada.run("report", "-o", "report.html")


def test_points_survive_export_and_undo(ada: Person) -> None:
    """Entries and tasks hold them; an import of the export judges alike."""
    import_csv(ada, trial(), POINTS)
    for content in ("entries", "tasks"):
        ada.run("export", content, "-o", f"{content}.csv")
    other = Person(ada.home / "other")
    other.run("import", "tracker", str(ada.home / "tasks.csv"), str(ada.home / "entries.csv"))
    assert result_of(other)["time_ratio"] == pytest.approx(result_of(ada)["time_ratio"], rel=1e-9)
    again = other.home / "again.csv"
    other.run("export", "entries", "-o", str(again))
    assert again.read_text() == (ada.home / "entries.csv").read_text()
    ada.run("import", "--undo")
    assert ada.run("export", "tasks").stdout.count("\n") == 1


@pytest.mark.parametrize("every", [2, 10])
def test_tasks_in_two_units_are_judged_together(ada: Person, every: int) -> None:
    """Half of the estimates in hours, half in points: no task is left out, the truth is found.

    The log has no gain, so a claim of +50 % is ruled out.
    """
    in_two_units(ada, every)
    result = result_of(ada)
    assert "(estimates in points with an intercept of their own)" in result["estimator"]
    assert sum(result["items"].values()) == 240
    assert result["claim"]["value"] == 0.5
    assert result["verdict"] == "contradicted"
    by_code = {threat["code"]: threat for threat in result["threats"]}
    assert "missing-estimates" not in by_code
    in_points = 240 - 240 // every
    assert f"{in_points} of 240" in by_code["estimates-in-points"]["message"]
    rows = {row["name"]: row for row in result["estimands"]}
    in_minutes = f"of the {240 - in_points} of 240"
    assert in_minutes in rows["hours per estimated hour"]["note"]
    ada.run("report", "-o", "report.html")
    page = (ada.home / "report.html").read_text()
    assert "intercept of their own" in page


def test_a_task_shows_its_points(ada: Person) -> None:
    """As a table with their unit, as JSON in a column of their own."""
    (ada.home / "tasks.csv").write_text("task,sp\nT-1,2.5\n")
    (ada.home / "tasks.toml").write_text(
        'source = "board"\n[columns]\ntask = "task"\nestimate_minutes = "sp"\n'
        '[units]\nestimate_minutes = "points"\n'
    )
    ada.run("import", "tasks", "tasks.csv", "--map", "tasks.toml")
    assert "2.5 points" in ada.run("task", "T-1").stdout
    (row,) = ada.json("task", "T-1")
    assert (row["estimate_points"], row["estimate_minutes"]) == (2.5, None)
    text = (ada.home / "tasks.toml").read_text() + "[constants]\nestimate_minutes = 30\n"
    (ada.home / "tasks.toml").write_text(text)
    refused = ada.run("import", "tasks", "tasks.csv", "--map", "tasks.toml", code=1)
    assert "in points and a constant in minutes" in refused.stderr


def test_a_late_estimate_is_told_once(ada: Person) -> None:
    """Not again when the timer's entry is stored or further work is logged; a new one is told."""
    late = "was made after the work began"
    ada.run("start", "design", "PAY-60")
    ada.later(5)
    assert late in ada.run("estimate", "design", "PAY-60", "1h").stderr
    ada.later(5)
    for line in ("stop", "summary", "log testing PAY-61 5m", "log design PAY-60 9:00-9:10"):
        assert late not in ada.run(*line.split()).stderr
    assert late in ada.run("estimate", "design", "PAY-60", "1h").stderr
    ada.run("estimate", "design", "PAY-62", "1h")
    assert late in ada.run("log", "design", "PAY-62", "8:00-8:10").stderr
    assert late not in ada.run("log", "design", "PAY-62", "8:10-8:20").stderr
