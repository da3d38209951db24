"""`report` and `demo`: the HTML page of a log, and of a made-up team."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, Unpack

import click

from tracker.cli.commands.evidence import print_assessment
from tracker.cli.context import Context
from tracker.cli.options import name, pass_context
from tracker.cli.output_file import (
    STDOUT,
    OutputKind,
    check_output,
    force_option,
    open_output,
    output_option,
    text_file,
)
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.errors import BadValue
from tracker.domain.money import Prices, parse_prices
from tracker.domain.plain_text import readable
from tracker.domain.question import DEFAULT_SEED, Question
from tracker.domain.urls import sqlite_url
from tracker.local.atomic_files import PUBLIC, new_file

if TYPE_CHECKING:  # pandas and SQLAlchemy
    from tracker.evidence.assessment import Assessment
    from tracker.store.database import Database

PAGE = OutputKind("page", lambda start: '<meta name="generator" content="tracker ' in start, PUBLIC)
"""The page, which holds no names and is mailed; its head says what wrote it."""


@click.command("report")
@question_options
@output_option(None, show_default="the answer as a name")
@force_option
@click.option("--title", type=name, metavar="TEXT", help="A heading of your own above the answer.")
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--static",
    is_flag=True,
    help="Leave out the interactive charts: a page of a tenth of the size, without scripts.",
)
@click.option("--rate", metavar="R", help="What an hour costs: the hours saved in money, too.")
@click.option("--currency", metavar="C", help="The currency of --rate and --cost, such as EUR.")
@click.option("--cost", metavar="X/developer/month", help="What the assistant costs, or per year.")
@pass_context
def report_command(
    context: Context,
    /,
    output: Path | None,
    force: bool,
    title: str | None,
    open_: bool,
    static: bool,
    rate: str | None,
    currency: str | None,
    cost: str | None,
    **options: Unpack[QuestionOptions],
) -> None:
    """Write the page: one HTML file that needs no network and can be mailed.

    It judges CLAIMs as `tracker check` does, and shows the charts, the threats and the method. The
    answer in one sentence is its heading, its title and, without -o, its name. A file that exists
    is replaced only if it is such a page, or with --force.

    \b
    $ tracker report -o report.html --open
    $ tracker report --rate 80 --currency EUR --cost 30/developer/month
    """
    from tracker.analysis.assessment import assess  # late: pandas and SciPy
    from tracker.report import labels
    from tracker.report.page import page_file_name  # late: Plotly and Jinja2

    if open_ and output == STDOUT:
        raise click.UsageError("--open needs a file: give -o FILE")
    prices = parse_prices(rate, currency, cost)
    if prices and options["own_work_only"]:
        raise BadValue("--rate prices the hours of a team, and --mine is one person: drop one.")
    if output is not None:
        check_output(context, output, PAGE, force=force)
    database, question = open_question(context, options)
    assessment = assess(
        database, question, generated_epoch=context.now_epoch, for_page=True, prices=prices
    )
    path = output or Path(page_file_name(assessment))
    with open_output(context, path, PAGE, force=force) as file:
        write_page(assessment, file, title=title or "", static=static, prices=prices)
    context.say(readable(labels.answer(assessment)))
    if path != STDOUT:
        context.say(f"{path}: the page is written")
    if open_:
        import webbrowser  # late: it imports much of the standard library

        webbrowser.open(path.resolve().as_uri())


def write_page(
    assessment: Assessment,
    file: TextIO,
    *,
    title: str = "",
    static: bool = False,
    prices: Prices | None = None,
) -> None:
    """Write the page to a file; a static one has no scripts."""
    from tracker.report.page import report_html  # late: Plotly and Jinja2

    file.write(report_html(assessment, title=title, static=static, prices=prices))


@click.command("demo")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo",
    show_default=True,
    metavar="DIR",
    help="The folder for log, map, database and page.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=DEFAULT_SEED,
    show_default=True,
    help="Another seed makes another team.",
)
@pass_context
def demo_command(context: Context, folder: Path, seed: int) -> None:
    """Take a made-up team through every step: log, database, verdicts, page.

    The true gains of the team are known and printed.

    Your own log is not touched.

    \b
    $ tracker demo -o demo
    """
    from tracker.analysis.assessment import assess
    from tracker.claims import catalogue

    database = _demo_database(context, folder, seed)
    question = Question(claims=catalogue.default_claims(), seed=seed)
    assessment = assess(database, question, generated_epoch=context.now_epoch, for_page=True)
    print_assessment(context, assessment, "text")
    page = folder / "report.html"
    with text_file(page, mode=PUBLIC, replace=True) as file:
        write_page(assessment, file)
    database.close()
    context.say(f"{page}: the page is written; open it in a browser")


def _demo_database(context: Context, folder: Path, seed: int) -> Database:
    """Write the log and the map of a made-up team, and import them into a new database.

    Raises:
        BadValue: The folder holds files and was not made by an earlier demo.
    """
    import numpy as np  # late, like the others

    from tracker import demo
    from tracker.store import upgrade
    from tracker.store.write import team_data

    _prepare_demo_folder(context, folder)
    log, map_ = folder / "log.csv", folder / "map.toml"
    with new_file(str(log), mode=PUBLIC) as file:
        demo.write_log(Path(file.path), np.random.default_rng(seed))
    with text_file(map_, mode=PUBLIC, replace=True) as stream:
        stream.write(demo.MAP)
    url = sqlite_url(str((folder / "demo.db").resolve()))
    database = upgrade.open_database(url, now=context.now, notify=context.say)
    number = _import_demo_log(context, database, log, map_)
    context.say(f"{log}: {number:,} entries of a made-up team, into {folder}/demo.db")
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(database, context.known_name or "demo", rollout)
    return database


def _prepare_demo_folder(context: Context, folder: Path) -> None:
    """Make the folder of a demo, and remove the database of an earlier one.

    Raises:
        BadValue: The folder holds files and was not made by an earlier demo.
    """
    from tracker import demo

    if folder.exists() and any(folder.iterdir()):
        if not demo.is_demo_folder(folder):
            raise BadValue(
                f"-o is {folder}: it has files that are not of a demo; "
                "name an empty or a new folder."
            )
        context.say(f"{folder}: replaced the demo that was there")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"demo.db{suffix}" for suffix in ("", "-wal", "-shm", "-journal")]
    for path in (path for path in paths if os.path.lexists(path)):
        if path.is_symlink() or not path.is_file():
            raise BadValue(f"-o is {folder}: {path} is not a regular file; move it away.")
        path.unlink()


def _import_demo_log(context: Context, database: Database, log: Path, map_: Path) -> int:
    """Import the made-up log and return its number of entries."""
    from random import Random

    from tracker.domain.ids import uuid7s
    from tracker.sources.foreign_log import ImportContext
    from tracker.sources.registry import open_log
    from tracker.sources.table.column_map import read_map
    from tracker.store.write import imports

    import_context = ImportContext(
        ids=uuid7s(context.now_epoch * 10**9, Random(0)),  # noqa: S311 - a made-up log
        map=read_map(map_),
        now_epoch=context.now_epoch,
    )
    with log.open("rb") as stream:
        foreign_log = open_log("csv", stream, log.name, import_context)
        result = imports.import_records(
            database,
            foreign_log.batched,
            source=foreign_log.source,
            file=readable(str(log)),
            now_epoch=context.now_epoch,
        )
    return result.entries
