"""Lines that fit a terminal. The timer's commands load it, so it imports nothing heavy."""

from __future__ import annotations

_INDENT = "  "
"""Put before the lines that continue one."""

_WIDE = ("W", "F")


def cell_width(text: str) -> int:
    """Return the columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # late: few messages need it

    return sum(
        0
        if unicodedata.combining(character) or unicodedata.category(character) == "Cf"
        else 2
        if unicodedata.east_asian_width(character) in _WIDE
        else 1
        for character in text
    )


def fit(line: str, width: int | None) -> list[str]:
    """Return the lines into which a line is broken between words to fit a width; None: no limit.

    A word that is wider than the terminal is broken, as the terminal itself would do. A path or a
    URL stands on a line of its own instead, whole, so that it can be copied from the terminal.
    """
    if width is None or cell_width(line) <= width:
        return [line]
    lines, current = [], line[: len(line) - len(line.lstrip())]
    indent = f"{current}{_INDENT}" if len(current) < width // 2 else ""
    is_empty = True
    for word in line.split():
        if "/" in word and cell_width(word) > width - len(indent):
            lines += [word] if is_empty else [current, word]
            current, is_empty = indent, True
            continue
        joined = f"{current}{word}" if is_empty else f"{current} {word}"
        if not is_empty and cell_width(joined) > width:
            lines.append(current)
            joined = f"{indent}{word}"
        while cell_width(joined) > width:
            head = _head(joined, width)
            lines.append(head)
            joined = f"{indent}{joined[len(head) :]}"
        current, is_empty = joined, False
    return lines if is_empty and lines else [*lines, current]


def _head(text: str, width: int) -> str:
    """Return the longest beginning of a text that fits a width, at least one character."""
    end = min(len(text), width)
    while end > 1 and cell_width(text[:end]) > width:
        end -= 1
    return text[:end]
