"""The page as a file: what stands in it, what it allows itself, and what it keeps to itself."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser

import pytest
from plotly.offline import get_plotlyjs
from support import assessments

from tracker.claims.catalogue import default_claims, find_claim
from tracker.domain.question import Question
from tracker.domain.records import Selection
from tracker.report.charts import theme
from tracker.report.page import report_html, reproduce_command


class Parsed(HTMLParser):
    """A page taken apart: its tags with attributes, its text, its scripts and styles."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._inside: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
            self._inside = tag

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.text += data

    def having(self, **wanted: str) -> list[tuple[str, dict[str, str | None]]]:
        return [
            tag
            for tag in self.tags
            if all(tag[1].get(key) == value for key, value in wanted.items())
        ]


@cache
def html(name: str) -> str:
    return report_html(assessments.EVERY[name]())


@cache
def page(name: str) -> Parsed:
    return Parsed(html(name))


def unpacked(text: str) -> str:
    return gzip.decompress(base64.b64decode(text)).decode()


def figures(name: str) -> dict[str, dict]:
    """The charts as the browser will read them, by id."""
    return json.loads(unpacked(page(name).raw["script"][1]))["charts"]


def policy(name: str) -> dict[str, list[str]]:
    (meta,) = page(name).having(**{"http-equiv": "Content-Security-Policy"})
    return {part.split()[0]: part.split()[1:] for part in meta[1]["content"].split(";")}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", assessments.EVERY)
def test_the_page_is_at_most_2_2_megabytes(name: str):
    """Whatever was found, the page can go by mail."""
    assert len(html(name).encode()) <= 2_200_000


def test_the_same_assessment_makes_the_same_page():
    """Nothing but the assessment goes into the page: no clock, no chance."""
    assert report_html(assessments.demo()) == html("demo")


@pytest.mark.parametrize("name", assessments.EVERY)
def test_the_policy_allows_nothing_but_the_pages_own_parts(name: str):
    """Everything is closed but scripts and styles, and these are named by hash."""
    found = policy(name)
    assert found["default-src"] == ["'none'"]
    assert set(found) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for part in ("script-src", "style-src"):
        assert all(re.fullmatch(r"'sha256-[\w+/=]+'", source) for source in found[part])


@pytest.mark.parametrize("name", assessments.EVERY)
def test_every_script_and_style_has_its_hash_in_the_policy(name: str):
    """What the policy names is what is there: the page's scripts, its styles, and Plotly as it will be unpacked."""
    parsed, found = page(name), policy(name)
    early, _, packed, script = parsed.raw["script"]
    plotly = unpacked(packed)
    assert plotly == get_plotlyjs()
    assert {digest(early), digest(script), digest(plotly)} == set(found["script-src"])
    assert {digest(style) for style in parsed.raw["style"]} == set(found["style-src"])


@pytest.mark.parametrize("name", assessments.EVERY)
def test_nothing_is_taken_from_elsewhere(name: str):
    """No tag names an address, and no attribute holds style or script, which the policy would refuse."""
    for tag, attributes in page(name).tags:
        assert not {"src", "srcset", "action", "style", "background", "data", "poster"} & set(
            attributes
        ), tag
        assert not [key for key in attributes if key.startswith("on")]
        assert tag not in {"link", "iframe", "object", "embed", "form", "base", "img"}
        assert (attributes.get("href") or "#").startswith("#")


def test_hostile_names_are_text():
    """Names that look like markup stand on the page as they are, and make no tag."""
    parsed = page("hostile")
    assert assessments.HOSTILE in parsed.text
    assert "{{ 7*7 }}" in parsed.text
    assert [tag for tag, _ in parsed.tags if tag in {"img", "b"}] == []
    assert len(parsed.raw["script"]) == 4


@pytest.mark.parametrize("name", sorted(set(assessments.EVERY) - {"empty", "hostile"}))
def test_the_verdicts_words_stand_on_the_page(name: str):
    """The page quotes the sentences that evidence worded; ten seconds need no script."""
    text = " ".join(page(name).text.split())
    for result in assessments.EVERY[name]().results:
        for sentence in dataclasses.astuple(result.sentences):
            assert " ".join(sentence.split()) in text


def test_the_headline_stands_before_any_large_script():
    """A browser paints the verdict before it has read two megabytes."""
    assert html("demo").index("about 41") < 20_000


def test_a_made_up_log_is_labelled_first_with_its_true_gains():
    """Above the title stand the label and a table of true gains beside the estimates."""
    text = " ".join(page("demo").text.split())
    assert text.index("made up") < text.index("Does the assistance")
    assert re.search(r"design\+35\s%\+41\s%\s\(\+22 to \+61\s%\)", text)
    assert "made-up" in html("demo")
    assert "true efficiency gain" not in page("placebo").text


def test_few_developers_are_not_counted_out():
    """A page that leaves a team of four tells its verdicts, and of their work no more."""
    assert "fewer than 5" in page("slower").text
    assert not re.search(r"\b4 developers\b", page("slower").text)
    assert "what tasks, weeks and activities took is withheld" in page("slower").text
    assert set(figures("slower")) == {"intervals", "specification-0", "specification-1"}


def test_ones_own_log_is_shown_whole():
    """One developer's page about themselves withholds nothing from them, and does not name them."""
    alone = tuple(
        dataclasses.replace(result, developers=1) for result in assessments.demo().results
    )
    own = dataclasses.replace(
        assessments.demo(),
        results=alone,
        own_log=True,
        question=Question(selection=Selection(developer="ada-lovelace")),
    )
    text = report_html(own)
    assert "ada-lovelace" not in text
    assert "one’s own log" in text
    assert "fewer than 5" not in text
    assert "--mine" in text


def test_activities_of_few_are_told_to_be_left_out():
    """Where the time goes says of how many activities it does not speak."""
    left = dataclasses.replace(assessments.demo(), hours_suppressed=2)
    assert "but those of 2 activities of fewer than 5 developers" in report_html(left)
    assert "but those of" not in page("demo").text


def test_drawn_arms_have_no_before_and_after():
    """Where tasks were drawn a week holds both arms: no line of a time before, none of the claim, a sign of its own."""
    (shown,) = [
        trace for trace in figures("injected")["course-0"]["data"] if trace["mode"] == "markers"
    ]
    assert shown["marker"]["color"] == theme.light("soft")
    assert figures("injected")["course-0"]["layout"].get("shapes", []) == []
    assert "with assistance and those without together" in page("injected").text


@pytest.mark.parametrize("name", sorted(set(assessments.EVERY) - {"empty"}))
def test_every_chart_has_words_a_table_and_room(name: str):
    """Each chart is an image with a description, has its figures in a table, and its height reserved."""
    parsed = page(name)
    charts = parsed.having(role="img", **{"class": "chart"})
    embedded = figures(name)
    assert [attributes["id"] for _, attributes in charts] == list(embedded)
    assert len([tag for tag, _ in parsed.tags if tag == "details"]) == len(charts)
    for _, attributes in charts:
        assert len(attributes["aria-label"]) > 40
        height = embedded[attributes["id"]]["layout"]["height"]
        assert f".js #{attributes['id']}{{height:{height}px}}" in parsed.raw["style"][0]


def test_the_main_figure_is_there_without_a_script():
    """The interval chart is drawn as SVG in the page itself; the other charts say where their figures are."""
    parsed = page("demo")
    assert len(parsed.having(**{"class": "static"})) == 1
    assert parsed.text.count("drawn by a script") == len(parsed.having(**{"class": "chart"})) - 1


def test_ids_are_unique():
    """No two parts of the page share an id."""
    ids = [attributes["id"] for _, attributes in page("demo").tags if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_the_page_says_how_to_make_it_again():
    """Version, seed, hash of the data, filters and the command are all there; the shell would read it as one."""
    question = Question(
        claims=(dataclasses.replace(find_claim("peng-2023"), activity="design"),),
        activities=("design",),
        selection=Selection(team="blue team; rm", first_day=assessments.FIRST),
        design="randomised",
        level=0.9,
        reading="time_saved",
        anytime=True,
        now_epoch=assessments.NOW,
        seed=20260529,
    )
    whole = dataclasses.replace(assessments.placebo(), question=question)
    text = Parsed(report_html(whole)).text
    assert (
        "tracker report peng-2023 --activity design --design randomised --team 'blue team; rm' --from 2025-09-01"
        " --now 2026-05-29T17:00:00Z --level 0.9 --reading time_saved --seed 20260529 --anytime"
        in text
    )
    for fact in ("0.1.0", "20260529", "9f2c41d07be85a63", "2026-05-29T18:00:00Z"):
        assert fact in text


@pytest.mark.parametrize(
    ("question", "command"),
    [
        (Question(claims=default_claims()), "tracker report"),
        (Question(claims=default_claims()[:1]), "tracker report iflytek-2024-design"),
        (
            Question(claims=default_claims()[:1], activities=("design",)),
            "tracker report --activity design",
        ),
        (
            Question(design="staggered", reading="time_saved", anytime=True, now_epoch=5),
            "tracker report --design staggered --now 1970-01-01T00:00:05Z --reading time_saved --anytime",
        ),
    ],
)
def test_the_command_names_only_what_is_not_the_default(question: Question, command: str):
    """Claims are named where they are not the default ones; default level and seed are left out."""
    assert reproduce_command(question).startswith(command)


def test_the_method_fits_the_study():
    """Formulas of what was not done are not on the page: neither another design's, nor another error's."""
    assert "CR2" in page("demo").text
    assert "HC2" not in page("demo").text
    assert "CR2" not in page("contradicted").text
    assert "however often" not in page("demo").text
    assert "0.15" in page("demo").text
    assert "jackknife" not in page("demo").text
    assert "jackknife" in page("contradicted").text
    assert "is how far teams drift" not in page("injected").text


def test_too_little_data_says_what_is_missing_beside_the_verdict():
    """The card itself holds the reason and what to do."""
    text = page("too_little").text
    assert text.index("Log 2 more design tasks") < text.index("In a minute")


def test_an_empty_log_says_what_to_do_next():
    """With nothing to judge the page is one card that says how to begin, and draws nothing."""
    assert "tracker log" in page("empty").text
    assert figures("empty") == {}
    assert "In a minute" not in page("empty").text


def test_threats_are_listed_gravest_first_with_their_figures():
    """Serious before caution before note, each with its advice and its small table."""
    text = page("demo").text
    places = [
        text.index(word)
        for word in ("Everybody got the assistant", "estimated 12 % shorter", "61 % of the")
    ]
    assert places == sorted(places)
    assert "standardised difference" in text
    assert "<code>assign</code>" in html("demo")


def test_the_page_does_not_grow_with_the_log():
    """A hundred times the work items, binned, make no larger page."""
    assert len(html("placebo")) < len(html("demo")) * 1.01
