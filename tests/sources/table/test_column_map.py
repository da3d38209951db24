"""The column map: a full example is understood, and any fault in a map is refused in one line."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.errors import BadValue, NotFound
from tracker.sources.table.column_map import parse_map, read_map
from tracker.sources.table.map_columns import COLUMNS

EXAMPLE = r"""
source = "cesaw"                       # with the key, it makes importing twice harmless
[columns]                              # tracker's column = foreign column; a list is summed
key = "time_log_fact_key"              # without one, the key is a hash of the row's own fields
developer = "person_key"
team = "team_key"
task = "plan_item_key"
activity = "phase_short_name"
started_at = "time_log_start_date"     # or date = "…" where only the day is known
ended_at = "time_log_end_date"
minutes = "time_log_delta_minutes"     # effort; without it, end − start − interruption
interruption_minutes = "time_log_interrupt_minutes"
# also: title, project, tags, note, assisted, assistant, estimate_minutes, estimate_ai_minutes,
# completed_at, assigned = baseline | assistance (the drawn arm; true as a constant: as in assisted)
[formats]
datetime = "%m/%d/%Y %H:%M"
timezone = "America/New_York"
missing = ["\\N", "NA", ""]       # in a summed list a missing part counts 0, unless all are
ambiguous = "refuse"                   # the doubled hour: refuse | earlier | later
[values.activity]                      # shell patterns; the first match wins, else the name stays
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


def test_the_example_is_understood() -> None:
    """Each section of the example is read as its comments say."""
    map_ = parse_map(EXAMPLE, "m.toml")
    assert map_.source == "cesaw"
    assert map_.columns["minutes"] == ("time_log_delta_minutes",)
    assert map_.formats.zone == ZoneInfo("America/New_York")
    assert map_.formats.missing == {r"\N", "NA", ""}
    assert map_.values["assisted"] == (("1", "yes"), ("0", "no"))
    assert map_.constants == {}


def test_further_columns_and_constants_are_understood() -> None:
    """The columns and constants that the example only mentions exist."""
    further_columns = (
        *("title", "project", "tags", "note", "assisted", "assistant"),
        *("estimate_minutes", "estimate_ai_minutes", "completed_at", "assigned"),
    )
    assert set(further_columns) <= set(COLUMNS)
    constants = '[constants]\ndate = 2025-02-01\nactivity = "coding"\nassigned = true'
    assert parse_map(f'source = "s"\n{constants}', "m.toml").constants == {
        "date": "2025-02-01",
        "activity": "coding",
        "assigned": True,
    }


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("HLD Test", "design"),
        ("Design Test", "design"),
        ("Int Test", "testing"),
        ("IT", "testing"),
        ("it", "other"),
        ("Code", "other"),
    ],
)
def test_the_first_matching_pattern_wins(name: str, activity: str) -> None:
    """Patterns are tried in their order, and upper and lower case differ."""
    assert parse_map(EXAMPLE, "m.toml").translate("activity", name) == activity


def test_a_name_without_a_match_stays() -> None:
    """A value that no pattern matches stays as it is."""
    map_ = parse_map('source = "s"\n[values.activity]\n"Des*" = "design"', "m.toml")
    assert map_.translate("activity", "Coffee") == "Coffee"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns]\ntask = 'a'", "has no source"),
        ("source = ''", "has no source"),
        (r'source = "a\u001b"', "a control character"),
        ("source = 's'\ncolumns = 3", "[columns]"),
        ("source = 's'\n[colums]\n", "did you mean columns?"),
        ("source = 's'\n[columns]\ntaks = 'a'", "did you mean task?"),
        ("source = 's'\n[columns]\ntask = 3", "a column's name in quotes"),
        ("source = 's'\n[columns]\nminutes = []", "a column's name in quotes"),
        ("source = 's'\n[columns]\ndate = ['a', 'b']", "give a single column"),
        ("source = 's'\n[formats]\ntimezon = 'UTC'", "did you mean timezone?"),
        ("source = 's'\n[formats]\ntimezone = 'America/New_Yrok'", "America/New_York"),
        ("source = 's'\n[formats]\ntimezone = 3", "text in quotes"),
        ("source = 's'\n[formats]\nmissing = 'NA'", "a list of texts"),
        ("source = 's'\n[formats]\nambiguous = 'first'", "refuse, earlier, later"),
        ("source = 's'\n[formats]\ndatetime = '%H:%M'", "does not read a day"),
        ("source = 's'\n[formats]\ndatetime = '%Q'", "does not read a day"),
        ("source = 's'\n[formats]\ndate = ['%d.%m.%Y', '%m.%d']", "does not read a day"),
        ("source = 's'\n[formats]\ndate = ['%d.%m.%Y', 3]", "a list of texts"),
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
        ("source = 's'\n[constants]\nkey = 'x'", "unknown key"),
        (r'source = "s"' + "\n[constants]\n" + r'team = "a\u001b"', "a control character"),
        ("source = ", "is not TOML"),
    ],
)
def test_a_faulty_map_is_refused(text: str, message: str) -> None:
    """A wrong section, key or value is refused in one line that names the map and what to do."""
    with pytest.raises(BadValue) as refusal:
        parse_map(text, "m.toml")
    line = str(refusal.value)
    assert message in line
    assert line.startswith("m.toml ")
    assert "\n" not in line


def test_a_map_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """A byte-order mark is no part of the map."""
    path = tmp_path / "m.toml"
    path.write_text('source = "s"', encoding="utf-8-sig")
    assert read_map(path).source == "s"


def test_an_unreadable_map_file_is_refused(tmp_path: Path) -> None:
    """A file that does not exist or is not text is refused with its name."""
    with pytest.raises(NotFound, match=r"no\.toml: there is no such file"):
        read_map(tmp_path / "no.toml")
    (tmp_path / "bad.toml").write_bytes(b"source = '\xff'")
    with pytest.raises(BadValue, match=r"bad\.toml"):
        read_map(tmp_path / "bad.toml")


def test_names_in_a_map_are_compared_in_nfc() -> None:
    """Both spellings of an accented letter match a pattern, and constants and source are in NFC."""
    nfd = unicodedata.normalize("NFD", "Prüfung")
    map_ = parse_map(
        f'source = "{nfd}"\n[constants]\nteam = "{nfd}"\n[values.activity]\n"{nfd}*" = "testing"',
        "m.toml",
    )
    assert map_.source == map_.constants["team"] == "Prüfung"
    assert map_.translate("activity", "Prüfung 1") == "testing"
    assert map_.translate("activity", f"{nfd} 1") == "testing"
    assert map_.with_default_developer(nfd).constants["developer"] == "Prüfung"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%d/%m/%Y %H:%M %p", "%p has no effect"),
        ("%d/%m/%Y %I:%M", "does not tell morning from afternoon"),
        ("%d/%m/%Y %H:%M %Z", "%Z reads has no effect"),
    ],
)
def test_a_format_letter_that_would_be_ignored_is_refused(text: str, message: str) -> None:
    """A format reads every letter that it has, or is refused when the map is read."""
    content = f'source = "x"\n[columns]\ntask = "t"\n[formats]\ndatetime = "{text}"\n'
    with pytest.raises(BadValue, match=re.escape(message)):
        parse_map(content, "m.toml")
    parse_map(content.replace(text, "%d/%m/%Y %I:%M %p"), "m.toml")
