"""The map: what the contract shows is understood, and what is not understood whole is refused in one line."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.errors import BadValue, NotFound
from tracker.sources.table.column_map import COLUMNS, parse_map, read_map

CONTRACT = r"""
source = "cesaw"                       # with the key, it makes importing twice harmless
[columns]                              # ours = theirs; a list is summed
key = "time_log_fact_key"              # without one, the key is a hash of the row's own fields
developer = "person_key"
team = "team_key"
task = "plan_item_key"
activity = "phase_short_name"
started_at = "time_log_start_date"     # or date = "…" where only the day is known
ended_at = "time_log_end_date"
minutes = "time_log_delta_minutes"     # effort; without it, end − start − interruption
interruption_minutes = "time_log_interrupt_minutes"
# also: title, project, tags, note, assisted, assistant, estimate_minutes, estimate_ai_minutes, completed_at,
# assigned = baseline | assistance (the drawn arm; the constant true means: as `assisted` says)
[formats]
datetime = "%m/%d/%Y %H:%M"
timezone = "America/New_York"
missing = ["\\N", "NA", ""]       # in a summed list a missing part counts 0, unless all are
ambiguous = "refuse"                   # the doubled hour: refuse | earlier | later
[values.activity]                      # first match wins; shell patterns; no match keeps the foreign name
"*Design*" = "design"
"HLD*" = "design"
"*Test*" = "testing"
"IT" = "testing"
"*" = "other"
[values.assisted]
"1" = "yes"
"0" = "no"
[constants]                            # for what the file does not say
# date = 2025-02-01, activity = "coding", assigned = true
"""


def test_the_contract_s_map_is_understood() -> None:
    """The map that contract.md shows is read as it says."""
    found = parse_map(CONTRACT, "m.toml")
    assert found.source == "cesaw"
    assert found.columns["minutes"] == ("time_log_delta_minutes",)
    assert found.formats.zone == ZoneInfo("America/New_York")
    assert found.formats.missing == {r"\N", "NA", ""}
    assert found.values["assisted"] == (("1", "yes"), ("0", "no"))
    assert found.constants == {}


def test_the_contract_s_other_columns_and_constants_are_known() -> None:
    """Every column and constant that contract.md names beside its example is understood."""
    also = (
        *("title", "project", "tags", "note", "assisted", "assistant"),
        *("estimate_minutes", "estimate_ai_minutes", "completed_at", "assigned"),
    )
    assert set(also) <= set(COLUMNS)
    constants = '[constants]\ndate = 2025-02-01\nactivity = "coding"\nassigned = true'
    assert parse_map(f'source = "s"\n{constants}', "m.toml").constants == {
        "date": "2025-02-01",
        "activity": "coding",
        "assigned": True,
    }


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("HLD Test", "design"),
        ("Design Test", "design"),
        ("Int Test", "testing"),
        ("IT", "testing"),
        ("it", "other"),
        ("Code", "other"),
    ],
)
def test_the_first_matching_pattern_wins(name: str, ours: str) -> None:
    """Patterns are tried in the order they stand in, letter for letter."""
    assert parse_map(CONTRACT, "m.toml").translate("activity", name) == ours


def test_no_match_keeps_the_foreign_name() -> None:
    """A value that no pattern matches stays as it is."""
    found = parse_map('source = "s"\n[values.activity]\n"Des*" = "design"', "m.toml")
    assert found.translate("activity", "Coffee") == "Coffee"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[columns]\ntask = 'a'", "has no source"),
        ("source = ''", "has no source"),
        ("source = 's'\ncolumns = 3", "[columns]"),
        ("source = 's'\n[colums]\n", "did you mean columns?"),
        ("source = 's'\n[columns]\ntaks = 'a'", "did you mean task?"),
        ("source = 's'\n[columns]\ntask = 3", "a column's name in quotes"),
        ("source = 's'\n[columns]\nminutes = []", "a column's name in quotes"),
        ("source = 's'\n[columns]\ntask = ['a', 'b']", "only minutes are summed"),
        ("source = 's'\n[formats]\ntimezon = 'UTC'", "did you mean timezone?"),
        ("source = 's'\n[formats]\ntimezone = 'America/New_Yrok'", "America/New_York"),
        ("source = 's'\n[formats]\ntimezone = 3", "text in quotes"),
        ("source = 's'\n[formats]\nmissing = 'NA'", "a list of texts"),
        ("source = 's'\n[formats]\nambiguous = 'first'", "refuse, earlier, later"),
        ("source = 's'\n[formats]\ndatetime = '%H:%M'", "does not read a day"),
        ("source = 's'\n[formats]\ndatetime = '%Q'", "does not read a day"),
        ("source = 's'\n[formats]\nencoding = 'utf-9'", "utf-8, cp1252"),
        ("source = 's'\n[formats]\ndelimiter = ';;'", "one character"),
        ("source = 's'\n[formats]\ndecimal = '_'", "., ,"),
        ("source = 's'\n[values.activty]\n'a' = 'b'", "did you mean activity?"),
        ("source = 's'\n[values.minutes]\n'a' = 'b'", "values.minutes"),
        ("source = 's'\n[values.assisted]\n'1' = 'oui'", "yes, no, unknown"),
        ("source = 's'\n[values.activity]\n'a' = 3", "lines such as"),
        ("source = 's'\n[constants]\ntitel = 'x'", "did you mean title?"),
        ("source = 's'\n[constants]\nassigned = false", "baseline, assistance"),
        ("source = 's'\n[constants]\nassisted = 'maybe'", "yes, no, unknown"),
        ("source = 's'\n[constants]\ndate = 'soon'", "a day such as"),
        ("source = 's'\n[constants]\ndate = 1969-12-31", "from 1970 on"),
        ("source = 's'\n[constants]\nminutes = -1", "0 or more"),
        ("source = 's'\n[constants]\nminutes = nan", "0 or more"),
        ("source = 's'\n[constants]\nestimate_minutes = true", "number of minutes"),
        ("source = 's'\n[constants]\nactivity = 3", "text in quotes"),
        ("source = 's'\n[constants]\nkey = 'x'", "means nothing"),
        ("source = ", "is not TOML"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, says: str) -> None:
    """A wrong section, key or value is refused in one line that names the map and the cure."""
    with pytest.raises(BadValue) as refusal:
        parse_map(text, "m.toml")
    message = str(refusal.value)
    assert says in message
    assert message.startswith("m.toml ")
    assert "\n" not in message


def test_a_map_file_is_read_with_or_without_a_mark(tmp_path: Path) -> None:
    """A byte-order mark before the map does no harm."""
    path = tmp_path / "m.toml"
    path.write_text('source = "s"', encoding="utf-8-sig")
    assert read_map(path).source == "s"


def test_a_map_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A map that is not there, or no text, is refused with its name."""
    with pytest.raises(NotFound, match=r"no\.toml: there is no such file"):
        read_map(tmp_path / "no.toml")
    (tmp_path / "bad.toml").write_bytes(b"source = '\xff'")
    with pytest.raises(BadValue, match=r"bad\.toml"):
        read_map(tmp_path / "bad.toml")
