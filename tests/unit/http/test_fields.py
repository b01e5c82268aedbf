from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_http import fields
from argus_http.errors import ApiError
from argus_http.fields import Fields
from argus_http.tags import read_tags
from argus_schemas.incident import TagName

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


def refused(body: Any, read: str, *arguments: Any, **options: Any) -> Any:
    given = Fields(body, UTC)
    getattr(given, read)("field", *arguments, **options)
    with pytest.raises(ApiError) as refusal:
        given.check()
    return refusal.value.body["field"]


@pytest.mark.parametrize(("value", "text"), [(" a ", "a"), (5, "5"), (1.5, "1.5"), ("", "")])
def test_texts_are_stripped_and_numbers_are_texts(value, text):
    assert Fields({"field": value}, UTC).text("field") == text


@pytest.mark.parametrize("value", [True, [], {}])
def test_what_is_no_text_is_refused(value):
    assert refused({"field": value}, "text") == [fields.NOT_TEXT]


def test_what_no_database_keeps_is_refused():
    assert refused({"field": "a\x00"}, "text") == [fields.NUL]
    assert "no more than 3 characters" in refused({"field": "abcd"}, "text", longest=3)[0]


def test_null_and_absence_are_different():
    assert refused({"field": None}, "text") == [fields.NULL]
    assert refused({}, "text", required=True) == [fields.REQUIRED]
    assert Fields({"field": None}, UTC).moment("field", null=True) is None


@pytest.mark.parametrize("value", [True, "true", "YES", "on", 1, "t", "y"])
def test_there_are_many_ways_to_say_true(value):
    assert Fields({"field": value}, UTC).boolean("field") is True


@pytest.mark.parametrize("value", [False, "false", "no", "off", 0, "f", "n"])
def test_there_are_many_ways_to_say_false(value):
    assert Fields({"field": value}, UTC).boolean("field", default=True) is False


@pytest.mark.parametrize("value", ["maybe", 2, [], None])
def test_anything_else_is_no_truth_value(value):
    assert refused({"field": value}, "boolean") in ([fields.NOT_BOOLEAN], [fields.NULL])


@pytest.mark.parametrize(
    "url",
    ["http://a.example.org", "https://localhost:8000/x?y#z", "ftp://127.0.0.1/", "https://u:p@[::1]/", "ftps://æ.no"],
)
def test_an_absolute_url_is_taken(url):
    assert Fields({"field": url}, UTC).url("field") == url


@pytest.mark.parametrize(
    "url", ["", "x", "/relative", "//a.example.org", "javascript:alert(1)", "http://", "http://a b"]
)
def test_another_url_is_refused(url):
    assert refused({"field": url}, "url") == [fields.NOT_URL]


@given(JSON)
def test_any_value_is_read_or_refused(value):
    given = Fields({"field": value}, UTC)
    for read in (given.text, given.url, given.boolean, given.moment, given.end):
        read("field")
    given.choice("field", {"1": 1}, 1)
    given.json("field", None)
    for v3 in (False, True):
        read_tags(given, "field", v3=v3)


def test_all_faults_are_told_at_once():
    given = Fields({"a": True, "b": "x"}, UTC)
    given.text("a")
    given.boolean("b")
    given.text("c", required=True)

    with pytest.raises(ApiError) as refusal:
        given.check()

    assert (refusal.value.status, set(refusal.value.body)) == (400, {"a", "b", "c"})


def test_tags_are_split_at_the_first_delimiter_and_kept_once():
    given = Fields({"tags": [{"tag": " a = 1=2 "}, {"tag": "a=1=2"}, {"tag": "b="}]}, UTC)

    assert read_tags(given, "tags") == (TagName(key="a", value="1=2"), TagName(key="b", value=""))


def test_tags_of_v3_need_a_value():
    given = Fields({"tags": ["a=", "b=1"]}, UTC)
    read_tags(given, "tags", v3=True)

    assert list(given.errors["tags"]) == ["0"]
