"""How one writes settings, and how the documentation says so."""

from datetime import timedelta
from typing import Annotated, Literal

import pytest
from pydantic import Field, PlainValidator, SecretStr, ValidationError

from argus_runtime.described import describe
from argus_runtime.settings import DatabaseSettings, SecretSettings, ServiceSettings
from argus_runtime.written import Duration, Written, duration_text
from argus_schemas.facts import Fact


class Wish(Fact, frozen=True, kw_only=True):
    """What somebody wants."""

    cake: bool = False


class Settings(DatabaseSettings, SecretSettings, ServiceSettings):
    """All that a service may read."""

    smtp_password: SecretStr = SecretStr("")
    """What the mail server wants."""

    pause: float = Field(1.5, gt=0)
    """Seconds
    of rest."""

    kept_for: Duration = timedelta(days=1)
    """How long it is kept."""

    encrypted: Literal["none", "tls"] = "none"
    """How it travels."""

    strict: bool = False
    """Whether that is so."""

    wish: Annotated[Wish, PlainValidator(lambda given: given), Written("JSON of a wish")] = Wish()
    """What one gets."""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("36h", timedelta(hours=36)),
        ("1d 12h", timedelta(hours=36)),
        ("1d12h", timedelta(hours=36)),
        ("90m", timedelta(minutes=90)),
        ("0.5H", timedelta(minutes=30)),
        ("45 s", timedelta(seconds=45)),
        ("5400", timedelta(seconds=5400)),
        ("0.5", timedelta(milliseconds=500)),
    ],
)
def test_a_duration_is_written_with_units_or_as_seconds(monkeypatch, text, meant):
    monkeypatch.setenv("ARGUS_KEPT_FOR", text)

    assert Settings().kept_for == meant


@pytest.mark.parametrize("text", ["36 hours", "24:00:00", "h", "-5", "0", "0s", "1e9", "999999999999d", "9" * 400])
def test_what_is_no_duration_is_refused(monkeypatch, text):
    monkeypatch.setenv("ARGUS_KEPT_FOR", text)

    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("text", ["30d", "36h", "90m", "45s", "0.5s"])
def test_a_duration_is_shown_as_one_writes_it(monkeypatch, text):
    monkeypatch.setenv("ARGUS_KEPT_FOR", text)

    assert duration_text(Settings().kept_for) == text


def test_settings_describe_themselves_for_the_documentation():
    rows = {row.name: row for row in describe(Settings)}

    assert rows["ARGUS_PAUSE"] == ("ARGUS_PAUSE", "number", "1.5", "Seconds of rest.")
    assert rows["ARGUS_DATABASE_URL"].default == "postgresql://argus:***@localhost/argus"
    assert rows["ARGUS_SMTP_PASSWORD"][1:3] == ("secret text", "")
    assert rows["ARGUS_KEPT_FOR"][1:3] == ("a duration: `36h`, `1d 12h`, `90m`, `45s`, or seconds alone", "1d")
    assert rows["ARGUS_ENCRYPTED"][1:3] == ("one of `none`, `tls`", "none")
    assert rows["ARGUS_STRICT"][1:3] == ("`true` or `false`", "false")
    assert rows["ARGUS_WISH"][1:3] == ("JSON of a wish", "{}")
    assert all(row.says for row in rows.values())
