"""Paths of straight lines, written with few characters.

Positions are whole thousandths of the plot's width and tenths of a pixel of its height: finer ones
could not be told apart. Each point is given relative to the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

STRETCH = 1000
"""Width of the coordinate system of paths, which are stretched to the plot's width."""
_TENTHS = 10

Point = tuple[float, float]
Line = Sequence[Point]


def path_data(lines: Iterable[Line]) -> str:
    """Return the steps along lines, as of an element ``path``.

    Args:
        lines: Points in the coordinates of paths. A line of one point is a dot: a step of no
            length, which has a size where its ends are round or square.

    """
    data, last = "", (0, 0)
    for line in lines:
        command = ""
        for index, (x, y) in enumerate(line):
            point = (round(x), round(_TENTHS * y))
            step = (point[0] - last[0], point[1] - last[1])
            if index and step == (0, 0):
                continue
            letter = _letter(step, is_first=index == 0)
            # A pair that follows "m" is a step as of "l".
            is_repeated = letter == command or (letter, command) == ("l", "m")
            data += _joined(data, "" if is_repeated else letter, _numbers(letter, step))
            command, last = letter, point
        data += "h0" if command == "m" else ""
    return data


def _letter(step: tuple[int, int], *, is_first: bool) -> str:
    if is_first:
        return "m"
    if step[1] == 0:
        return "h"
    return "v" if step[0] == 0 else "l"


def _numbers(letter: str, step: tuple[int, int]) -> list[str]:
    x, y = str(step[0]), f"{step[1] / _TENTHS:g}".replace("0.", ".", 1 if abs(step[1]) < 10 else 0)
    return {"h": [x], "v": [y]}.get(letter, [x, y])


def _joined(data: str, letter: str, numbers: list[str]) -> str:
    """Return a command with its numbers, with spaces where two would run together."""
    text = letter
    for number in numbers:
        is_apart = (text or data)[-1:].isalpha() or number.startswith("-")
        text += number if is_apart else f" {number}"
    return text
