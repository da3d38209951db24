"""Classification of an assistant's work after a prompt, by the tools that it ran."""

from __future__ import annotations

import re

from tracker.domain.usage import Work

EDITING_TOOLS = frozenset(
    {
        *("Edit", "MultiEdit", "Write", "NotebookEdit", "Update"),
        *("apply_patch", "edit", "create", "write", "str_replace", "insert"),
    }
)
"""Tools of several assistants that change a file."""

_TESTS = re.compile(
    r"""(?x)(?<![\w./-])(?:
        pytest | tox | nox | unittest | jest | vitest | mocha | ctest | rspec | phpunit | bats
      | (?:npm|pnpm|yarn|bun)\s+(?:run\s+)?test | cargo\s+(?:nextest|test) | go\s+test
      | (?:mvn|gradle|\./gradlew|dotnet|mix|swift|make|bazel|deno)\s+(?:\S+\s+)?
        (?:test|check|verify)
    )(?![\w.-])"""
)
_LONGEST_COMMAND = 10_000


class Tools:
    """The tools that ran since a prompt."""

    def __init__(self, *, is_planning: bool = False) -> None:
        self._is_planning = is_planning
        self._edits = self._tests = False

    def ran(self, name: object, command: object = None) -> None:
        """Count a tool by its name and, of a shell, its command."""
        if name in EDITING_TOOLS if isinstance(name, str) else False:
            self._edits = True
        if isinstance(command, list):
            command = " ".join(part for part in command if isinstance(part, str))
        if isinstance(command, str) and _TESTS.search(command[:_LONGEST_COMMAND]):
            self._tests = True

    @property
    def work(self) -> Work:
        """The kind of work: editing takes precedence over testing, and both over planning."""
        if self._edits:
            return "edit"
        if self._tests:
            return "test"
        return "plan" if self._is_planning else "talk"
