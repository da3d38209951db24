"""`pull`: from a server to the log, twice without doubles, and without the token anywhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from support.person import PROGRAM, Person
from support.time_servers import (
    GitLabServer,
    JiraServer,
    KimaiServer,
    TogglServer,
    gitlab_timelog,
    jira_issue,
    jira_worklog,
    kimai_sheet,
    toggl_entry,
)
from support.web_server import Answer, WebServer, web_server

from tracker.cli.commands.pull import Kind
from tracker.pull.registry import SERVICES

TOKEN = "s3cret-t0ken"
KINDS = get_args(Kind)
COUNT = 5
PATHS = {"jira": "", "gitlab": "/pay", "toggl": "/7", "kimai": ""}


def handler_of(kind: str) -> Any:
    """Return a server of a kind with five entries of an hour or more."""
    numbers = range(1, COUNT + 1)
    if kind == "jira":
        logs = [jira_worklog(n, f"2026-03-02T10:00:0{n}.000+0000", n % 2) for n in numbers]
        return JiraServer(logs, [jira_issue(0), jira_issue(1)])
    if kind == "gitlab":
        return GitLabServer([gitlab_timelog(n) for n in numbers])
    if kind == "toggl":
        return TogglServer([toggl_entry(n) for n in numbers])
    return KimaiServer([kimai_sheet(n) for n in numbers])


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str) -> Iterator[WebServer]:
    with web_server(handler_of(kind)) as server:
        yield server


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada with tokens for every tool, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, **{f"TRACKER_{kind.upper()}_TOKEN": TOKEN for kind in KINDS})


@pytest.fixture
def bea(ada: Person, database_url: str) -> Person:
    """The same with each kind of database, where what is asked of it matters."""
    ada.environ["TRACKER_DATABASE_URL"] = database_url
    return ada


def url_of(kind: str, server: WebServer) -> str:
    """Return what is typed as URL."""
    return server.url + PATHS[kind]


def name_of(url: str) -> str:
    """Return what messages and the list of imports call a server."""
    return url.removeprefix("http://")


def test_the_choices_are_the_services() -> None:
    """The list for `--help` loads no web client, so it stands twice."""
    assert tuple(SERVICES) == KINDS


def test_a_pull_is_an_import(bea: Person, server: WebServer, kind: str) -> None:
    """The entries, their tasks and estimates are stored; a second pull adds nothing."""
    url = url_of(kind, server)
    first = bea.run("pull", kind, url, "--since", "2026-01-01").stderr
    assert f"{name_of(url)}: kept {COUNT} entries" in first
    entries = bea.json("export")
    assert {entry["activity"].lower() for entry in entries} == {"design"}
    assert {entry["source"] for entry in entries} == {kind}
    assert {entry["developer"].lower() for entry in entries} == {"ada"}
    assert name_of(url) in bea.run("import", "--undo", "--list").stdout
    again = bea.run("pull", kind, url, "--since", "2026-01-01").stderr
    assert f"{name_of(url)}: kept nothing; " in again
    assert bea.json("export") == entries


def test_a_later_pull_asks_for_what_is_new(bea: Person, server: WebServer, kind: str) -> None:
    """It begins a little before the last complete pull of the same developer and address."""
    url = url_of(kind, server)
    bea.run("pull", kind, url, "--since", "2026-01-01")
    bea.later(60 * 24 * 60)
    if kind == "toggl":
        server.handler.now = bea.time  # type: ignore[attr-defined]
    begin = {"jira": "2026-06-09", "kimai": "2026-06-09"}.get(kind, "2026-05-10")
    assert f"{name_of(url)}: nothing since {begin}." in bea.run("pull", kind, url).stderr
    bea.run("import", "--undo")
    if kind != "toggl":
        assert f"kept {COUNT} entries" in bea.run("pull", kind, url).stderr


def test_a_dry_run_keeps_nothing(ada: Person, server: WebServer, kind: str) -> None:
    """It says what would be kept."""
    url = url_of(kind, server)
    output = ada.run("pull", kind, url, "--since", "2026-01-01", "--dry-run").stderr
    assert f"{name_of(url)}: would keep {COUNT} entries" in output
    assert ada.json("export") == []


def edit(kind: str, handler: Any) -> None:
    """Change the note of the first entry on the server, which moves ``updated`` only."""
    if kind == "jira":
        edited = jira_worklog(1, "2026-05-30T10:00:00.000+0000", 1, comment="other")
        handler.worklogs[0] = edited
    elif kind == "gitlab":
        handler.timelogs[0] = gitlab_timelog(1, summary="other")
    elif kind == "toggl":
        handler.entries[0] = toggl_entry(1, description="PAY-1 other")
    else:
        handler.sheets[0] = kimai_sheet(1, "2026-05-30T10:00:00", description="PAY-1 other")


def test_an_edit_upstream_is_told_and_updated(ada: Person, server: WebServer, kind: str) -> None:
    """Without --update the entry stays; with it the old form is in the change log."""
    url = url_of(kind, server)
    ada.run("pull", kind, url, "--since", "2026-01-01")
    edit(kind, server.handler)
    output = ada.run("pull", kind, url, "--since", "2026-01-01").stderr
    assert "1 row has the key of another row, with other content" in output
    assert "1 updated" in ada.run("pull", kind, url, "--since", "2026-01-01", "--update").stderr
    notes = [entry["note"] or "" for entry in ada.json("export")]
    assert sum("other" in note for note in notes) == 1


def test_what_was_deleted_upstream_is_told_by_a_whole_pull(ada: Person) -> None:
    """A pull of what has changed says nothing of the rest."""
    handler = KimaiServer([kimai_sheet(n) for n in range(1, 6)])
    with web_server(handler) as server:
        ada.run("pull", "kimai", server.url)
        del handler.sheets[2]
        changed = ada.run("pull", "kimai", server.url, "--since", "2026-03-01").stderr
        assert "not in the file" not in changed
        ada.run("import", "--undo")
        handler.sheets.insert(2, kimai_sheet(3))
        ada.run("pull", "kimai", server.url, "--developer", "bob")
        ada.environ["TRACKER_DEVELOPER"] = "bob"
        del handler.sheets[2]
        whole = ada.run("pull", "kimai", server.url).stderr
        assert "1 entry of this log and period is not in the file, and stays here" in whole


@pytest.mark.parametrize("edited", [True, False])
def test_what_was_deleted_in_jira_is_told_by_a_later_pull(bea: Person, edited: bool) -> None:
    """Also where nothing else has changed; the entry stays, until it is deleted here."""
    logs = [jira_worklog(n, f"2026-03-02T10:00:0{n}.000+0000") for n in range(1, 6)]
    handler = JiraServer(logs, [jira_issue(1)])
    with web_server(handler) as server:
        bea.run("pull", "jira", server.url)
        stored = bea.run("export").stdout
        deleted_ms = int(bea.time.timestamp() * 1000)
        handler.worklogs = logs[2:]
        handler.deleted = [(deleted_ms, 1), (deleted_ms, 2), (deleted_ms, 99)]
        if edited:
            handler.worklogs[0] = jira_worklog(3, "2099-03-02T10:00:00.000+0000", comment="x")
        messages = bea.run("pull", "jira", server.url).stderr
        assert "2 entries of this log were deleted there, and stay here (Ada " in messages
        assert "`tracker delete ID` removes them" in messages
        assert ("1 row has the key of another row" in messages) == edited
        assert bea.run("export").stdout == stored


def test_a_cut_pull_keeps_nothing(ada: Person, server: WebServer, kind: str) -> None:
    """The next one starts where the last complete one did, and loses and doubles nothing."""
    url = url_of(kind, server)
    answer = server.handler

    def fail_later(request: Any) -> Answer:
        return answer(request) if len(server.requests) < 2 else Answer(b"<html>", status=200)

    server.handler = fail_later
    message = ada.run("pull", kind, url, "--since", "2026-01-01", code=None)
    if message.exit_code == 0:  # all of it came with the first answer
        return
    assert "Nothing was kept." in message.stderr
    assert ada.json("export") == []
    server.handler = answer
    assert f"kept {COUNT} entries" in ada.run("pull", kind, url, "--since", "2026-01-01").stderr


def test_rejected_entries_are_pulled_again(bea: Person) -> None:
    """A pull with rejected entries is not complete: the next one begins where it did."""
    handler = KimaiServer([kimai_sheet(1), kimai_sheet(2, user=None)])
    with web_server(handler) as server:
        message = bea.refused("pull", "kimai", server.url)
        assert "timesheet 2, column user" in message
        skipped = bea.run("pull", "kimai", server.url, "--on-error", "skip").stderr
        assert "kept 1 entry, 1 task, 1 rejected" in skipped
        bea.later(60 * 24 * 60)
        handler.sheets[1] = kimai_sheet(2)
        assert (
            "kept 1 entry, 1 task; there already: 1 entry, 1 task"
            in bea.run("pull", "kimai", server.url).stderr
        )


def test_refusals_are_one_line_and_name_the_variable(
    ada: Person, server: WebServer, kind: str
) -> None:
    """No token, a wrong one, one without rights, and a wrong address."""
    url = url_of(kind, server)
    token = f"TRACKER_{kind.upper()}_TOKEN"
    for status, words in ((401, "does not accept"), (403, "forbids"), (404, "check URL")):
        server.faults = [Answer({"message": TOKEN}, status=status)]
        message = ada.refused("pull", kind, url, "--since", "2026-06-01")
        assert words in message
        assert TOKEN not in message
        assert status == 404 or token in message
    server.faults = [Answer(b"<html>Log in</html>")]
    assert "a web page" in ada.refused("pull", kind, url, "--since", "2026-06-01")
    server.faults = [Answer(status=302, headers={"Location": "https://elsewhere.example/x"})]
    assert "redirects to 'https://elsewhere.example'" in ada.refused(
        "pull", kind, url, "--since", "2026-06-01"
    )
    requests = len(server.requests)
    del ada.environ[token]
    assert f"{token} is not set" in ada.refused("pull", kind, url, "--since", "2026-06-01")
    assert len(server.requests) == requests


def test_wrong_usage_of_pull(ada: Person) -> None:
    """Without a kind or an address, or with an unknown kind."""
    for arguments in (["pull"], ["pull", "jira"], ["pull", "harvest", "https://e.org"]):
        ada.run(*arguments, code=2)
    assert "over https only" in ada.refused("pull", "jira", "http://jira.example.org")
    assert "tokens belong in the environment" in ada.refused(
        "pull", "jira", f"https://ada:{TOKEN}@jira.example.org"
    )


def test_a_map_translates_words(ada: Person, tmp_path: Path) -> None:
    """As for the import of a file: an app's worklogs count if the map names it."""
    app = {"accountId": "t", "displayName": "Tempo", "accountType": "app"}
    logs = [jira_worklog(1, "2026-03-02T10:00:01.000+0000", author=app)]
    (tmp_path / "m.toml").write_text(
        '[values.developer]\n"Tempo" = "tess"\n[values.activity]\n"Story" = "coding"\n'
    )
    with web_server(JiraServer(logs, [jira_issue(1)])) as server:
        skipped = ada.run("pull", "jira", server.url).stderr
        assert "left out, written by an app, not a person" in skipped
        assert "kept 1 entry" in ada.run("pull", "jira", server.url, "--map", "m.toml").stderr
    (entry,) = ada.json("export")
    assert (entry["developer"], entry["activity"]) == ("tess", "coding")
    assert (entry["title"], entry["task"]) == ("Issue 1", "PAY-1")


def test_the_program_itself_pulls(tmp_path: Path) -> None:
    """With a busy server, through pipes; the token is in no file and no output."""
    environ = {
        **{"HOME": str(tmp_path), "TRACKER_DEVELOPER": "ada", "PATH": os.environ["PATH"]},
        **{"TRACKER_KIMAI_TOKEN": TOKEN, "TZ": "America/New_York", "LC_ALL": "C.UTF-8"},
    }
    with web_server(handler_of("kimai")) as server:
        server.faults = [Answer(status=429, headers={"Retry-After": "0"}), Answer(status=500)]
        command = [PROGRAM, "pull", "kimai", server.url]
        run = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert run.returncode == 0, run.stderr
    assert "is asked too often (429): trying again in 0 s." in run.stderr
    assert "failed (500): trying again in 2 s." in run.stderr
    assert f"kept {COUNT} entries" in run.stderr
    assert TOKEN not in run.stdout + run.stderr
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()


def test_the_way_in_the_docs_leads_to_a_verdict(ada: Person) -> None:
    """The commands of docs/importing.md, with a server on this machine."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "importing.md").read_text("utf-8")
    (block,) = re.findall(r"```sh\n(export TRACKER_JIRA_USER.*?)```", page, flags=re.DOTALL)
    with web_server(handler_of("jira")) as server:
        ada.environ["TRACKER_JIRA_USER"] = "ada@example.org"
        lines = block.replace("https://example.atlassian.net", server.url).splitlines()
        for line in lines[1:]:
            program, *arguments = shlex.split(line)
            assert program == "tracker"
            output = ada.run(*arguments)
        assert server.requests[0].headers["Authorization"].startswith("Basic ")
    assert "design" in output.stdout
