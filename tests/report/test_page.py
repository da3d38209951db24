"""The page as a file: its content, its Content-Security-Policy, and what it must not reveal."""

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
from tracker.report import formats
from tracker.report.charts import theme
from tracker.report.charts.all_charts import ALL, SECTIONS, charts_of
from tracker.report.page import page_file_name, report_html, reproduce_command


class Parsed(HTMLParser):
    """A parsed page: its tags with attributes, its text, its scripts and styles."""

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

    def tags_with(self, **attributes: str) -> list[tuple[str, dict[str, str | None]]]:
        return [
            tag
            for tag in self.tags
            if all(tag[1].get(key) == value for key, value in attributes.items())
        ]


@cache
def html(name: str) -> str:
    return report_html(assessments.ASSESSMENT_BUILDERS[name]())


@cache
def page(name: str) -> Parsed:
    return Parsed(html(name))


def decompress(text: str) -> str:
    return gzip.decompress(base64.b64decode(text)).decode()


def figures(name: str) -> dict[str, dict]:
    """Return the charts as the browser will read them, by id."""
    return json.loads(decompress(page(name).raw["script"][1]))["charts"]


def policy(name: str) -> dict[str, list[str]]:
    (meta,) = page(name).tags_with(**{"http-equiv": "Content-Security-Policy"})
    return {part.split()[0]: part.split()[1:] for part in meta[1]["content"].split(";")}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_a_page_can_be_sent_by_mail(name: str):
    """Of two activities it has at most 2.3 megabytes, of ten at most 2.9."""
    limit = 2_900_000 if name == "ten_activities" else 2_300_000
    assert len(html(name).encode()) <= limit


def test_the_same_assessment_makes_the_same_page():
    """The page depends on the assessment only: not on the clock, not on chance."""
    assert report_html(assessments.demo()) == html("demo")


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_the_policy_allows_only_the_parts_of_the_page(name: str):
    """Everything is forbidden but scripts and styles, and these are named by hash."""
    directives = policy(name)
    assert directives["default-src"] == ["'none'"]
    assert set(directives) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for part in ("script-src", "style-src"):
        assert all(re.fullmatch(r"'sha256-[\w+/=]+'", source) for source in directives[part])


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_every_script_and_style_has_its_hash_in_the_policy(name: str):
    """The policy names the page's scripts, its styles, and Plotly's script as decompressed."""
    parsed, directives = page(name), policy(name)
    early, _, compressed, script = parsed.raw["script"]
    plotly = decompress(compressed)
    assert plotly == get_plotlyjs()
    assert {digest(early), digest(script), digest(plotly)} == set(directives["script-src"])
    assert {digest(style) for style in parsed.raw["style"]} == set(directives["style-src"])


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_nothing_is_loaded(name: str):
    """No tag names an address; no attribute holds style or script, which the policy refuses."""
    for tag, attributes in page(name).tags:
        assert not {"src", "srcset", "action", "style", "background", "data", "poster"} & set(
            attributes
        ), tag
        assert not [key for key in attributes if key.startswith("on")]
        assert tag not in {"link", "iframe", "object", "embed", "form", "base", "img"}
        assert (attributes.get("href") or "#").startswith("#")


def test_hostile_names_are_text():
    """Names that look like markup are displayed as they are, and make no tag."""
    parsed = page("hostile")
    assert assessments.HOSTILE in parsed.text
    assert "{{ 7*7 }}" in parsed.text
    assert [tag for tag, _ in parsed.tags if tag == "img"] == []
    assert "<b>bold" not in html("hostile")
    assert len(parsed.raw["script"]) == 4


@pytest.mark.parametrize(
    "name", sorted(set(assessments.ASSESSMENT_BUILDERS) - {"empty", "hostile"})
)
def test_the_verdicts_sentences_are_on_the_page(name: str):
    """The page quotes the sentences of the evidence, and needs no script for them."""
    text = " ".join(page(name).text.split())
    for result in assessments.ASSESSMENT_BUILDERS[name]().results:
        for sentence in dataclasses.astuple(result.sentences):
            is_repeated = result.log_ratio is None and sentence == result.sentences.verdict
            assert is_repeated or " ".join(sentence.split()) in text


def test_the_headline_precedes_any_large_script():
    """A browser paints the verdict before it has read two megabytes."""
    assert html("demo").index("about 41") < 20_000


def test_a_made_up_log_is_labelled_first_and_its_truth_follows_the_verdicts():
    """The label precedes the answer; the true gains stand after the table."""
    text = " ".join(page("demo").text.split()).partition("Skip to the verdicts")[2]
    assert text.index("made up") < text.index("Since Helper 1.0")
    assert text.index("cannot tell") < text.index("the truth is known: design +35 %")
    assert "made-up" in html("demo")
    assert "the truth is known" not in page("placebo").text


def test_the_number_of_few_developers_is_not_shown():
    """The page of a team of four shows its verdicts, and nothing else of their work."""
    assert "fewer than 5" in page("slower").text
    assert not re.search(r"\b4 developers\b", page("slower").text)
    assert "charts of tasks, weeks and activities are not shown" in page("slower").text
    about_activities = {spec.name for spec in ALL if SECTIONS[spec.section] == "activity"}
    drawn = {name.partition("-")[0] for name in figures("slower")}
    assert {"intervals", "specification"} <= drawn
    assert not drawn & {*about_activities, "hours"}


def test_the_own_log_of_a_reader_is_shown_in_full():
    """A developer's page about themselves suppresses nothing, and does not name them."""
    results = tuple(
        dataclasses.replace(result, developers=1) for result in assessments.demo().results
    )
    assessment = dataclasses.replace(
        assessments.demo(),
        results=results,
        own_log=True,
        question=Question(selection=Selection(developer="ada-lovelace")),
    )
    text = report_html(assessment)
    assert "ada-lovelace" not in text
    assert "one’s own log" in text
    assert "fewer than 5" not in text
    assert "--mine" in text


def test_suppressed_activities_are_counted():
    """The chart of hours says how many activities it shows as one."""
    demo = assessments.demo()
    assessment = dataclasses.replace(demo, hours=dataclasses.replace(demo.hours, merged=2))
    assert "Other activities: 2 together" in report_html(assessment)
    assert "Other activities" not in page("demo").text


def test_drawn_arms_are_side_by_side():
    """Where arms were drawn each has its marks, and neither the baseline nor the claim a line."""
    course = figures("injected")["course-0"]
    marks = {
        trace["marker"]["color"]: trace["marker"]["symbol"]
        for trace in course["data"]
        if trace["mode"] == "markers"
    }
    assert marks == {theme.light("baseline"): "circle-open", theme.light("assistance"): "circle"}
    assert course["layout"].get("shapes", []) == []
    assert "in each arm" in page("injected").text


@pytest.mark.parametrize("name", sorted(set(assessments.ASSESSMENT_BUILDERS) - {"empty"}))
def test_every_chart_is_a_named_image_with_a_table(name: str):
    """Each chart is SVG in the page, an image with its own sentence as its name, and a table."""
    parsed = page(name)
    images = parsed.tags_with(role="img", **{"class": "drawing"})
    charts_json = figures(name)
    titles = [tag[1]["id"] for tag in parsed.tags if tag[0] == "title" and tag[1]]
    assert titles == [f"{chart_id}-description" for chart_id in charts_json]
    assert [attributes["aria-labelledby"] for _, attributes in images] == titles
    regions = [
        a["aria-label"] or "" for _, a in parsed.tags_with(role="region") if "aria-label" in a
    ]
    tables = [label for label in regions if label.startswith("Table: ")]
    assert len(set(tables)) == len(tables) == len(images)
    for (_, attributes), chart in zip(images, charts_json.values(), strict=True):
        assert attributes["height"] == str(chart["layout"]["height"])


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_a_static_page_is_the_same_without_scripts(name: str):
    """It has the same words and charts, no script and no button, and allows no script."""
    static = report_html(assessments.ASSESSMENT_BUILDERS[name](), static=True)
    parsed = Parsed(static)
    assert [tag for tag, _ in parsed.tags if tag in {"script", "button"}] == []
    (meta,) = parsed.tags_with(**{"http-equiv": "Content-Security-Policy"})
    assert "script-src 'none';" in (meta[1]["content"] or "")
    words = re.sub(r"Explore .* \([a-z]+(-\d+)?\)", "", page(name).text)
    assert parsed.text.split() == words.split()
    assert re.findall("<svg.*?</svg>", static) == re.findall("<svg.*?</svg>", html(name))


def test_a_static_page_is_small():
    """Without Plotly the page of two activities has at most 200,000 bytes, of ten 400,000."""
    sizes = {
        name: len(report_html(build(), static=True).encode())
        for name, build in assessments.ASSESSMENT_BUILDERS.items()
    }
    assert sizes.pop("ten_activities") <= 400_000
    assert max(sizes.values()) <= 200_000


def test_no_hover_text_or_label_has_a_broken_character():
    """Line breaks are no characters that are replaced; only a name that holds one has it."""
    for name in set(assessments.ASSESSMENT_BUILDERS) - {"hostile", "empty"}:
        assert "\ufffd" not in json.dumps(figures(name), ensure_ascii=False)
        assert "\ufffd" not in html(name)


def test_ids_are_unique():
    """No two elements of the page have the same id."""
    ids = [attributes["id"] for _, attributes in page("demo").tags if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_the_page_says_how_to_reproduce_it():
    """It holds version, seed, hash of the data, filters, and a command quoted for the shell."""
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
    assessment = dataclasses.replace(assessments.placebo(), question=question)
    text = Parsed(report_html(assessment)).text
    assert (
        "tracker report peng-2023 --activity design --design randomised --team 'blue team; rm'"
        " --from 2025-09-01 --now 2026-05-29T17:00:00Z --level 0.9 --reading time_saved"
        " --seed 20260529 --anytime" in text
    )
    for fact in ("0.1.0", "20260529", "9f2c41d07be85a63", "2026-05-29T18:00:00Z"):
        assert fact in text


def test_right_to_left_names_are_isolated_in_headings_and_title():
    """Otherwise the number after a name would be shown before it."""
    name, interval = "تصميم الواجهة", assessments.theta(0.41, 0.22, 0.61)
    html = report_html(
        assessments.assessment(
            assessments.result(name, None, interval, "faster"),
            chart_data=(assessments.activity_chart_data(name, interval),),
        ),
        static=True,
    )
    isolated = f"\u2068{name}\u2069"
    for tag in ("title", "h1", "h2", "h3"):
        own = rf'<{tag}(?: id="[^"]*-(?:heading|title)")?>.*?</{tag}>'
        texts = [text for text in re.findall(own, html, re.DOTALL) if name in text]
        assert texts
        assert all(text.count(name) == text.count(isolated) for text in texts)
    assert f"\u2068{name}\u2069" not in re.findall(r'class="command">(.*?)<', html)[0]


def test_right_to_left_names_are_isolated_in_the_descriptions_of_charts():
    """A screen reader gets the numbers after a name in their order."""
    name = "عيب التصميم"
    interval = assessments.theta(0.41, 0.22, 0.61)
    own = assessments.result(name, None, interval, "faster")
    data = (assessments.activity_chart_data(name, interval),)
    html = report_html(assessments.assessment(own, chart_data=data), static=True)
    descriptions = re.findall(r'-description">(.*?)</title>', html)
    named = [text for text in descriptions if name in text]
    assert len(named) > 3
    assert all(text.count(f"\u2068{name}\u2069") == text.count(name) for text in named)
    assert f">\u2068{name}\u2069 — faster</tspan>" in html


@pytest.mark.parametrize("name", assessments.ASSESSMENT_BUILDERS)
def test_symbols_stand_in_the_method_only(name: str):
    """Tables and charts call an analysis by plain words, and by a name that it has elsewhere."""
    results = html(name).partition('<details class="method-fold">')[0]
    for text in (results, json.dumps(figures(name), ensure_ascii=False)):
        assert "Σ" not in text
        assert "no x" not in text


def test_steps_that_begin_alike_share_their_first_sentence():
    """With many claims the sentence stands once above the list, and each step goes on from it."""
    assessment = assessments.ten_activities()
    alike = "No number of tasks can tell this way, because it is so."
    results = tuple(
        dataclasses.replace(
            result,
            sentences=dataclasses.replace(
                result.sentences, needed=f"{alike} A study of {n} tasks would tell."
            ),
        )
        for n, result in enumerate(assessment.results)
    )
    html = report_html(dataclasses.replace(assessment, results=results), static=True)
    assert html.count(alike) == 1
    assert html.count("tasks would tell.") == len(results)


def test_a_table_of_both_arms_has_a_row_a_week():
    """So it fits a printed page: an arm without a week is undefined there."""
    assessment = assessments.injected()
    data = assessment.chart_data[0]
    weeks = {period.first_day for period in data.periods}
    missing = tuple(p for p in data.periods if p != data.periods[0])
    groups = charts_of(
        dataclasses.replace(assessment, chart_data=(dataclasses.replace(data, periods=missing),))
    )
    table = next(c for g in groups["activities"] for c in g.charts if c.id == "course-0").table
    assert len(table.rows) == len(weeks)
    assert [name for name in table.header if name.startswith("tasks")] == [
        "tasks without",
        "tasks with",
    ]
    assert formats.UNDEFINED in table.rows[0]


def test_the_team_that_is_judged_is_named_once_above_the_table():
    """Who worked on what names it already."""
    demo = assessments.demo()
    question = dataclasses.replace(demo.question, selection=Selection(team="Birch", project="app"))
    overview = dataclasses.replace(demo.overview, teams=("Birch",), small_teams=0, rollouts=())
    html = report_html(dataclasses.replace(demo, question=question, overview=overview), static=True)
    heading = re.findall(r'class="facts">.*?</p>', html, re.DOTALL)[0]
    assert heading.count("Birch") == 1
    assert "project" in heading


def test_no_bounds_stand_beside_a_gain_that_is_not_known():
    """One dash says it."""
    cells = re.findall(r'<td class="gain">(.*?)</td>', report_html(assessments.too_little()))
    assert cells
    assert all(cell.count("—") == 1 for cell in cells)


def test_a_heading_of_ones_own_stands_above_the_answer_and_in_the_command():
    """It is text, whatever it holds, and the page can be made again with it."""
    html_page = report_html(assessments.demo(), title="Payments </script>")
    parsed = Parsed(html_page)
    assert "Payments </script>" in parsed.text
    assert "--title 'Payments </script>'" in parsed.text
    assert "Payments </script>" not in html_page


def test_the_file_is_named_after_the_answer():
    """In letters and digits, with whole clauses of the sentence."""
    name = page_file_name(assessments.demo())
    assert name.startswith("since-helper-1-0-design-has-been-about-41-percent-more-efficient")
    assert re.fullmatch(r"[a-z0-9-]{1,160}\.html", name)
    for build in assessments.ASSESSMENT_BUILDERS.values():
        assert re.fullmatch(r"[a-z0-9-]{1,160}\.html", page_file_name(build()))


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
            "tracker report --design staggered --now 1970-01-01T00:00:05Z --reading time_saved"
            " --anytime",
        ),
    ],
)
def test_the_command_names_only_what_is_not_the_default(question: Question, command: str):
    """Default claims, level and seed are left out of the command."""
    assert reproduce_command(question).startswith(command)


def test_the_method_is_that_of_the_study():
    """Formulas of other study designs or standard errors are not on the page."""
    assert "CR2" in page("demo").text
    assert "HC2" not in page("demo").text
    assert "CR2" not in page("contradicted").text
    assert "however often" not in page("demo").text
    assert "0.15" in page("demo").text
    assert "jackknife" not in page("demo").text
    assert "jackknife" in page("contradicted").text
    assert "is how far teams drift" not in page("injected").text


def test_with_too_little_data_the_first_screen_says_what_is_missing():
    """What to do stands beside the verdict."""
    text = page("too_little").text
    assert text.index("Log 2 more design tasks") < text.index("Log read up to")


def test_an_empty_log_says_what_to_do_next():
    """Without results the page says how to begin, without charts."""
    assert "tracker log" in page("empty").text
    assert figures("empty") == {}
    assert "There is nothing to judge yet." in page("empty").text
    assert "What could mislead" not in page("empty").text


def test_threats_are_listed_by_severity_with_their_figures():
    """Serious precedes caution and note; each has its advice and its figures."""
    text = page("demo").text
    positions = [
        text.index(words)
        for words in ("Everybody got the assistant", "estimated 12 % shorter", "61 % of the")
    ]
    assert positions == sorted(positions)
    assert "standardised difference" in text
    assert "<code>assign</code>" in html("demo")


def test_the_page_does_not_grow_with_the_log():
    """A hundred times the work items, in bins, do not make the page larger."""
    assert len(html("placebo")) < len(html("demo")) * 1.01
