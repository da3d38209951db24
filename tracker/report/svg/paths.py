"""Compact path data for straight lines.

Positions are rounded to thousandths of the plot's width and tenths of a pixel of its height, which
is finer than a screen shows. Each point is relative to the previous one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PATH_WIDTH = 1000
"""Width of the coordinate system of paths, which is scaled to the width of the plot."""
_TENTHS = 10

Point = tuple[float, float]
Line = Sequence[Point]


def path_data(lines: Iterable[Line]) -> str:
    """Return lines as the attribute ``d`` of an element ``path``.

    Args:
        lines: Lines of points in the coordinates of paths. A line of one point is drawn as a line
            of length 0, which is visible with round or square ends.
    """
    data, last = "", (0, 0)
    for line in lines:
        command = ""
        for index, (x, y) in enumerate(line):
            point = (round(x), round(_TENTHS * y))
            step = (point[0] - last[0], point[1] - last[1])
            if index and step == (0, 0):
                continue
            letter = _choose_command(step, is_first=index == 0)
            # Coordinates that follow those of "m" are taken as "l".
            is_repeated = letter == command or (letter, command) == ("l", "m")
            data += _append_command(data, "" if is_repeated else letter, _arguments(letter, step))
            command, last = letter, point
        data += "h0" if command == "m" else ""
    return data


def _choose_command(step: tuple[int, int], *, is_first: bool) -> str:
    if is_first:
        return "m"
    if step[1] == 0:
        return "h"
    return "v" if step[0] == 0 else "l"


def _arguments(letter: str, step: tuple[int, int]) -> list[str]:
    x, y = str(step[0]), f"{step[1] / _TENTHS:g}".replace("0.", ".", 1 if abs(step[1]) < 10 else 0)
    return {"h": [x], "v": [y]}.get(letter, [x, y])


def _append_command(data: str, letter: str, numbers: list[str]) -> str:
    """Return a command with its arguments, separated by spaces where necessary.

    Args:
        data: The path data before it.
        letter: The command; "" repeats the previous one.
        numbers: The arguments.
    """
    text = letter
    for number in numbers:
        is_separate = (text or data)[-1:].isalpha() or number.startswith("-")
        text += number if is_separate else f" {number}"
    return text
