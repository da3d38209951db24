"""One self-contained HTML file: nothing from the network, readable before and without its scripts.

Its Content-Security-Policy names by hash the page's own style and scripts and allows nothing else. Plotly's script is
carried compressed and becomes an inline script that has one of those hashes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shlex
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from tracker.claims.catalogue import select_claims
from tracker.domain.question import DEFAULT_LEVEL, DEFAULT_SEED, Question
from tracker.domain.times import day_to_date
from tracker.evidence.results import Assessment, Result
from tracker.report import formats, labels
from tracker.report.charts import registry, theme
from tracker.report.charts.registry import Chart

EARLY = 'document.documentElement.className = "js";'
"""Runs before anything is painted, so that room is reserved only where charts will be drawn."""


def report_html(assessment: Assessment) -> str:
    """The whole page as text, to be written as UTF-8. The same assessment makes the same page."""
    sections = _sections(assessment)
    drawn = list(_all_charts(sections))
    style = _style(drawn)
    script = _asset("page.js")
    plotly = get_plotlyjs()
    template = _environment().get_template("page.html.j2")
    return template.render(
        a=assessment,
        **sections,
        policy=_policy(scripts=(EARLY, script, plotly), styles=(style, "")),
        style=style,
        early=EARLY,
        script=script,
        figures=_packed(_figures(drawn)),
        plotly=_packed(plotly),
    )


def _sections(assessment: Assessment) -> dict[str, Any]:
    """What the template lays out: ready strings and charts."""
    results = assessment.results
    return {
        "cards": [_card(assessment, result) for result in results],
        "truths": _truths(assessment),
        "intervals": registry.interval_chart(assessment) if results else None,
        "activities": [
            (formats.capital(picture.activity), found)
            for number, picture in enumerate(assessment.chart_data)
            if (found := registry.picture_charts(picture, assessment, number))
        ],
        "hours": registry.hours_chart(assessment),
        "specifications": [
            c for n, r in enumerate(results) if (c := registry.specification_chart(r, n))
        ],
        "forecasts": [
            c for n, p in enumerate(assessment.chart_data) if (c := registry.forecast_chart(p, n))
        ],
        "concerns": labels.concerns(results),
        "designs": {result.study_design for result in results},
        "filters": labels.filters(assessment),
        "again": reproduce_command(assessment.question),
        "suppressed": any(picture.suppressed for picture in assessment.chart_data),
    }


def _all_charts(sections: dict[str, Any]) -> list[Chart]:
    """Every chart, in the order of the page."""
    found = [sections["intervals"]]
    for _, group in sections["activities"]:
        found += group
    found += [sections["hours"], *sections["specifications"], *sections["forecasts"]]
    return [chart for chart in found if chart]


def _card(assessment: Assessment, result: Result) -> dict[str, Any]:
    """One claim for the reader who has ten seconds."""
    withhold = not assessment.own_log
    return {
        "result": result,
        "verdict": labels.label(result.verdict),
        "strength": labels.strength(result.study_design),
        "tasks": labels.items(result),
        "developers": formats.heads(result.developers, withhold=withhold),
        "excluded": labels.excluded(result, withhold=withhold),
        "missing": []
        if result.log_ratio
        else [t for t in result.threats if t.severity == "serious"][:1],
    }


def _truths(assessment: Assessment) -> list[tuple[str, str, str]]:
    """The demo's true gains beside what was estimated: (activity, true, estimated)."""
    found = {result.activity: result.efficiency_gain for result in assessment.results}
    return [
        (activity, formats.percent(gain), formats.estimate_and_range(found.get(activity)))
        for activity, gain in assessment.truths.items()
    ]


def reproduce_command(question: Question) -> str:
    """The command that makes this page again from the same data."""
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
    }
    for option, value in options.items():
        parts += [option, value] if value else []
    parts += ["--anytime"] if question.anytime else []
    parts += ["--mine"] if selection.developer else []
    return formats.printable(shlex.join(parts))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tracker.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(formats=formats, labels=labels, severities=labels.SEVERITY_ORDER)
    environment.filters["shown"] = formats.printable
    environment.filters["coded"] = _coded
    return environment


def _coded(text: str) -> Markup:
    """Text whose parts between backticks are commands."""
    parts = re.split(r"`([^`]+)`", formats.printable(text))
    forms = Markup("{}"), Markup("<code>{}</code>")
    return Markup().join(forms[i % 2].format(part) for i, part in enumerate(parts))


def _asset(name: str) -> str:
    return files("tracker.report").joinpath("templates", name).read_text(encoding="utf-8")


def _style(drawn: list[Chart]) -> str:
    """The style sheet: the palette as variables, each chart's reserved height, and the rest from its file."""
    light, dark = (
        ";".join(f"--{name}:{pair[i]}" for name, pair in theme.PALETTE.items()) for i in (0, 1)
    )
    tones = "".join(f".t-{name}{{color:var(--{name})}}" for name in theme.PALETTE)
    heights = "".join(f".js #{chart.id}{{height:{chart.height}px}}" for chart in drawn)
    return (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{tones}{heights}"
        f"{_asset('style.css')}"
    )


def _policy(*, scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """Nothing but these scripts and styles, by hash. The empty style is the sheet that Plotly fills by rules."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: tuple[str, ...]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _figures(drawn: list[Chart]) -> str:
    """The figures as JSON, with each light colour's dark partner."""
    content = {
        "dark": dict(theme.PALETTE.values()),
        "charts": {chart.id: chart.figure.to_plotly_json() for chart in drawn},
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _packed(text: str) -> str:
    """Text as base64 of its gzip, the same on every run: small, and nothing in it can be markup."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
