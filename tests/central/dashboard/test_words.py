"""The words a page shows."""

import pytest

from central.dashboard import words
from feedback.misuse import Rule


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_words_for_one_and_for_many(rule: Rule) -> None:
    """A rule without words would be shown by its short name."""
    assert rule.value in words._RULES
    assert words.rule(rule.value, 1).startswith("1")
    assert words.rule(rule.value, 3).startswith("3")
