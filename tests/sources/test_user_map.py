"""Activity, task and assisted of a session by the user's map."""

from __future__ import annotations

import pytest

from tracker.domain.errors import BadValue
from tracker.sources.table.cells import BadCell, SkipRow
from tracker.sources.table.column_map import parse_map
from tracker.sources.user_map import (
    NO_TASK,
    UNMAPPED,
    Meaning,
    UserMap,
    Words,
    check_extracts,
    check_named_map,
)

NAMES = ("description", "project")
VALUES = """
[values.activity]
"des*" = "design"
"test" = "testing"
[values.assisted]
"ai" = "yes"
"no-ai" = "no"
[values.assistant]
"helper*" = "Helper 1.0"
[values.task]
"OLD-1" = "NEW-1"
"""


def read(words: Words, map_: str = VALUES) -> Meaning:
    """Return what words mean by a map."""
    return UserMap(parse_map(map_, "m.toml", "tool"), NAMES).read(words)


@pytest.mark.parametrize(
    ("tags", "activity"),
    [
        (["urgent", "test", "design"], "testing"),
        (["urgent", "review", "backend"], "review"),
        (["Review"], "review"),
        (["urgent", "backend"], "urgent"),
        (["PAY-1", "ai", "helper2", "backend"], "backend"),
        (["PAY-1", "ai"], UNMAPPED),
        ([], UNMAPPED),
        ([" designing "], "design"),
    ],
)
def test_the_activity_is_the_first_word_that_the_map_knows(tags: list[str], activity: str) -> None:
    """Else a usual activity, else the first tag that is neither a key nor a sign of assistance."""
    assert read(Words(texts={"description": "PAY-1"}, tags=tags)).activity == activity


def test_the_setting_gives_the_pattern_of_a_key() -> None:
    """A map's own pattern goes before it; a pattern that is not valid is refused."""
    words = Words(texts={"description": "PAY-1 refunds, Ä#12"})
    empty = parse_map("", "m.toml", "tool")
    assert UserMap(empty, NAMES).read(words).task == "PAY-1"
    assert UserMap(empty, NAMES, r"(\p{L}#\d+)").read(words).task == "Ä#12"
    map_ = parse_map("[extract.task]\npattern = '(refunds)'\n", "m.toml", "tool")
    assert UserMap(map_, NAMES, r"(#\d+)").read(words).task == "refunds"
    with pytest.raises(BadValue, match="setting task_pattern is '#': it has 0 groups"):
        UserMap(empty, NAMES, "#")


def test_the_own_activity_of_the_tool_goes_first() -> None:
    """A tag counts where the map does not know the tool's own word."""
    assert read(Words(activity="designing", tags=["test", "PAY-1"])).activity == "design"
    assert read(Words(activity="Coffee", tags=["test", "PAY-1"])).activity == "testing"
    assert read(Words(activity="Coffee", tags=["backend", "PAY-1"])).activity == "Coffee"


@pytest.mark.parametrize(
    ("words", "task"),
    [
        (Words(task="T 1", texts={"description": "PAY-2"}), "T 1"),
        (Words(texts={"description": "[PAY-622] Refund"}, tags=["PAY-3"]), "PAY-622"),
        (Words(texts={"description": "x", "project": "feature/PAY-622-x"}), "PAY-622"),
        (Words(texts={"description": "x"}, tags=["test", "PAY-3"]), "PAY-3"),
        (Words(texts={"description": "\n Refund flow \nmore"}), "Refund flow"),
        (Words(texts={"description": None, "project": "Shop"}), "Shop"),
        (Words(tags=["test", "report"]), "report"),
        (Words(texts={"description": "OLD-1 x"}), "NEW-1"),
        (Words(texts={"description": "XPAY-1a aPAY-2 PAY-3"}), "PAY-3"),
    ],
)
def test_the_task_is_the_own_one_else_a_key_else_a_text(words: Words, task: str) -> None:
    """A key is searched in the texts and then in the tags; without one the first text is it."""
    assert read(words).task == task


def test_a_session_that_names_no_task_is_skipped() -> None:
    """Its work belongs to no work item."""
    for words in (Words(), Words(texts={"description": " \n"}), Words(tags=["test", "ai"])):
        with pytest.raises(SkipRow, match=NO_TASK):
            read(words)


@pytest.mark.parametrize(
    ("tags", "assisted", "is_contradicting"),
    [
        (["ai"], "yes", False),
        (["x", "no-ai"], "no", False),
        (["no-ai", "ai"], "unknown", True),
        (["x"], "unknown", False),
    ],
)
def test_assisted_is_read_from_the_tags(
    tags: list[str], assisted: str, is_contradicting: bool
) -> None:
    """Without a tag for or against it, it is unknown; with both too, and that is counted."""
    meaning = read(Words(task="T", tags=tags))
    assert (meaning.assisted, meaning.is_contradicting) == (assisted, is_contradicting)


def test_the_assistant_is_read_from_the_tags() -> None:
    """A tag may name the assistant; it says nothing of whether it was used."""
    assert read(Words(task="T", tags=["helper3"])).assistant == "Helper 1.0"
    assert read(Words(task="T", tags=["helper3"])).assisted == "unknown"


EXTRACT = "[extract.task]\npattern = '#([0-9]+)'\n"


def test_an_extract_searches_the_texts_that_it_names() -> None:
    """Without names all texts are searched, the tool's own task first."""
    words = Words(task="own #1", texts={"description": "d #2", "project": "p #3"}, tags=["#4"])
    assert read(words, EXTRACT).task == "1"
    assert read(words, EXTRACT + 'from = "project"').task == "3"
    assert read(words, EXTRACT + 'from = ["tags", "project"]').task == "4"


def test_an_extract_says_what_becomes_of_a_session_without_a_match() -> None:
    """The whole text is kept, or the session is refused or skipped."""
    words = Words(texts={"description": "PAY-1 x"})
    assert read(words, EXTRACT).task == "PAY-1 x"
    with pytest.raises(BadCell) as refusal:
        read(words, EXTRACT + 'otherwise = "refuse"')
    assert (refusal.value.column, refusal.value.value) == ("task", "PAY-1 x")
    with pytest.raises(SkipRow):
        read(words, EXTRACT + 'otherwise = "skip"')


def test_activity_and_assisted_may_be_extracted() -> None:
    """A part of a text is a word like a tag."""
    map_ = VALUES + (
        "[extract.activity]\nfrom = 'description'\npattern = '^(\\w+):'\n"
        "[extract.assisted]\nfrom = 'description'\npattern = '(ai)$'\n"
    )
    meaning = read(Words(task="T", texts={"description": "designing: with ai"}), map_)
    assert (meaning.activity, meaning.assisted) == ("design", "yes")


@pytest.mark.parametrize(
    ("map_", "message"),
    [
        ("[extract.developer]\npattern = '(x)'", "developer"),
        ("[extract.task]\nfrom = 'summary'\npattern = '(x)'", "give one of .*description"),
    ],
)
def test_an_extract_that_the_source_has_not_is_refused(map_: str, message: str) -> None:
    """The refusal names what there is."""
    with pytest.raises(BadValue, match=message):
        check_extracts(parse_map(map_, "m.toml", "tool"), "tool", NAMES)


def test_a_named_source_takes_no_columns() -> None:
    """It knows its own columns, units and formats."""
    for section in ('[columns]\ntask = "x"', '[constants]\nteam = "x"'):
        with pytest.raises(BadValue, match="knows its columns"):
            check_named_map(parse_map(section, "m.toml", "tool"), "tool")


def test_another_pattern_of_keys_may_be_set() -> None:
    """The setting's pattern is used where the map has none."""
    map_ = UserMap(parse_map("", "m.toml", "tool"), NAMES, r"#([0-9]+)")
    assert map_.read(Words(texts={"description": "fix #12"})).task == "12"
