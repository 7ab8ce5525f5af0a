"""Of the config of the start and the newest one, the stricter decision counts, whatever it is."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.acting.decision import STRICTNESS
from opsboard.acting.live_policy import LivePolicy
from opsboard.acting.policy import Policy
from opsboard.config.action_rules import ChangeWindow, PolicyDecision
from opsboard.config.settings import Settings
from tests.acting.test_policy import _plan
from tests.board import NOW

_CLOSED = ChangeWindow(start=time(2), end=time(2, 1))
_TABLES = st.dictionaries(
    st.sampled_from(["production", "staging", "*", "prod-*"]),
    st.dictionaries(st.sampled_from(["rollback", "*"]), st.sampled_from(PolicyDecision)),
)
_SETTINGS = st.builds(
    Settings,
    policy=_TABLES,
    protected=st.sampled_from([(), ("production",), ("*",)]),
    read_only=st.booleans(),
    change_windows=st.sampled_from([(), (_CLOSED,)]),
)


@given(_SETTINGS, st.lists(_SETTINGS, min_size=1, max_size=3), st.sampled_from(["production", ""]))
def test_a_changed_config_never_allows_more_than_that_of_the_start(
    first: Settings, later: list[Settings], environment: str
) -> None:
    policy = LivePolicy(Policy(first))
    plan = _plan(environment)
    for settings in later:
        policy.use(settings)
    at_start, newest = (Policy(one).decide([plan], NOW) for one in (first, later[-1]))
    decided = policy.decide([plan], NOW)
    expected = max(at_start.decision, newest.decision, key=STRICTNESS.index)
    assert decided.decision is expected
    assert decided.needs_typing is bool(decided.confirmation_text)
    forbidden = policy.forbidden_reason("rollback", (environment,), NOW)
    each = (
        Policy(one).forbidden_reason("rollback", (environment,), NOW) for one in (first, later[-1])
    )
    assert bool(forbidden) is any(each)


@pytest.mark.parametrize("said", ["confirm", "deny"])
def test_what_counts_since_the_start_is_said(said: str) -> None:
    first = Settings(policy={"production": {"rollback": PolicyDecision(said)}})
    policy = LivePolicy(Policy(first))
    assert "restart" not in policy.decide([_plan()], NOW).explanation
    policy.use(Settings(policy={"production": {"rollback": PolicyDecision.ALLOW}}))
    decided = policy.decide([_plan()], NOW)
    assert decided.decision.value == said
    assert "started with" in decided.explanation
    assert "until a restart" in decided.explanation
