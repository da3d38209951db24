"""The page: `report` of a log, `demo` of a made-up one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands.evidence import print_assessment
from tracker.cli.context import Context
from tracker.cli.options import pass_context
from tracker.cli.question_options import question_from_options, question_options
from tracker.domain.errors import BadValue
from tracker.domain.question import Question
from tracker.local.atomic_files import atomic_write

if TYPE_CHECKING:
    from tracker.evidence.results import Assessment
    from tracker.store.database import Database

PAGE_START = "<!doctype html>"


@click.command()
@question_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="tracker-report.html",
    show_default=True,
    metavar="FILE",
    help="Where the page goes.",
)
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@pass_context
def report(context: Context, /, output: Path, open_: bool, **options: Any) -> None:
    """Write the page: one HTML file that needs no network, to be mailed to somebody who was not there.

    It judges CLAIMs as `tracker check` does, and shows the picture, the threats and the method.

    \b
    $ tracker report -o report.html --open
    """
    from tracker import analysis  # late: pandas and SciPy

    _refuse_other_files(output)
    database, question = question_from_options(context, options)
    write_page(
        analysis.assess(database, question, generated_epoch=context.now_epoch, for_page=True),
        output,
    )
    context.say(f"{output}: the page is written")
    if open_:
        import webbrowser  # late: it loads much of the standard library

        webbrowser.open(output.resolve().as_uri())


def write_page(assessment: Assessment, output: Path) -> None:
    """The page as a file, whole or not at all; readable like any other file of one's own."""
    from tracker.report.page import report_html  # late: Plotly and Jinja2

    atomic_write(str(output.absolute()), report_html(assessment))
    output.chmod(0o666 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refuse_other_files(output: Path) -> None:
    """A page may replace a page, and nothing else; its folder is there already."""
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


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo",
    show_default=True,
    metavar="DIR",
    help="Where log, map, database and page go.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Another seed, another team.",
)
@pass_context
def demo(context: Context, folder: Path, seed: int) -> None:
    """Take a made-up team, whose true gains are known, through the whole way: log, database, verdicts, page.

    Your own log is not touched.

    \b
    $ tracker demo -o demo
    """
    from random import Random

    from tracker import analysis
    from tracker import demo as made_up
    from tracker.claims import catalogue
    from tracker.store import upgrade
    from tracker.store.write import team_data

    if folder.exists() and any(folder.iterdir()) and not made_up.is_demo_folder(folder):
        raise BadValue(
            f"-o is {folder}: there are files in it that no demo made; name an empty or a new folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    log, map_, page = folder / "log.csv", folder / "map.toml", folder / "report.html"
    made_up.write_log(log, Random(seed))  # noqa: S311 - a made-up log
    map_.write_text(made_up.MAP, encoding="utf-8")
    for path in folder.glob("demo.db*"):
        path.unlink()
    database = upgrade.open_database(
        f"sqlite:///{(folder / 'demo.db').resolve()}", now=context.now, tell=context.say
    )
    context.say(
        f"{log}: {_imported(context, database, log, map_):,} entries of a made-up team, into {folder}/demo.db"
    )
    for rollout in made_up.ROLLOUTS:
        team_data.set_rollout(database, context.developer, rollout)
    question = Question(claims=catalogue.default_claims(), seed=seed)
    assessment = analysis.assess(
        database, question, generated_epoch=context.now_epoch, for_page=True
    )
    print_assessment(context, assessment, "text")
    write_page(assessment, page)
    database.close()
    context.say(f"{page}: the page is written; open it in a browser")


def _imported(context: Context, database: Database, log: Path, map_: Path) -> int:
    """The made-up log in the database; how many entries that were."""
    from random import Random

    from tracker.domain.ids import uuid7s
    from tracker.sources.foreign_log import ImportContext
    from tracker.sources.registry import open_log
    from tracker.sources.table.column_map import read_map
    from tracker.store.write import imports

    ids = uuid7s(context.now_epoch * 10**9, Random(0))  # noqa: S311 - a made-up log
    with log.open("rb") as stream:
        opened = open_log("csv", stream, log.name, ImportContext(ids=ids, map=read_map(map_)))
        taken = imports.import_records(
            database,
            opened.records,
            source=opened.source,
            file=str(log),
            now_epoch=context.now_epoch,
        )
    return taken.entries
