"""What a medium must say of itself."""

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from argus_media import SECRET, MediumKind, MediumSettings, secret_settings


class Settings(MediumSettings):
    number: Annotated[str, Field(title="Number")]
    pin: Annotated[str, SECRET] = ""
    wish: str = ""


class SecretNumber(MediumSettings):
    number: Annotated[str, SECRET]


class Counted(MediumSettings):
    count: int


class SecretCount(Settings):
    count: Annotated[int, SECRET] = 0


def test_a_kind_describes_its_settings_with_its_own_title():
    kind = MediumKind("a-b_1", "x" * 20, Settings, "number")

    assert kind.schema()["title"] == f"{'x' * 20} Settings"
    assert kind.schema()["required"] == ["number"]
    assert secret_settings(kind.settings) == {"pin"}


@pytest.mark.parametrize(
    ("slug", "name", "settings", "key", "why"),
    [
        ("A", "A", Settings, "number", "no slug"),
        ("", "A", Settings, "number", "no slug"),
        ("a" * 21, "A", Settings, "number", "no slug"),
        ("a/b", "A", Settings, "number", "no slug"),
        ("a", "", Settings, "number", "a name has"),
        ("a", "A" * 21, Settings, "number", "a name has"),
        ("a", "A\n", Settings, "number", "a name has"),
        ("a", "A", Settings, "nothing", "no required setting"),
        ("a", "A", Settings, "wish", "no required setting"),
        ("a", "A", SecretNumber, "number", "could not be compared"),
        ("a", "A", SecretCount, "number", "these are not: count"),
        ("a", "A", Counted, "count", "these are not: count"),
    ],
)
def test_a_kind_that_api_or_records_could_not_use_is_refused(slug, name, settings, key, why):
    with pytest.raises(ValueError, match=why):
        MediumKind(slug, name, settings, key)


@pytest.mark.parametrize("value", ["a\x00", "\ud800", float("nan"), 2**70, ["a\x00"], {"a": {"b\x00": 1}}])
def test_settings_hold_nothing_that_postgresql_cannot(value):
    class Anything(MediumSettings):
        what: Any

    with pytest.raises(ValidationError) as refused:
        Anything(what=value)
    assert [error["loc"] for error in refused.value.errors()] == [("what",)]
