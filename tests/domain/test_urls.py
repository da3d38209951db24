"""Database URLs are compared by what they name, and printed without passwords."""

from __future__ import annotations

import pytest

from tracker.domain import urls
from tracker.domain.errors import BadValue, StoreError

PASSWORDS = ["heim", "ge/heim", "ge@heim", "g@e/heim", "ge:heim", "?x=heim", "a&b@heim", "a#heim"]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("query", ["", "?sslmode=require", "?password=heim", "?sslkey=he@im"])
def test_no_password_is_printed(password: str, query: str) -> None:
    """A password is hidden wherever it is in the URL, also if it is not escaped."""
    text = urls.without_password(f"postgresql://ada:{password}@db.example:1/log{query}")
    assert text.startswith("postgresql://")
    assert "heim" not in text
    assert "im" not in text  # the end of the key in the last query


@pytest.mark.parametrize("url", ["ada:heim@db/log", "my_db://ada:heim@db", "sql:/ada:heim@db"])
def test_a_password_in_something_like_a_url_is_not_printed(url: str) -> None:
    """A slip in the scheme does not reveal the password."""
    assert "heim" not in urls.without_password(url)


@pytest.mark.parametrize(
    "url", ["sqlite:////home/a@b/log.db", "postgresql://ada@db:5432/log?sslmode=require", ""]
)
def test_a_url_without_a_password_is_printed_as_it_is(url: str) -> None:
    """Only passwords are replaced."""
    assert urls.without_password(url) == url


@pytest.mark.parametrize("password", PASSWORDS)
def test_an_unescaped_password_does_not_change_the_address(password: str) -> None:
    """Host, port and database are the same before and after the password is escaped."""
    url = f"postgresql+psycopg://ada:{password}@DB.example:1/log?sslmode=require"
    assert urls.database_identity(url) == "postgresql db.example 1 log"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("postgresql://db", "postgresql db 5432 "),
        ("postgresql://db/log?application_name=a@b", "postgresql db 5432 log"),
        ("postgresql:///log?host=/var/run/Db&port=5433", "postgresql /var/run/db 5433 log"),
        ("postgresql://ada@/?host=db&dbname=log", "postgresql db 5432 log"),
        ("postgresql://[::1]:5433/log", "postgresql [::1] 5433 log"),
        ("sqlite:////tmp/a@b/../log.db?mode=ro", "sqlite /tmp/log.db"),
    ],
)
def test_a_url_names_a_host_a_port_and_a_database(url: str, target: str) -> None:
    """They may be in the query too; a SQLite URL names a file."""
    assert urls.database_identity(url) == target


@pytest.mark.parametrize("address", ["db:port/log", "a:1,b:2/log", "[::1/log", "db:99999/log"])
def test_an_invalid_address_still_names_something(address: str) -> None:
    """Opening the database reports the error; comparing URLs before that raises nothing."""
    text = urls.database_identity(f"postgresql://ada:heim@{address}")
    assert text == f"postgresql://ada:***@{address}"


@pytest.mark.parametrize("password", ["ge@heim", "g@e/heim"])
def test_a_second_at_sign_is_refused(password: str) -> None:
    """It could make a part of the password the host. The message does not repeat the password."""
    with pytest.raises(StoreError, match="write @ as %40") as error:
        urls.check_address(f"postgresql://ada:{password}@db/log")
    assert "heim" not in str(error.value)


@pytest.mark.parametrize("password", ["ge/heim", "ge@heim", "g@e/heim"])
def test_an_unescaped_password_is_refused_in_the_settings(password: str) -> None:
    """The message says how to escape it, and does not repeat it."""
    with pytest.raises(BadValue, match="write @ as %40 and / as %2F") as error:
        urls.check_password(f"postgresql://ada:{password}@db/log")
    assert "heim" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:ge%2Fheim%40@db/log",
        "postgresql://ada@db/log",
        "postgresql://db/log",
        "postgresql://ada:geheim@db/log?application_name=ab",
        "sqlite:////home/a@b/c@d/log.db",
    ],
)
def test_an_escaped_password_is_accepted(url: str) -> None:
    """So are URLs without a password, and @ in the name of a folder."""
    urls.check_password(url)


def test_an_at_sign_in_the_query_is_accepted() -> None:
    """The host is certain by then."""
    urls.check_address("postgresql://ada:geheim@db/log?application_name=a@b")


SHAPES = [
    "postgresql://u:s3cret@h/db",
    "postgresql+psycopg://u:s3/cret@h/db",
    "postgresql://u:s3 cret@h/db",
    "postgresql://u:s3@cret@h",
    "postgresql://u:s3cret",
    "postgresql://u@server:s3cret@h/db",
    "postgresql://:s3cret@h",
    "postgresql://u:%73s3cret@h",
    "postgresql://u:12/s3cret@h/db",
    "postgresql://u:12:s3cret",
    "postgresql://u:5432.s3cret",
    "postgresql://h/db?password=s3cret",
    "postgresql://h/db?user=a&pass%77ord=s3cret",
    "postgresql://h/db?PASSWORD=s3cret",
    "postgresql://h/db?sslpassword=s3cret&sslmode=require",
    "postgresql:///db?host=/tmp&password=s3cret",
    "postgresql:///host%3Dx password%3Ds3cret",
    "jdbc:postgresql://h/db?user=u&password=s3cret",
    "mysql:/u:s3cret@h",
    "host=h password=s3cret",
    "host=h password = s3cret dbname=x",
    "host=h password='a s3cret'",
    r"host=h password='a\'s3cret'",
    r"host=h password=a\ s3cret",
    "options='-c x' password=s3&cret",
    'password="a s3cret"',
    "PGPASSWORD=s3cret",
    "{'host': 'h', 'password': 's3cret'}",
]
"""Every shape in which libpq, SQLAlchemy or a shell is given a password, and slips of them."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "sentence", ["{}", "there is no command {!r}; `x` lists them.", "({}) failed"]
)
def test_no_password_leaves_in_a_message(shape: str, sentence: str) -> None:
    """It is masked whatever stands around it, and masking twice changes nothing more."""
    text = urls.mask_passwords(sentence.format(shape))
    assert "s3" not in text
    assert "cret" not in text
    assert "***" in text
    assert urls.mask_passwords(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann@db:5432/log",
        "postgresql://db:5432, so",
        "postgresql://[::1]:5432/db",
        "http://127.0.0.1:8080: no answer",
        "see http://localhost:8080.",
        "(http://localhost:8080) failed; http://localhost:80;",
        "postgresql://ann:***@h:5432/db has x@y",
        "sqlite:////home/a@b/x.db",
        "https://x.example/a:b",
        "the database URL has an @ in its password: write @ as %40 there.",
        "started design PAY-12 at 2026-03-02 09:30",
    ],
)
def test_a_message_without_a_password_stays(text: str) -> None:
    """Ports, addresses and the words of messages are no passwords."""
    assert urls.mask_passwords(text) == text
