"""The report as one HTML file, which loads nothing and is complete without its scripts.

Its Content-Security-Policy names by hash the page's own styles and scripts and allows nothing else.
The charts are SVG. Plotly's script is embedded compressed, for readers who explore a chart; then it
becomes an inline script with one of those hashes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shlex
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from tracker.claims.catalogue import select_claims
from tracker.domain.money import Prices, amount_text
from tracker.domain.question import DEFAULT_LEVEL, DEFAULT_SEED, Question
from tracker.domain.times import day_to_date
from tracker.evidence.assessment import Assessment
from tracker.evidence.grade import Grade, grade_evidence
from tracker.evidence.results import Result
from tracker.report import formats, labels
from tracker.report.answer_rows import answer_table
from tracker.report.charts import theme
from tracker.report.charts.all_charts import ChartGroup, charts_of
from tracker.report.charts.chart import Chart, Section
from tracker.report.concerns import concerns, trifles
from tracker.report.hours_texts import hours_texts
from tracker.report.isolation import names_of, printable_with
from tracker.report.verdict_styles import VERDICT_STYLES

NONE = "'none'"
"""The value of a directive that allows nothing."""
EARLY_SCRIPT = 'document.documentElement.className = "js";'
"""Runs before anything is painted, so that what needs scripts is shown only if they run."""


_MAX_NAME = 160
"""Characters of the name of the page's file, without its ending."""

FOLDED_FROM = 3
"""The sections of more activities than that are folded."""


def report_html(
    assessment: Assessment, *, title: str = "", static: bool = False, prices: Prices | None = None
) -> str:
    """Return the whole page, to be written as UTF-8; the same assessment makes the same page.

    Args:
        assessment: The results, with the data of every chart.
        title: A heading of one's own above the answer.
        static: Whether to leave out Plotly, and with it all scripts.
        prices: What was asked for of money; the command to make the page again repeats it.

    """
    groups = charts_of(assessment)
    charts = [chart for section in groups.values() for group in section for chart in group.charts]
    style = _style(charts)
    scripts = {} if static else _scripts()
    template = _environment().get_template("page.html.j2")
    return template.render(
        a=assessment,
        printable=printable_with(names_of(assessment)),
        groups=groups,
        title=title,
        sections=_sections(assessment, groups),
        **_texts(assessment),
        command=reproduce_command(assessment.question, prices, title=title),
        hours_saved=hours_texts(assessment, prices),
        policy=_policy(scripts=tuple(scripts.values()), styles=(style,) if static else (style, "")),
        style=style,
        explorable=not static,
        early_script=scripts.get("early", ""),
        script=scripts.get("page", ""),
        figures="" if static else _compressed(_figures_json(charts)),
        plotly="" if static else _compressed_plotly(),
    )


@cache
def _scripts() -> dict[str, str]:
    """Return the scripts that may run, by name."""
    return {
        "early": EARLY_SCRIPT,
        "page": _template_text("page.js"),
        "plotly": get_plotlyjs(),
    }


def _texts(assessment: Assessment) -> dict[str, Any]:
    """Return the template's variables besides the charts, the styles and the scripts."""
    results = assessment.results
    return {
        "answer": labels.answer(assessment),
        "who_and_when": labels.who_and_when(assessment),
        "table": answer_table(assessment),
        "folded_from": FOLDED_FROM,
        "truth": labels.true_gains(assessment),
        "concerns": concerns(results),
        "trifles": trifles(results),
        "methods": _methods(results),
        "quality": labels.quality(assessment),
        "designs": {result.study_design for result in results},
        "filters": labels.filters(assessment),
        "facts": labels.facts(assessment),
        "suppressed": any(data.suppressed for data in assessment.chart_data),
    }


def _methods(results: tuple[Result, ...]) -> list[list[Result]]:
    """Return the results in groups that are judged by the same method."""
    groups: dict[tuple[object, ...], list[Result]] = {}
    for result in results:
        method = (result.estimator, result.estimand, result.strength)
        groups.setdefault((*method, result.drift_sd, result.interval_level), []).append(result)
    return list(groups.values())


def page_file_name(assessment: Assessment) -> str:
    """Return the answer as the name of a file, in ASCII letters and digits.

    Clauses of the sentence that would make it too long are left out.
    """
    name = ""
    for clause in labels.answer(assessment).split(";"):
        text = formats.plain(clause.replace("%", "percent")).lower()
        longer = "-".join(filter(None, [name, *re.findall(r"[a-z0-9]+", text)]))
        name = longer if len(longer) <= _MAX_NAME else name or longer[:_MAX_NAME]
    return f"{name}.html"


@dataclass(frozen=True, slots=True)
class ActivitySection:
    """The part of the page about one activity."""

    id: str
    name: str
    results: tuple[Result, ...]
    grades: tuple[Grade, ...]
    """How strong the evidence of each result is."""
    counts: str
    """How many tasks are compared, and what is left out."""
    charts: tuple[Chart, ...]


def _sections(
    assessment: Assessment, groups: dict[Section, list[ChartGroup]]
) -> list[ActivitySection]:
    """Return a section for each activity, in the order of the results."""
    charts = {group.heading: group.charts for group in groups["activities"]}
    by_activity: dict[str, list[Result]] = {}
    for result in assessment.results:
        by_activity.setdefault(result.activity, []).append(result)
    return [
        ActivitySection(
            id=f"activity-{number}",
            name=formats.capitalize(activity),
            results=tuple(results),
            grades=tuple(grade_evidence(result).grade for result in results),
            counts=_counts(results[0], withhold=not assessment.own_log),
            charts=charts.get(formats.capitalize(activity), ()),
        )
        for number, (activity, results) in enumerate(by_activity.items())
    ]


def _counts(result: Result, *, withhold: bool) -> str:
    """Return how many tasks are compared, and what is left out; "" where that is withheld."""
    compared = labels.item_counts(result)
    if not compared:
        return ""
    excluded = labels.excluded(result, withhold=withhold)
    counts = f"Compared: {compared} (without + with assistance)."
    return f"{counts} Left out: {excluded}." if excluded else counts


def reproduce_command(question: Question, prices: Prices | None = None, *, title: str = "") -> str:
    """Return the command that makes the same page from the same data."""
    selection = question.selection
    default = question.claims == select_claims((), question.activities, ())
    claim_ids = () if default else tuple(dict.fromkeys(claim.id for claim in question.claims))
    parts = ["tracker", "report", *claim_ids]
    for activity in question.activities:
        parts += ["--activity", activity]
    first_day, last_day, now = selection.first_day, selection.last_day, question.now_epoch
    options = {
        "--design": question.design,
        "--team": selection.team,
        "--project": selection.project,
        "--from": None if first_day is None else day_to_date(first_day).isoformat(),
        "--to": None if last_day is None else day_to_date(last_day).isoformat(),
        "--now": None if now is None else formats.instant(now),
        "--level": None if question.level == DEFAULT_LEVEL else f"{question.level:g}",
        "--reading": question.reading,
        "--seed": None if question.seed == DEFAULT_SEED else str(question.seed),
        "--title": title,
        **_price_options(prices),
    }
    for option, value in options.items():
        parts += [option, value] if value else []
    parts += ["--anytime"] if question.anytime else []
    parts += ["--mine"] if selection.developer else []
    return formats.printable(shlex.join(parts))


def _price_options(prices: Prices | None) -> dict[str, str | None]:
    if prices is None:
        return {}
    return {
        "--rate": amount_text(prices.rate),
        "--currency": prices.currency,
        "--cost": None if prices.cost is None else str(prices.cost),
    }


@cache
def _environment() -> Environment:
    """Return the environment of all pages, which compiles a template once."""
    environment = Environment(
        loader=PackageLoader("tracker.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        formats=formats,
        labels=labels,
        verdict_styles=VERDICT_STYLES,
    )
    environment.filters["printable"] = _printable
    environment.filters["with_code"] = _with_code
    return environment


@pass_context
def _printable(context: Context, text: str) -> Any:
    """Return the text with the names of the page's assessment isolated."""
    return context["printable"](text)


def _with_code(text: str) -> Markup:
    """Return the text with its parts between backticks as code."""
    parts = re.split(r"`([^`]+)`", formats.printable(text))
    forms = Markup("{}"), Markup("<code>{}</code>")
    return Markup().join(forms[i % 2].format(part) for i, part in enumerate(parts))


def _template_text(name: str) -> str:
    return files("tracker.report").joinpath("templates", name).read_text(encoding="utf-8")


def _style(charts: list[Chart]) -> str:
    """Return the style sheet: the palette, the margins of the charts, and the rest of its file."""
    light, dark = (
        ";".join(f"--{name}:{pair[i]}" for name, pair in theme.PALETTE.items()) for i in (0, 1)
    )
    forced = ";".join(f"--{name}:{theme.system_color(name)}" for name in theme.PALETTE)
    tones = "".join(f".t-{name}{{color:var(--{name})}}" for name in theme.PALETTE)
    margins = {chart.margin_class: chart.side_margins for chart in charts}
    boxes = "".join(
        f".{name} .drawing{{margin-left:{left}px;width:calc(100% - {left + right}px)}}"
        for name, (left, right) in sorted(margins.items())
    )
    return (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"@media (forced-colors:active){{:root{{{forced}}}.drawing{{forced-color-adjust:none}}}}"
        f"{tones}{boxes}{_template_text('style.css')}"
    )


def _policy(*, scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """Return a policy that allows only these scripts and styles, by hash.

    The empty style is the sheet that Plotly fills rule by rule.
    """
    return (
        f"default-src 'none'; script-src {_hashes(scripts) or NONE}; style-src {_hashes(styles)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: tuple[str, ...]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _figures_json(charts: list[Chart]) -> str:
    """Return the figures as JSON, with the dark counterpart of each light colour."""
    content = {
        "dark": dict(theme.PALETTE.values()),
        "charts": {chart.id: chart.figure for chart in charts},
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _compressed(text: str) -> str:
    """Return the text as gzip in base64, equal on every run; nothing in it can be markup."""
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


@cache
def _compressed_plotly() -> str:
    return _compressed(_scripts()["plotly"])
