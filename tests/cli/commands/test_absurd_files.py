"""Hostile names and headers of files are printed masked; hostile files block nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.foreign_logs import HEADER, MAP, ROW
from support.person import Person

STEERING = "\x1b[2J\x9b\u202e"


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "log.csv").write_text(HEADER + ROW)
    return Person(tmp_path / "home")


def is_masked(text: str) -> bool:
    """Return whether a terminal would obey nothing of a text."""
    return not {"\x1b", "\x9b", "\u202e"} & set(text)


def test_terminal_codes_in_a_header_are_masked(ada: Person) -> None:
    """Where the header has no column of the map, and where a row of such a column is rejected."""
    Path("log.csv").write_text(f"a{STEERING},b\n1,2\n")
    assert is_masked(ada.refused("import", "csv", "log.csv", "--map", "map.toml"))
    assert is_masked(ada.refused("import", "tracker", "log.csv"))
    Path("map.toml").write_text(MAP.replace('"begin"', '"begin\\u001b"'))
    Path("log.csv").write_text((HEADER + ROW).replace("begin", "begin\x1b").replace("09:00", "x"))
    result = ada.run("import", "csv", "log.csv", "--map", "map.toml", code=None)
    assert is_masked(result.stderr)
    assert "begin\\x1b" in result.stderr


def test_terminal_codes_in_the_keys_of_a_map_are_masked(ada: Person) -> None:
    """In every section, quoted keys as TOML allows them."""
    key = '"a\\u001b[2J\\u202e"'
    for text in (
        f"{key} = 1\n",
        MAP.replace("[formats]", f"{key} = 'x'\n[formats]"),
        MAP + f"{key} = 'x'\n",
        MAP + f"[values.{key}]\na = 'b'\n",
        MAP + f"[constants]\n{key} = 'b'\n",
        MAP.replace('"begin"', key),
    ):
        Path("map.toml").write_text(text)
        assert is_masked(ada.refused("import", "csv", "log.csv", "--map", "map.toml"))


def test_a_hostile_name_of_a_file_is_masked_and_imported(ada: Person) -> None:
    """Terminal codes, and bytes that are not UTF-8: the log is imported and the import undone."""
    for name in (f"log{STEERING}.csv", os.fsdecode(b"log\xff.csv")):
        Path(name).write_text(HEADER + ROW)
        result = ada.run("import", "csv", name, "--map", "map.toml")
        assert "kept 1 entry" in result.stderr
        assert is_masked(result.stderr)
        assert is_masked(ada.run("import", "--undo").stderr)
    page = f"page{STEERING}.html"
    ada.run("log", "design", "T-1", "5m")
    assert is_masked(ada.run("report", "-o", page).stderr)
    assert Path(page).exists()
    assert is_masked(ada.run("db", "backup", f"copy{STEERING}.db").stderr)


def test_surrogates_of_json_are_rejected_and_written_to_the_file_of_rejected_rows(
    ada: Person,
) -> None:
    """A lone surrogate is no text; it does not keep the other rows from being imported."""
    ada.run("log", "design", "T-1", "5m")
    ada.run("export", "--format", "json", "-o", "log.json")
    row = Path("log.json").read_text()
    Path("log.json").write_text(row.replace('"T-1"', '"T\\ud800"'))
    result = ada.run("import", "tracker", "log.json", "--on-error", "skip")
    assert "1 rejected" in result.stderr
    assert "\\ud800" in Path("log.json.rejected.csv").read_text()


def test_absurd_settings_are_refused(ada: Person) -> None:
    """A settings file that is nested too deeply or not UTF-8: one line that names the file."""
    ada.settings_file.parent.mkdir(parents=True)
    for content in (b"a = " + b"[" * 20_000, b"a = " + b"9" * 5_000, b'team = "\xff"', b"\0"):
        ada.settings_file.write_bytes(content)
        for command in (["entries"], ["config"], ["config", "set", "team", "x"]):
            assert "config.toml is not valid TOML" in ada.refused(*command)


def test_a_home_whose_name_is_not_utf_8(ada: Person, tmp_path: Path) -> None:
    """The log is kept there all the same, and its path is printed masked."""
    person = Person(tmp_path / os.fsdecode(b"h\xff"))
    person.run("log", "design", "T-1", "5m")
    assert len(person.json("entries")) == 1
    person.run("db", "status").output.encode()
    person.run("config").output.encode()
