"""Every rule of Argus that is built has a test."""

from tests.rules import LATER, RULES, missing, proofs


def test_each_rule_that_is_built_is_proved():
    assert missing() == []


def test_no_test_names_a_rule_that_there_is_not():
    assert proofs().keys() <= {number for numbers in RULES.values() for number in numbers}


def test_the_sections_follow_each_other():
    assert [number for numbers in RULES.values() for number in numbers] == list(range(1, 231))
    assert len(LATER) == 19
