import re
from itertools import accumulate
from random import Random

from argus_local.stories import Story, next_stories


def many() -> list[Story]:
    chance = Random(1)
    return [story for _ in range(300) for story in next_stories(chance)]


def test_every_stateful_incident_ends_and_stays_ended():
    for story in many():
        deeds = [step.deed for step in story.steps]
        if story.stateful:
            assert deeds[-1] in {"end", "close"}


def test_what_starts_again_was_ended_before():
    for story in many():
        opened = accumulate(
            ((1 if step.deed == "restart" else -1 if step.deed in {"end", "close"} else 0) for step in story.steps),
            initial=1,
        )
        assert set(opened) <= {0, 1}


def test_tags_and_levels_are_such_as_argus_takes():
    for story in many():
        assert 1 <= story.level <= 5
        assert all(re.fullmatch(r"[a-z0-9_]+", key) and value for key, value in story.tags.items())


def test_links_bgp_power_ups_and_dns_fail_and_some_incidents_flap_or_are_acknowledged():
    stories = many()

    assert {story.tags["problem_type"] for story in stories} >= {"link", "bgp", "power", "ups", "dns", "flapping"}
    assert {step.deed for story in stories for step in story.steps} == {"end", "restart", "ack", "close", "note"}
