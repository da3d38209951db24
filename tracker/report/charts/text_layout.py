"""Widths of texts and where they break, estimated without a font.

The system's font is not known when a figure is drawn. The widths are those of DejaVu Sans, which is
wider than the other fonts of ``theme.FONT``; a text is rarely wider than its estimate.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from tracker.report import formats

LABEL_WIDTH = 300
"""Pixels of a line of a row's label: what fits on a phone."""
LABEL_SIZE = 12
"""The size of labels and ticks, in pixels."""

_WIDTHS = {
    **dict.fromkeys("'ijl|I ,.:;" + formats.NO_BREAK_SPACE, 0.34),
    **dict.fromkeys("!()[]{}ftr/\\-·", 0.42),
    **dict.fromkeys("ckstvxyz", 0.6),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.79),
    **dict.fromkeys("mMwW%@—", 1.0),
    **dict.fromkeys("+≥≤≈×−<>=", 0.84),
}
"""Widths of characters, in font sizes."""
_OTHER_WIDTH, _WIDE_WIDTH, _SIGN_WIDTH = 0.65, 1.0, 1.4
"""Of other letters and digits, of East Asian characters, and of pictures."""
_BOLD = 1.11


@lru_cache(maxsize=8_192)
def text_width(text: str, *, size: float = LABEL_SIZE, is_bold: bool = False) -> float:
    """Return the estimated width of one line of plain text, in pixels."""
    width = sum(map(_character_width, text))
    return width * size * (_BOLD if is_bold else 1.0)


def wrap(
    text: str, width: float = LABEL_WIDTH, max_lines: int = 2, *, is_bold: bool = True
) -> list[str]:
    """Return a plain text as at most ``max_lines`` lines of a width; the rest is cut off with "…".

    A line breaks at a space, and within a word that is wider than a line.
    """
    lines = [""]
    for word in formats.printable(text).split(" "):
        pieces = _pieces(word, width, is_bold=is_bold)
        for number, piece in enumerate(pieces):
            longer = f"{lines[-1]} {piece}" if lines[-1] and not number else lines[-1] + piece
            if text_width(longer, is_bold=is_bold) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) <= max_lines:
        return lines
    return [*lines[: max_lines - 1], _cut(lines[max_lines - 1], width, is_bold=is_bold)]


def spread(positions: Sequence[float], distance: float) -> list[float]:
    """Return positions at least a distance apart, in the given order, near those asked for."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    result = list(positions)
    groups: list[tuple[float, list[int]]] = []
    for index in order:
        groups.append((positions[index], [index]))
        while len(groups) > 1 and _overlap(groups[-2], groups[-1], distance):
            (lower, members), (upper, others) = groups[-2:]
            n, m = len(members), len(others)
            groups[-2:] = [((lower * n + upper * m) / (n + m), [*members, *others])]
    for middle, members in groups:
        for number, index in enumerate(members):
            result[index] = middle + (number - (len(members) - 1) / 2) * distance
    return result


def _overlap(
    lower: tuple[float, list[int]], upper: tuple[float, list[int]], distance: float
) -> bool:
    return upper[0] - lower[0] < distance * (len(lower[1]) + len(upper[1])) / 2


@lru_cache(maxsize=1_024)
def _character_width(character: str) -> float:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0.0
    if unicodedata.category(character) == "So":
        return _SIGN_WIDTH
    is_wide = unicodedata.east_asian_width(character) in {"W", "F"}
    return _WIDE_WIDTH if is_wide else _OTHER_WIDTH


def _pieces(word: str, width: float, *, is_bold: bool) -> list[str]:
    """Return a word in pieces that each fit a line."""
    pieces = [""]
    for character in word:
        if text_width(pieces[-1] + character, is_bold=is_bold) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(line: str, width: float, *, is_bold: bool) -> str:
    while line and text_width(f"{line}…", is_bold=is_bold) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
