"""Which project a folder or a URL belongs to, by the repositories in the settings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate

from tracker.domain.usage import Mark, salted_hash
from tracker.local.git_place import GitPlace, git_place, plain_remote
from tracker.local.settings import Repository


class Repositories:
    """Finds the project of a folder or a URL.

    Args:
        repositories: The repositories of the settings.
        homes: The home folders that ``~`` stands for.

    """

    def __init__(self, repositories: Sequence[Repository], homes: Sequence[str]) -> None:
        self._patterns = [
            (repository.project, _components(directory, home))
            for repository in repositories
            for directory in repository.directories
            for home in (homes if directory.startswith("~/") else homes[:1])
        ]
        self._remotes = {
            plain_remote(repository.remote): repository.project
            for repository in repositories
            if repository.remote
        }
        self._projects_named = {repository.project for repository in repositories}
        self._cache: dict[tuple[str | None, str | None], str | None] = {}

    def project(self, directory: str | None, remote: str | None) -> str | None:
        """Return the project of a folder and a URL.

        None where no setting names it, or where folder and URL belong to different projects.
        """
        key = (directory, remote)
        if key not in self._cache:
            projects = {name for name in self._projects(directory, remote) if name is not None}
            self._cache[key] = projects.pop() if len(projects) == 1 else None
        return self._cache[key]

    def folders(self) -> list[str]:
        """Return the folders of the repositories that exist."""
        from glob import iglob  # late: only to run git there

        folders: dict[str, str] = {}
        for _, components in self._patterns:
            for path in sorted(iglob(f"/{'/'.join(components)}")):
                for place in _places(path):
                    folders.setdefault(os.path.realpath(place.common_folder), place.folder)
        return list(folders.values())

    def resolved(self, marks: Sequence[Mark], salt: str) -> Iterator[Mark]:
        """Yield marks; those of hooks with their repository, where a setting names its place."""
        by_place = list(self._place_hashes(salt)) if any(mark.places for mark in marks) else []
        for mark in marks:
            projects = {project for project, hashes in by_place if hashes & {*mark.places}}
            if mark.repository or len(projects) != 1:
                yield mark
            else:
                hashed = salted_hash(salt, "repository", projects.pop())
                yield mark._replace(repository=hashed, places=())

    def _place_hashes(self, salt: str) -> Iterator[tuple[str, set[str]]]:
        for remote, project in self._remotes.items():
            yield project, {salted_hash(salt, "remote", remote)}
        for folder in self.folders():
            by_folder = self.project(folder, None)
            if by_folder is not None:
                yield by_folder, {salted_hash(salt, "folder", os.path.realpath(folder))}

    def _projects(self, directory: str | None, remote: str | None) -> Iterator[str | None]:
        if remote is not None:
            yield self._by_remote(remote)
        if directory is None or "\0" in directory:
            return
        if not os.path.isabs(directory):  # some logs have the name of a project only
            yield directory if directory in self._projects_named else None
            return
        place = git_place(directory)
        yield self._by_folder(directory, place)
        if place is not None:
            if os.path.realpath(place.main_folder) != os.path.realpath(directory):
                yield self._by_folder(place.main_folder, place)
            if remote is None and place.remote is not None:
                yield self._by_remote(place.remote)

    def _by_remote(self, remote: str) -> str | None:
        plain = plain_remote(remote)
        if plain in self._remotes:
            return self._remotes[plain]
        if plain.count("/") != 1:
            return None
        projects = {name for url, name in self._remotes.items() if url.endswith(f"/{plain}")}
        return projects.pop() if len(projects) == 1 else None

    def _by_folder(self, directory: str, place: GitPlace | None) -> str | None:
        """Return the project whose pattern names the innermost folder.

        None where that folder is a repository, and the one of ``place`` another within it.
        """
        parts = os.path.normpath(directory).strip("/").split("/")
        matches: dict[int, set[str]] = {}
        for project, patterns in self._patterns:
            if len(patterns) <= len(parts) and all(
                re.match(translate(pattern), part)
                for pattern, part in zip(patterns, parts, strict=False)
            ):
                matches.setdefault(len(patterns), set()).add(project)
        depth = max(matches, default=0)
        if not depth or len(matches[depth]) > 1:
            return None
        outer = f"/{'/'.join(parts[:depth])}"
        return None if place is not None and _is_within(place, outer) else matches[depth].pop()


def _is_within(place: GitPlace, folder: str) -> bool:
    """Return whether a repository lies within another one, such as a submodule."""
    outer = git_place(folder)
    return (
        outer is not None
        and outer.folder == folder
        and os.path.realpath(outer.common_folder) != os.path.realpath(place.common_folder)
    )


def _components(directory: str, home: str) -> tuple[str, ...]:
    path = os.path.join(home, directory[2:]) if directory.startswith("~/") else directory
    return tuple(os.path.normpath(path).strip("/").split("/"))


def _places(path: str) -> list[GitPlace]:
    """Return the repository of a folder; of one that is in none, those right below it."""
    if not os.path.isdir(path):
        return []
    place = git_place(path)
    if place is not None:
        return [place]
    below = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    return [
        place
        for folder in below
        if os.path.exists(os.path.join(folder, ".git")) and (place := git_place(folder))
    ]
