"""The report as one HTML file, which loads nothing and is readable without its scripts.

Its Content-Security-Policy names by hash the page's own styles and scripts and allows nothing else.
Plotly's script is embedded compressed; unpacked, it becomes an inline script with one of those
hashes.
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
from tracker.domain.money import Prices, amount_text
from tracker.domain.question import DEFAULT_LEVEL, DEFAULT_SEED, Question
from tracker.domain.times import day_to_date
from tracker.evidence.results import SEVERITY_ORDER, Assessment, Result
from tracker.evidence.verdict import describe_design
from tracker.report import formats, labels
from tracker.report.charts import theme
from tracker.report.charts.all_charts import charts_of
from tracker.report.charts.chart import Chart
from tracker.report.hours_texts import hours_texts
from tracker.report.verdict_styles import VERDICT_STYLES

EARLY_SCRIPT = 'document.documentElement.className = "js";'
"""Runs before anything is painted, so that space is reserved only if charts will be drawn."""


def report_html(assessment: Assessment, prices: Prices | None = None) -> str:
    """Return the whole page, to be written as UTF-8; the same assessment makes the same page.

    Args:
        assessment: The assessment.
        prices: What was asked for of money; the command to make the page again repeats it.

    """
    groups = charts_of(assessment)
    charts = [chart for section in groups.values() for group in section for chart in group.charts]
    style = _style(charts)
    script = _template_text("page.js")
    plotly = get_plotlyjs()
    template = _environment().get_template("page.html.j2")
    return template.render(
        a=assessment,
        groups=groups,
        **_texts(assessment, prices),
        policy=_policy(scripts=(EARLY_SCRIPT, script, plotly), styles=(style, "")),
        style=style,
        early_script=EARLY_SCRIPT,
        script=script,
        figures=_compressed(_figures_json(charts)),
        plotly=_compressed(plotly),
    )


def _texts(assessment: Assessment, prices: Prices | None) -> dict[str, Any]:
    """Return the template's variables besides the charts, the styles and the scripts."""
    results = assessment.results
    return {
        "cards": [_card(assessment, result) for result in results],
        "true_gains": _true_gains(assessment),
        "concerns": labels.concerns(results),
        "designs": {result.study_design for result in results},
        "filters": labels.filters(assessment),
        "command": reproduce_command(assessment.question, prices),
        "hours_saved": hours_texts(assessment, prices),
        "suppressed": any(data.suppressed for data in assessment.chart_data),
    }


def _card(assessment: Assessment, result: Result) -> dict[str, Any]:
    """Return the variables of one claim's card; ``reasons``: why it has no interval."""
    withhold = not assessment.own_log
    # The reason for a missing interval leads the threats.
    reasons = () if result.log_ratio else result.threats[:1]
    return {
        "result": result,
        "verdict": labels.verdict_label(result.verdict),
        "strength": labels.design_strength(result.worded_design),
        "tasks": labels.item_counts(result) or formats.UNDEFINED,
        "developers": formats.developer_count(result.developers, withhold=withhold),
        "excluded": labels.excluded(result, withhold=withhold),
        "reasons": [t for t in reasons if t.message not in result.sentences.verdict],
    }


def _true_gains(assessment: Assessment) -> list[tuple[str, str, str]]:
    """Return (activity, true gain, estimated gain) of the demo; [] for a real log."""
    estimates = {result.activity: result.efficiency_gain for result in assessment.results}
    return [
        (activity, formats.percent(gain), formats.estimate_and_range(estimates.get(activity)))
        for activity, gain in assessment.truths.items()
    ]


def reproduce_command(question: Question, prices: Prices | None = None) -> str:
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


def _environment() -> Environment:
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
        severities=SEVERITY_ORDER,
        describe_design=describe_design,
        verdict_styles=VERDICT_STYLES,
    )
    environment.filters["printable"] = formats.printable
    environment.filters["with_code"] = _with_code
    return environment


def _with_code(text: str) -> Markup:
    """Return the text with its parts between backticks as code."""
    parts = re.split(r"`([^`]+)`", formats.printable(text))
    forms = Markup("{}"), Markup("<code>{}</code>")
    return Markup().join(forms[i % 2].format(part) for i, part in enumerate(parts))


def _template_text(name: str) -> str:
    return files("tracker.report").joinpath("templates", name).read_text(encoding="utf-8")


def _style(charts: list[Chart]) -> str:
    """Return the style sheet: the palette, the height of each chart, and the rest from its file."""
    light, dark = (
        ";".join(f"--{name}:{pair[i]}" for name, pair in theme.PALETTE.items()) for i in (0, 1)
    )
    tones = "".join(f".t-{name}{{color:var(--{name})}}" for name in theme.PALETTE)
    heights = "".join(f".js #{chart.id}{{height:{chart.height}px}}" for chart in charts)
    return (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"{tones}{heights}{_template_text('style.css')}"
    )


def _policy(*, scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """Return a policy that allows only these scripts and styles, by hash.

    The empty style is the sheet that Plotly fills rule by rule.
    """
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: tuple[str, ...]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _figures_json(charts: list[Chart]) -> str:
    """Return the figures as JSON, with the dark counterpart of each light colour."""
    content = {
        "dark": dict(theme.PALETTE.values()),
        "charts": {chart.id: chart.figure.to_plotly_json() for chart in charts},
    }
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def _compressed(text: str) -> str:
    """Return the text as gzip in base64, equal on every run; nothing in it can be markup."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
