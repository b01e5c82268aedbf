"""Records that were written once are read for ever: a golden file for each schema on a topic.

`<name>.json` holds what is written today (`python -m tests.contract.golden` writes it where it is missing). When a
schema gains a field, today's file is kept as `<name>.<n>.json`, and old files never change.
"""

import json
from pathlib import Path

import pytest

from argus_schemas.codec import Written
from tests.contract.golden import GOLDEN, TOPICS, examples


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_record_written_once_is_still_read_and_means_the_same(path: Path):
    topic = TOPICS[path.stem.split(".")[0]]
    for written in json.loads(path.read_text()):
        record = topic.decode(json.dumps(written).encode())
        assert isinstance(record, Written)
        assert json.loads(record.to_bytes()) == written


@pytest.mark.parametrize("name", TOPICS)
def test_every_schema_on_a_topic_has_a_golden_file(name: str):
    assert (GOLDEN / f"{name}.json").is_file()


@pytest.mark.parametrize("name", TOPICS)
def test_what_is_written_today_is_what_the_newest_golden_file_says(name: str):
    newest = GOLDEN / f"{name}.json"
    assert [json.loads(record.to_bytes()) for record in examples()[name]] == json.loads(newest.read_text())
