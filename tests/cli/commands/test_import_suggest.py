"""`import --suggest`: where the draft goes, what is refused, and that it imports nothing."""

from __future__ import annotations

import csv
import io
import shlex
import stat
from pathlib import Path

import pytest
from support.person import Person

from tracker.domain.toml_text import parse_toml

LOG = (
    "User,Ticket,Phase,Start,End\n"
    "ana,PAY-1,Design,2026-03-02 09:00,2026-03-02 10:00\n"
    "bo,PAY-2,Entwicklung,2026-03-03 09:00,2026-03-03 11:00\n"
)
OPEN_LOG = LOG.replace("2026-03-02", "03/02/2026").replace("2026-03-03", "03/03/2026")


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada in a folder of her own with a log."""
    monkeypatch.chdir(tmp_path)
    Path("time.csv").write_text(LOG)
    return Person(tmp_path)


def entries(person: Person) -> list[dict[str, str]]:
    """Return the stored entries as they are exported."""
    return list(csv.DictReader(io.StringIO(person.run("export").stdout)))


def test_the_map_goes_to_stdout_and_the_next_command_to_stderr(ada: Person) -> None:
    """So that a pipe holds the map alone; no database is made."""
    result = ada.run("import", "csv", "time.csv", "--suggest")
    assert "columns" in parse_toml(result.stdout)
    assert result.stderr == (
        "check the map, then: `tracker import csv time.csv --map M.toml --tz ZONE --dry-run`\n"
    )
    assert not (ada.data / "tracker.db").exists()


def test_an_accepted_map_imports_the_log(ada: Person) -> None:
    """The zone of --tz is written into the map."""
    options = ("--suggest", "-o", "m.toml", "--tz", "Europe/Berlin")
    assert "--tz ZONE" not in ada.run("import", "csv", "time.csv", *options).stderr
    messages = ada.run("import", "csv", "time.csv", "--map", "m.toml").stderr
    assert "kept 2 entries" in messages
    assert "unmapped activities: Entwicklung (1)" in messages
    assert [(e["task"], e["activity"], e["minutes"]) for e in entries(ada)] == [
        ("PAY-1", "design", "60"),
        ("PAY-2", "Entwicklung", "120"),
    ]


def test_an_open_line_is_named_and_refused_until_it_is_decided(ada: Person) -> None:
    """The message names it; nothing is imported on a guess."""
    Path("time.csv").write_text(OPEN_LOG)
    result = ada.run("import", "csv", "time.csv", "--suggest", "-o", "m.toml", "--tz", "UTC")
    assert "to decide in the map: [formats] datetime\n" in result.stderr
    refusal = ada.refused("import", "csv", "time.csv", "--map", "m.toml")
    assert refusal.startswith("m.toml [formats] datetime is '?', to be decided")
    assert entries(ada) == []


def test_a_file_of_another_kind_is_not_replaced(ada: Person) -> None:
    """A draft is replaced by a draft; the log itself and other files only with --force."""
    suggest = ("import", "csv", "time.csv", "--suggest", "-o")
    assert "no map by tracker" in ada.refused(*suggest, "time.csv")
    assert Path("time.csv").read_text() == LOG
    ada.run(*suggest, "m.toml")
    assert stat.S_IMODE(Path("m.toml").stat().st_mode) == 0o600
    assert "replaced" in ada.run(*suggest, "m.toml").stderr
    Path("m.toml").write_text("source = 'mine'\n")
    ada.refused(*suggest, "m.toml")
    ada.run(*suggest, "m.toml", "--force")
    assert Path("m.toml").read_text().startswith("# Suggested from 'time.csv', all 2 rows.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "csv", "time.csv", "-o", "m.toml"),
        ("import", "csv", "time.csv", "--force"),
        ("import", "csv", "time.csv", "time.csv", "--suggest"),
        ("import", "--suggest"),
    ],
)
def test_wrong_usage(ada: Person, arguments: tuple[str, ...]) -> None:
    """One file, and -o only with --suggest."""
    ada.run(*arguments, code=2)


@pytest.mark.parametrize("is_stored", [False, True])
def test_unmapped_words_of_an_export_name_the_command_that_drafts_a_map(
    ada: Person, is_stored: bool
) -> None:
    """So does `--suggest` of the source itself, and both name a command that works."""
    header = (
        "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,"
        "End time,Duration,Tags,Amount ()"
    )
    row = "ada,,,Pay,,PAY-1,No,2026-03-02,09:00:00,2026-03-02,10:00:00,01:00:00,sketch,"
    Path("my time.csv").write_text(f"{header}\n{row}\n")
    import_ = ("import", "toggl", "my time.csv", "--tz", "UTC")
    command = "tracker import csv 'my time.csv' --suggest"
    messages = ada.run(*import_, *([] if is_stored else ["--dry-run"])).stderr
    assert "or `tracker import --undo`, map them" in messages or not is_stored
    assert f"map them (`{command}` drafts a map)" in messages
    assert f"`{command}` recognises an export of toggl" in ada.refused(*import_, "--suggest")
    ada.run(*shlex.split(command)[1:], "-o", "m.toml")
    assert "--suggest" not in ada.run(*import_, "--map", "m.toml", "--dry-run").stderr


def test_what_has_no_suggestion_is_refused(ada: Person) -> None:
    """Named sources are recognised by `import csv`; tracker's own export needs no map."""
    assert "--suggest is for csv and tasks" in ada.refused(
        "import", "timewarrior", "time.csv", "--suggest"
    )
    assert "[values] and [extract] only, see `tracker import watson --help`" in ada.refused(
        "import", "watson", "time.csv", "--suggest"
    )
    assert "tracker takes no map" in ada.refused("import", "tracker", "time.csv", "--suggest")
    ada.run("log", "design", "PAY-1", "30m")
    ada.run("export", "-o", "log.csv")
    assert "needs no map" in ada.refused("import", "csv", "log.csv", "--suggest")
    assert "there is no such file" in ada.refused("import", "csv", "none.csv", "--suggest")


def test_a_named_source_is_recognised(ada: Person) -> None:
    """The map holds the words, and the next command names the source."""
    Path("timew.json").write_text(
        '[{"id":1,"start":"20260302T080000Z","end":"20260302T093000Z",'
        '"tags":["Entwicklung","PAY-1"]}]'
    )
    result = ada.run("import", "csv", "timew.json", "--suggest", "-o", "m.toml")
    assert "`tracker import timewarrior timew.json --map m.toml --dry-run`" in result.stderr
    text = Path("m.toml").read_text()
    assert '# "Entwicklung" = "coding"  # 1.5 h in 1 row' in text
    Path("m.toml").write_text(text.replace('# "Entw', '"Entw'))
    assert (
        "kept 1 entry" in ada.run("import", "timewarrior", "timew.json", "--map", "m.toml").stderr
    )
    assert entries(ada)[0]["activity"] == "coding"


def test_a_pipe_in_another_language(ada: Person) -> None:
    """Standard input is read; the map is UTF-8 whatever the locale."""
    process = ada.process(
        "import", "csv", "-", "--suggest", stdin=-1, text=None,
        env={**ada.environ, "LC_ALL": "C", "LANG": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"},
    )  # fmt: skip
    output, errors = process.communicate(LOG.replace("ana", "Zoë").encode("cp1252"), timeout=60)
    assert process.returncode == 0, errors
    text = output.decode("utf-8")
    assert 'encoding = "cp1252"' in text
    assert "'Zoë'" in text
