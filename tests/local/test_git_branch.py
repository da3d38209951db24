"""The branch and the key in it, from repositories made by git, and from their files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tracker.domain.errors import BadValue
from tracker.local.git_branch import current_branch, key_of_branch


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, with a name and without the machine's settings."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    environ = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/bin",
    }
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environ)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository on the branch feature/PAY-12-refunds."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-b", "feature/PAY-12-refunds")
    git(folder, "commit", "--allow-empty", "-m", "Begin")
    return folder


def test_the_branch_is_found_from_every_folder_below(repository: Path) -> None:
    """Also before the first commit, and not above the repository."""
    below = repository / "src" / "deep"
    below.mkdir(parents=True)
    assert current_branch(str(below)) == "feature/PAY-12-refunds"
    assert key_of_branch(str(below), None) == "PAY-12"
    assert current_branch(str(repository.parent)) is None


def test_a_further_work_tree_has_its_own_branch(repository: Path) -> None:
    """Its .git is a file that names the folder with its HEAD, absolutely or relatively."""
    git(repository, "worktree", "add", "-b", "PAY-13", "../further")
    further = repository.parent / "further"
    assert current_branch(str(further)) == "PAY-13"
    (further / ".git").write_text("gitdir: ../repository/.git/worktrees/further\n")
    assert current_branch(str(further)) == "PAY-13"


def test_a_detached_head_is_no_branch(repository: Path) -> None:
    """It names a commit."""
    git(repository, "checkout", "--detach")
    with pytest.raises(BadValue, match="no git branch is checked out here: give the TASK"):
        key_of_branch(str(repository), None)


@pytest.mark.parametrize(
    ("branch", "pattern", "message"),
    [
        ("main", None, "the git branch 'main' names none"),
        ("PAY-12-and-PAY-13", None, "names PAY-12 and PAY-13"),
        ("PAY-12", "(", "setting task_pattern is '(':"),
        ("utf-8", None, "names none"),
    ],
)
def test_a_branch_without_one_key_is_refused(
    repository: Path, branch: str, pattern: str | None, message: str
) -> None:
    """The message names the branch, and every key where there are two."""
    git(repository, "checkout", "-b", branch)
    with pytest.raises(BadValue) as error:
        key_of_branch(str(repository), pattern)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_named_twice_is_one(repository: Path) -> None:
    """The pattern of the settings decides what a key is; its group is the key."""
    git(repository, "checkout", "-b", "PAY-7/PAY-7-again")
    assert key_of_branch(str(repository), None) == "PAY-7"
    git(repository, "checkout", "-b", "fix-#42")
    assert key_of_branch(str(repository), "#([0-9]+)") == "42"
    assert key_of_branch(str(repository), "#[0-9]+") == "#42"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".git", "nothing"),
        (".git", ""),
        (".git/HEAD", ""),
        (".git/HEAD", "ref: refs/heads/.invalid"),
    ],
)
def test_damaged_files_name_no_branch(tmp_path: Path, file: str, content: str) -> None:
    """Neither do references in tables, where HEAD holds no branch."""
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert current_branch(str(tmp_path)) is None
