"""`import csv` and `import tasks` with units, extracts and formats, through the program."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from support.person import Person

MAP = """
source = "sheet"
[columns]
developer = "who"
activity = "kind"
date = "day"
minutes = "spent"
[units]
minutes = "words"
[extract.task]
from = ["issue", "text"]
pattern = '([A-Z]+-[0-9]+)'
[formats]
timezone = "Europe/Berlin"
skip_lines = 1
negative = "net"
"""
HEAD = "sep=;\nTime of Müller & Co\nwho;kind;issue;text;day;spent\n"


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own, with a map in it."""
    monkeypatch.chdir(tmp_path)
    Path("m.toml").write_text(MAP)
    return Person(tmp_path)


def import_log(person: Person, *rows: str, code: int = 0, options: str = "") -> str:
    """Import rows below the head; return the messages."""
    Path("log.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8-sig")
    result = person.run("import", "csv", "log.csv", "--map", "m.toml", *options.split(), code=code)
    return result.stderr


def minutes(person: Person) -> list[tuple[str, float]]:
    """Return the task and the minutes of each exported entry."""
    export = person.run("export", "entries").stdout
    return [(row["task"], float(row["minutes"])) for row in csv.DictReader(io.StringIO(export))]


def test_a_log_with_a_title_words_and_keys_in_texts_is_stored(ada: Person) -> None:
    """Sums and tasks are right, and a second import changes nothing."""
    rows = (
        "ann;design;;[PAY-1] form;2026-03-02;1d 1h",
        "ann;design;PAY-1;;2026-03-03;-1h 30m",
        "ann;testing;PAY-2;see PAY-1;2026-03-04;1:25",
        "Total;;;;;9h",
    )
    messages = import_log(ada, *rows)
    assert "kept 2 entries" in messages
    assert "left out, corrections below 0 minutes, netted: 1" in messages
    assert "left out, row of totals: 1" in messages
    assert minutes(ada) == [("PAY-1", 450), ("PAY-2", 85)]
    assert "kept nothing; there already: 2 entries" in import_log(ada, *rows)
    assert minutes(ada) == [("PAY-1", 450), ("PAY-2", 85)]


def test_a_correction_that_comes_later_is_an_update(ada: Person) -> None:
    """The entry that it reduces is reported, and replaced with --update."""
    rows = ["ann;design;PAY-1;;2026-03-02;2h", "ann;design;PAY-1;;2026-03-09;-30m"]
    import_log(ada, rows[0])
    import_log(ada, *rows)
    assert minutes(ada) == [("PAY-1", 120)]
    assert "1 updated" in import_log(ada, *rows, options="--update")
    assert minutes(ada) == [("PAY-1", 90)]
    ada.run("import", "--undo")
    assert minutes(ada) == [("PAY-1", 120)]


def test_rejected_rows_can_be_mended_and_imported_with_the_same_map(ada: Person) -> None:
    """Their file has the lines before the header, so that the map fits it."""
    messages = import_log(
        ada,
        "ann;design;PAY-1;;2026-03-02;2 hrsx",
        "ann;design;PAY-2;;2026-03-02;2h",
        options="--on-error skip",
    )
    assert "log.csv line 4, column spent: '2 hrsx': it is not a duration in words" in messages
    rejected = Path("log.csv.rejected.csv")
    text = rejected.read_text("utf-8-sig")
    assert text.startswith(HEAD)
    rejected.write_text(text.replace("2 hrsx", "45m"), encoding="utf-8-sig")
    ada.run("import", "csv", rejected.name, "--map", "m.toml")
    assert sorted(minutes(ada)) == [("PAY-1", 45), ("PAY-2", 120)]


def test_a_refused_file_leaves_the_log_as_it_was(ada: Person) -> None:
    """What is left of a correction is an error of the file; nothing of it is kept."""
    messages = import_log(
        ada, "ann;design;PAY-1;;2026-03-02;1h", "ann;design;PAY-1;;2026-03-03;-2h", code=1
    )
    assert "line 5, column spent: '-2h': 60 minutes of it are left" in messages
    assert "Nothing was kept" in messages
    assert minutes(ada) == []


def test_a_wrong_unit_is_named(ada: Person) -> None:
    """Hours read as minutes are a factor of 60, in efforts and in estimates."""
    Path("m.toml").write_text(MAP.replace('"words"', '"minutes"'))
    rows = [f"ann;design;PAY-{n};;2026-03-{n + 1:02};{n / 2}" for n in range(1, 13)]
    assert "check that they are not hours" in import_log(ada, *rows)
    ada.run("import", "--undo")
    Path("m.toml").write_text(MAP.replace('"words"', '"hours"'))
    assert "check that" not in import_log(ada, *rows)
    estimates = "Key,Estimate\n" + "".join(f"PAY-{n},{n / 2}\n" for n in range(1, 13))
    Path("tasks.csv").write_text(estimates)
    board = 'source = "board"\n[columns]\ntask = "Key"\nestimate_minutes = "Estimate"\n'
    Path("tasks.toml").write_text(board)
    command = ("import", "tasks", "tasks.csv", "--map", "tasks.toml")
    assert "probably in hours or points" in ada.run(*command).stderr
    ada.run("import", "--undo")
    Path("tasks.toml").write_text(f'{board}[units]\nestimate_minutes = "hours"\n')
    assert "probably in" not in ada.run(*command).stderr


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("[units]\nminutes = 'days'", "m.toml [units] minutes is 'days': give one of"),
        ("[extract.task]\npattern = 'x'", "m.toml [extract.task] pattern is 'x': it has 0 groups"),
        ("[formats]\nskip_lines = 'two'", "m.toml [formats] skip_lines is 'two': give the number"),
    ],
)
def test_a_faulty_map_is_one_line_on_a_terminal(ada: Person, section: str, message: str) -> None:
    """Nothing of the matcher's own messages, no traceback, exit code 1."""
    Path("m.toml").write_text(f"source = 's'\n[columns]\nminutes = 'm'\n{section}\n")
    Path("log.csv").write_text("m\n")
    screen = ada.terminal("import", "csv", "log.csv", "--map", "m.toml")
    assert screen.code == 1
    text = " ".join(screen.lines)
    assert message in text
    assert "re2.cc" not in text
    assert "Traceback" not in text
