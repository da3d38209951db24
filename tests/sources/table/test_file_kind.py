"""A file that is not text is named as what it is, with what to do."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from support.foreign_logs import HEADER, MAP, ROW, binary, read
from support.person import Person

from tracker.domain.errors import BadValue
from tracker.sources.table.file_kind import check_is_text


def archive(*names: str) -> bytes:
    """Return a ZIP archive with files of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"[:40])
    return content.getvalue()


def database(folder: Path) -> bytes:
    """Return the content of a SQLite file."""
    path = folder / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE a (b)")
    return path.read_bytes()


def kinds(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return files that are not text, and what the message calls them."""
    log = (HEADER + ROW).encode()
    return {
        "xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
        "docx": (archive("[Content_Types].xml", "word/document.xml"), "a Word document"),
        "office": (archive("[Content_Types].xml"), "an Office file"),
        "zip": (archive("log.csv"), "an archive (ZIP)"),
        "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "an old Office file"),
        "gz": (gzip.compress(log), "compressed (gzip)"),
        "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        "sqlite": (database(folder), "a SQLite database"),
        "png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "a picture (PNG)"),
        "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a picture (JPEG)"),
        "page": (b"\n<!DOCTYPE HTML><html><title>Sign in</title>", "a web page"),
        "xml": (b"\xef\xbb\xbf<?xml version='1.0'?><log/>", "XML"),
        "binary": (bytes(range(256)) + bytes(1000), "binary"),
        "empty": (b"", "empty (0 bytes)"),
    }


NAMES = [
    *("xlsx", "docx", "office", "zip", "xls", "gz", "pdf", "sqlite", "png", "jpeg", "page", "xml"),
    *("binary", "empty"),
]


@pytest.mark.parametrize("source", ["csv", "tasks", "tracker"])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_no_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    """Every source says what the file is, in one line; no row of it is read."""
    monkeypatch.chdir(tmp_path)
    content, kind = kinds(tmp_path)[name]
    (tmp_path / f"log.{name}").write_bytes(content)
    (tmp_path / "map.toml").write_text('source = "x"\n[columns]\ntask = "a"\n')
    (tmp_path / "csv.toml").write_text(MAP)
    map_ = {"csv": ["--map", "csv.toml"], "tasks": ["--map", "map.toml"], "tracker": []}[source]
    message = Person(tmp_path / "home").refused("import", source, f"log.{name}", *map_)
    assert message.startswith(f"log.{name} is ")
    assert kind in message


def test_text_of_any_encoding_is_no_such_file() -> None:
    """UTF-8, UTF-16 with its mark, and a text that begins with the letters PK."""
    for content in (HEADER.encode(), HEADER.encode("utf-16"), b"PK,who\n1,ann\n", b"<who>,what\n"):
        check_is_text(binary(content), "log")
    assert len(read((HEADER + ROW).encode("utf-16"), MAP)) == 1


def test_a_json_export_that_is_not_utf_8_is_refused() -> None:
    """In its first block and after it."""
    columns = ("id", "developer", "task", "activity", "started_at", "zone", "minutes", "logged_at")
    row = json.dumps(dict.fromkeys(columns, "")).encode() + b", "
    for content in (b'[{"id": "\xff"}]', b"[" + row * 10_000 + b'{"id": "\xff"}]'):
        with pytest.raises(BadValue, match="is not UTF-8 text in or after row"):
            read(content, None, kind="tracker")


@pytest.mark.parametrize(
    "value", ["[" * 200_000, "9" * 5_000, '{"a":' * 100_000], ids=["lists", "digits", "objects"]
)
def test_absurd_json_is_refused(value: str) -> None:
    """Values that are nested too deeply, and numbers of 5,000 digits."""
    with pytest.raises(BadValue, match="row 1 "):
        read(f'[{{"id": {value}}}]', None, kind="tracker")
