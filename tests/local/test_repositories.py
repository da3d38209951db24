"""Which project a folder or a URL belongs to: patterns, worktrees, forms of a URL, settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.usage_logs import new_repository, run_git

from tracker.domain.errors import BadValue
from tracker.domain.usage import Mark, salted_hash
from tracker.local.git_place import git_place, plain_remote
from tracker.local.repositories import Repositories
from tracker.local.settings import Repository, read_settings

SALT = "0" * 64


def test_patterns_match_folders_and_what_is_below(tmp_path: Path) -> None:
    """The innermost pattern wins; ``*`` matches no ``/``; two equal ones name no project."""
    repositories = Repositories(
        [
            Repository("all", ("~/src/*",)),
            Repository("pay", ("~/src/pay*", "~/src/web/pay")),
            Repository("web", ("/srv/web",)),
        ],
        ["/home/ada", "/mnt/ada"],
    )
    expected = {
        "/home/ada/src/pay": None,
        "/home/ada/src/web/pay/api": "pay",
        "/mnt/ada/src/other/x": "all",
        "/home/ada/src": None,
        "/home/bob/src/pay": None,
        "/srv/web/../web/x": "web",
        "/srv/website": None,
    }
    assert {path: repositories.project(path, None) for path in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:acme/pay.git",
        "https://ada:token@github.com/acme/Pay.git",
        "ssh://git@github.com:22/acme/pay",
        "github.com/acme/pay/",
    ],
)
def test_a_url_is_compared_however_it_is_written(url: str) -> None:
    """Also by owner and name alone, and never to one that only ends alike."""
    assert plain_remote(url) == "github.com/acme/pay"
    repositories = Repositories([Repository("pay", (), url)], ["/home/ada"])
    assert repositories.project(None, "https://github.com/acme/pay") == "pay"
    assert repositories.project(None, "acme/pay") == "pay"
    assert repositories.project(None, "github.com/other/pay") is None
    assert repositories.project(None, "e/pay") is None


def test_folder_and_url_of_different_projects_name_none() -> None:
    """One of them is wrong, and nobody can tell which."""
    repositories = Repositories(
        [Repository("pay", ("/src/pay",)), Repository("web", (), "h.org/a/web")], ["/"]
    )
    assert repositories.project("/src/pay", "h.org/a/web") is None
    assert repositories.project("/src/pay", "h.org/a/unknown") == "pay"


def test_worktrees_belong_to_their_repository(tmp_path: Path) -> None:
    """A worktree lies elsewhere, with a branch of its own; a fresh clone is told by its URL."""
    main = new_repository(tmp_path / "src" / "pay")
    run_git(main, "worktree", "add", "-q", "-b", "PAY-9", str(tmp_path / "trees" / "nine"))
    clone = new_repository(tmp_path / "clone")
    run_git(clone, "remote", "add", "origin", "git@h.org:acme/web.git")
    repositories = Repositories(
        [Repository("pay", ("~/src/pay",)), Repository("web", (), "https://h.org/acme/web")],
        [str(tmp_path)],
    )
    (tmp_path / "trees" / "nine" / "api").mkdir()
    assert repositories.project(str(tmp_path / "trees" / "nine" / "api"), None) == "pay"
    assert repositories.project(str(clone), None) == "web"
    place = git_place(str(tmp_path / "trees" / "nine"))
    assert place is not None
    assert (place.branch, place.main_folder) == ("PAY-9", str(main))
    assert place.head == run_git(main, "rev-parse", "PAY-9")
    assert repositories.folders() == [str(main)]


def test_hooks_marks_get_their_repository(tmp_path: Path) -> None:
    """By the hash of the folder or the URL; others keep waiting."""
    main = new_repository(tmp_path / "src" / "pay")
    repositories = Repositories(
        [Repository("pay", ("~/src/pay",)), Repository("web", (), "https://h.org/acme/web")],
        [str(tmp_path)],
    )
    places = {
        "pay": salted_hash(SALT, "folder", str(main)),
        "web": salted_hash(SALT, "remote", "h.org/acme/web"),
        None: salted_hash(SALT, "folder", "/elsewhere"),
    }
    for project, place in places.items():
        (mark,) = repositories.resolved([Mark("e", "x", 1, places=(place,))], SALT)
        expected = salted_hash(SALT, "repository", project) if project else None
        assert mark.repository == expected


def test_a_repository_within_another_is_not_the_outer_ones(tmp_path: Path) -> None:
    """Such as a submodule or a checkout of another project; a worktree within it is."""
    outer = new_repository(tmp_path / "src" / "pay")
    other = new_repository(outer / "vendor" / "tool")
    new_repository(tmp_path / "tool")
    options = ("-c", "protocol.file.allow=always")
    run_git(outer, *options, "submodule", "--quiet", "add", str(tmp_path / "tool"), "sub")
    run_git(outer, "worktree", "add", "-q", "-b", "x", str(outer / ".trees" / "x"))
    new_repository(tmp_path / "all" / "web")
    repositories = Repositories(
        [Repository("pay", ("~/src/pay",)), Repository("web", ("~/all",))], [str(tmp_path)]
    )
    (outer / "api").mkdir()
    expected = {
        outer / "api": "pay",
        outer / ".trees" / "x": "pay",
        other: None,
        outer / "sub": None,
        outer / "gone": "pay",
        tmp_path / "all" / "web": "web",
    }
    assert {path: repositories.project(str(path), None) for path in expected} == expected


def test_folders_without_git(tmp_path: Path) -> None:
    """A missing folder, an empty file ``.git`` and a detached head stop nothing."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / ".git").write_text("")
    assert git_place(str(tmp_path / "x")) is None
    assert git_place(str(tmp_path / "missing" / "y")) is None
    folder = new_repository(tmp_path / "z")
    run_git(folder, "checkout", "-q", "--detach")
    place = git_place(str(folder))
    assert place is not None
    assert place.branch is None
    assert place.head == run_git(folder, "rev-parse", "HEAD")


SETTINGS = """
team = "payments"
[[repositories]]
project = "pay"
directories = ["~/src/pay", "/srv/pay-*"]
remote = "git@h.org:acme/pay.git"
"""


def test_the_settings_hold_repositories(tmp_path: Path) -> None:
    """As a list of tables beside the other settings."""
    path = tmp_path / "config.toml"
    path.write_text(SETTINGS)
    settings = read_settings(str(path), must_exist=True)
    remote = "git@h.org:acme/pay.git"
    assert settings.team == "payments"
    assert settings.repositories == (Repository("pay", ("~/src/pay", "/srv/pay-*"), remote),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('repositories = "pay"', "write [[repositories]]"),
        ("repositories = [1]", "write [[repositories]]"),
        ('[[repositories]]\nproject = "pay"', "is empty: give directories or remote"),
        ('[[repositories]]\nremote = "x"', "has None: give texts"),
        ('[[repositories]]\nproject = "p"\nfolder = "x"', "has 'folder'"),
        ('[[repositories]]\nproject = "p"\ndirectories = "x"', "give a list of patterns"),
        ('[[repositories]]\nproject = "p"\ndirectories = ["x"]', "begin it with / or ~/"),
        ('[[repositories]]\nproject = "p"\ndirectories = [7]', "has 7"),
    ],
)
def test_invalid_repositories_are_refused(tmp_path: Path, content: str, reason: str) -> None:
    """In one line that names the file."""
    path = tmp_path / "config.toml"
    path.write_text(content)
    with pytest.raises(BadValue) as error:
        read_settings(str(path), must_exist=True)
    assert reason in str(error.value)
    assert str(path) in str(error.value)
