"""`report` and `demo`: the HTML page of a log, and of a made-up team."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from tracker.cli.commands.evidence import print_assessment
from tracker.cli.context import Context
from tracker.cli.options import pass_context
from tracker.cli.question_options import QuestionOptions, open_question, question_options
from tracker.domain.errors import BadValue
from tracker.domain.plain_text import readable
from tracker.domain.question import DEFAULT_SEED, Question
from tracker.local.atomic_files import atomic_write

if TYPE_CHECKING:  # pandas and SQLAlchemy
    from tracker.evidence.results import Assessment
    from tracker.store.database import Database

PAGE_START = "<!doctype html>"
"""The start of every page; a non-empty file with another start is not overwritten."""


@click.command("report")
@question_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="tracker-report.html",
    show_default=True,
    metavar="FILE",
    help="The file to write.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@pass_context
def report_command(
    context: Context, /, output: Path, open_: bool, **options: Unpack[QuestionOptions]
) -> None:
    """Write the page: one HTML file that needs no network and can be mailed.

    It judges CLAIMs as `tracker check` does, and shows the charts, the threats and the method.

    \b
    $ tracker report -o report.html --open
    """
    from tracker.analysis.assessment import assess  # late: pandas and SciPy

    _check_output(output)
    database, question = open_question(context, options)
    write_page(
        assess(database, question, generated_epoch=context.now_epoch, for_page=True),
        output,
    )
    context.say(f"{output}: the page is written")
    if open_:
        import webbrowser  # late: it imports much of the standard library

        webbrowser.open(output.resolve().as_uri())


def write_page(assessment: Assessment, output: Path) -> None:
    """Write the page atomically, with the default permissions of a new file."""
    from tracker.report.page import report_html  # late: Plotly and Jinja2

    atomic_write(str(output.absolute()), report_html(assessment))
    output.chmod(0o666 & ~_umask())


def _umask() -> int:
    """Return the umask of the process, which can be read only by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _check_output(output: Path) -> None:
    """Raise BadValue if the folder is missing, or if the file is neither a page nor empty."""
    if not output.parent.is_dir():
        raise BadValue(
            f"-o is {output}: there is no folder {output.parent}; make it, or name another."
        )
    if not output.exists():
        return
    with output.open("rb") as file:
        start = file.read(len(PAGE_START))
    if start and start.lower() != PAGE_START.encode():
        raise BadValue(f"-o is {output}: that file is no page; give another name, or move it away.")


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
    write_page(assessment, page)
    database.close()
    context.say(f"{page}: the page is written; open it in a browser")


def _demo_database(context: Context, folder: Path, seed: int) -> Database:
    """Write the log and the map of a made-up team, and import them into a new database.

    Raises:
        BadValue: The folder holds files and was not made by an earlier demo.
    """
    from random import Random

    from tracker import demo
    from tracker.store import upgrade
    from tracker.store.write import team_data

    if folder.exists() and any(folder.iterdir()) and not demo.is_demo_folder(folder):
        raise BadValue(
            f"-o is {folder}: there are files in it that no demo made; "
            "name an empty or a new folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    log, map_ = folder / "log.csv", folder / "map.toml"
    demo.write_log(log, Random(seed))  # noqa: S311 - a made-up log
    map_.write_text(demo.MAP, encoding="utf-8")
    for path in folder.glob("demo.db*"):
        path.unlink()
    url = f"sqlite:///{(folder / 'demo.db').resolve()}"
    database = upgrade.open_database(url, now=context.now, notify=context.say)
    number = _import_demo_log(context, database, log, map_)
    context.say(f"{log}: {number:,} entries of a made-up team, into {folder}/demo.db")
    for rollout in demo.ROLLOUTS:
        team_data.set_rollout(database, context.developer, rollout)
    return database


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
            foreign_log.records,
            source=foreign_log.source,
            file=readable(str(log)),
            now_epoch=context.now_epoch,
        )
    return result.entries
