"""Plain forms of characters, for an encoding that lacks them.

Importing this module registers an error handler for encoders, :data:`ERRORS`. A stream with it
prints the program's own signs in ASCII and everything else that it cannot encode as ``?``.
"""

from __future__ import annotations

import codecs
import re

ERRORS = "tracker.plain"
"""The name of the error handler, for ``str.encode`` and ``TextIOWrapper.reconfigure``."""

_ASCII_FORMS = {
    "…": "...",
    "·": "-",
    "•": "*",
    "×": "x",
    "±": "+/-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "→": "->",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "θ": "theta",
    "√": "sqrt",
    "²": "^2",
    "σ": "sigma",
    "α": "alpha",
    "τ": "tau",
    "Σ": "Sum ",
    "\N{MINUS SIGN}": "-",
}
_CATEGORY_FORMS = {"Pd": "-", "Zs": " ", "Mn": "", "Me": "", "Cf": ""}
"""Forms of all dashes and blanks, and of characters without a width of their own."""

_OTHER_SURROGATES = "[\ud800-\udc7f\udd00-\udfff]"
"""Surrogates that do not stand for a byte."""


def encodable(text: str, encoding: str, errors: str = ERRORS) -> str:
    """Return a text as a stream with this encoding and error handler shows it."""
    return text.encode(encoding, errors).decode(encoding)


def readable(text: str) -> str:
    """Return a text of the system, such as a path, as it can be stored and printed.

    Bytes that the locale does not decode are lone surrogates in it. They are read as UTF-8.
    """
    if text.isascii():
        return text
    text = re.sub(_OTHER_SURROGATES, "\N{REPLACEMENT CHARACTER}", text)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Return the plain forms of the characters that an encoder refused, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(map(_ascii_form, characters)), error.end


def _ascii_form(character: str) -> str:
    """Return the replacement of a character in ASCII; ``?`` keeps the width of the character."""
    import unicodedata  # late: few streams need it

    category = unicodedata.category(character)
    form = _ASCII_FORMS.get(character, _CATEGORY_FORMS.get(category))
    if form is not None:
        return form
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


codecs.register_error(ERRORS, _replace_unencodable)
