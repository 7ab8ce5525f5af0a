"""What the policy says, by environment, action and time."""

from datetime import UTC, datetime, time

import pytest

from opsboard.acting.policy import Policy, is_open
from opsboard.adapter import Finding, Permission, Plan, Severity
from opsboard.config.action_rules import ChangeWindow, PolicyDecision
from opsboard.config.settings import Settings
from opsboard.environments.names import Specificity, is_pattern, specificity_of
from tests.acting.lever import REF
from tests.board import NOW

THURSDAY = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def _plan(environment: str = "production", action: str = "rollback", **more: object) -> Plan:
    values = {
        "made_at": NOW,
        "action": action,
        "title": "Roll back",
        "ref": REF,
        "target": "web",
        "name": "web",
        "environment": environment,
    }
    return Plan.model_validate(values | more)


def _ruling(settings: Settings, *plans: Plan, at: datetime = NOW) -> PolicyDecision:
    return Policy(settings).decide(plans, at).decision


@pytest.mark.parametrize(
    ("environment", "disruptive", "ruling"),
    [
        ("production", True, PolicyDecision.TYPED),
        ("production", False, PolicyDecision.TYPED),
        ("staging", True, PolicyDecision.CONFIRM),
        ("", True, PolicyDecision.TYPED),
        ("", False, PolicyDecision.TYPED),
    ],
)
def test_by_default(environment: str, disruptive: bool, ruling: PolicyDecision) -> None:
    assert _ruling(Settings(), _plan(environment, disruptive=disruptive)) is ruling


def test_an_environments_own_word_comes_first() -> None:
    policy = {
        "production": {"rollback": PolicyDecision.CONFIRM, "*": PolicyDecision.DENY},
        "*": {"delete": PolicyDecision.DENY, "*": PolicyDecision.TYPED},
        "unknown": {"*": PolicyDecision.CONFIRM},
    }
    settings = Settings(policy=policy)
    assert _ruling(settings, _plan()) is PolicyDecision.CONFIRM
    assert _ruling(settings, _plan(action="scale")) is PolicyDecision.DENY
    assert _ruling(settings, _plan("staging", "delete")) is PolicyDecision.DENY
    assert _ruling(settings, _plan("staging")) is PolicyDecision.TYPED
    assert _ruling(settings, _plan("")) is PolicyDecision.CONFIRM


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"production": {"rollback": "deny"}}, '([policy.production] rollback = "deny"'),
        ({"prod*": {"*": "deny"}}, '([policy."prod*"] "*" = "deny"'),
        ({"*": {"roll*": "deny"}, "staging": {"*": "deny"}}, '([policy."*"] "roll*" = "deny"'),
    ],
)
def test_what_denies_is_told(policy: dict[str, dict[str, str]], told: str) -> None:
    settings = Settings.model_validate({"policy": policy})
    why = Policy(settings).forbidden_reason("rollback", ["production"], NOW)
    assert why == f"the policy denies rollback in production {told})"
    ((table, entries),) = list(policy.items())[:1]
    placed = settings.with_locations({(table, next(iter(entries))): "/etc/o.toml:7"})
    why = Policy(placed).forbidden_reason("rollback", ["production"], NOW)
    assert why == f"the policy denies rollback in production {told}, /etc/o.toml:7)"


def test_what_is_allowed_is_confirmed_where_the_plan_warns() -> None:
    settings = Settings(policy={"staging": {"*": PolicyDecision.ALLOW}})
    assert _ruling(settings, _plan("staging")) is PolicyDecision.ALLOW
    note = Finding(severity=Severity.NOTE, text="by the way")
    assert _ruling(settings, _plan("staging", findings=(note,))) is PolicyDecision.ALLOW
    warning = Finding(severity=Severity.WARNING, text="Argo CD will revert it")
    assert _ruling(settings, _plan("staging", findings=(warning,))) is PolicyDecision.CONFIRM


@pytest.mark.parametrize("said", list(PolicyDecision))
def test_a_warning_never_makes_it_easier(said: PolicyDecision) -> None:
    settings = Settings(policy={"staging": {"*": said}})
    warning = Finding(severity=Severity.WARNING, text="Argo CD will revert it")
    ruling = _ruling(settings, _plan("staging", findings=(warning,)))
    assert ruling is (PolicyDecision.CONFIRM if said is PolicyDecision.ALLOW else said)


def test_the_environment_that_is_shown_counts_however_the_plan_was_made() -> None:
    altered = _plan("production").model_copy(update={"environments": ("staging",)})
    assert _ruling(Settings(), altered) is PolicyDecision.TYPED


@pytest.mark.parametrize(
    ("table", "environment", "ruling"),
    [
        ("*", "staging", PolicyDecision.ALLOW),  # nothing protects it
        ("*", "production", PolicyDecision.TYPED),
        ("stag*", "staging", PolicyDecision.ALLOW),
        ("prod*", "production", PolicyDecision.ALLOW),  # a pattern names it, * does not
        ("production", "production", PolicyDecision.ALLOW),
    ],
)
def test_what_is_allowed_everywhere_lifts_no_protection(
    table: str, environment: str, ruling: PolicyDecision
) -> None:
    settings = Settings(policy={table: {"rollback": PolicyDecision.ALLOW}})
    assert _ruling(settings, _plan(environment)) is ruling


def test_blockers_and_missing_rights_deny() -> None:
    blocker = Finding(severity=Severity.BLOCKER, text="it is paused")
    judged = Policy(Settings()).decide([_plan("staging", findings=(blocker,))], NOW)
    assert (judged.decision, judged.explanation) == (PolicyDecision.DENY, "it is paused")
    denied = _plan("staging", permission=Permission.DENIED, permission_note="patch deployments")
    assert (
        "not permitted: patch deployments" in Policy(Settings()).decide([denied], NOW).explanation
    )


def test_several_are_judged_by_the_strictest() -> None:
    judged = Policy(Settings()).decide([_plan("staging"), _plan()], NOW)
    assert (judged.decision, judged.confirmation_text) == (PolicyDecision.TYPED, "rollback 2")
    assert Policy(Settings()).decide([], NOW).decision is PolicyDecision.DENY


def test_without_a_config_everything_is_denied() -> None:
    assert Policy(None).decide([_plan()], NOW).decision is PolicyDecision.DENY
    assert Policy(Settings(), read_only=True).decide([_plan()], NOW).decision is PolicyDecision.DENY


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-01-15T07:59:00+00:00", False),  # Berlin is an hour ahead in winter
        ("2026-01-15T08:00:00+00:00", True),
        ("2026-01-15T15:59:59+00:00", True),
        ("2026-01-15T16:00:00+00:00", False),
        ("2026-07-16T07:00:00+00:00", True),  # and two in summer
        ("2026-01-17T10:00:00+00:00", False),  # a Saturday
    ],
)
def test_change_windows(at: str, opened: bool) -> None:
    window = ChangeWindow(time_zone="Europe/Berlin")
    assert is_open(window, datetime.fromisoformat(at)) is opened


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-01-15T21:00:00+00:00", False),
        ("2026-01-15T22:00:00+00:00", True),
        ("2026-01-16T03:00:00+00:00", True),
        ("2026-01-16T22:30:00+00:00", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_opens(at: str, opened: bool) -> None:
    window = ChangeWindow(days=("thu",), start=time(22), end=time(4))
    assert is_open(window, datetime.fromisoformat(at)) is opened


def test_outside_of_its_windows_an_environment_is_closed() -> None:
    windows = (ChangeWindow(start=time(10), actions=("rollback",)),)
    settings = Settings(change_windows=windows)
    judged = Policy(settings).decide([_plan()], THURSDAY)
    assert "outside of the change window of production" in judged.explanation
    assert "10:00-17:00 UTC" in judged.explanation
    assert _ruling(settings, _plan("staging"), at=THURSDAY) is PolicyDecision.CONFIRM
    assert _ruling(settings, _plan(action="restart"), at=THURSDAY) is PolicyDecision.TYPED


EVERY = ("*", "**", "?*", " * ", "\uff0a", "\uff1f*", "*[!x]", "[a-z]*")
"""Ways to write a pattern that names no environment."""


@pytest.mark.parametrize("every", EVERY)
def test_what_names_no_environment_lifts_no_protection_however_it_is_written(every: str) -> None:
    settings = Settings.model_validate(
        {"protected": ["production"], "policy": {every: {"*": PolicyDecision.ALLOW}}}
    )
    assert _ruling(settings, _plan()) is PolicyDecision.TYPED
    assert specificity_of(every) is Specificity.ANY
    assert is_pattern(every)


@pytest.mark.parametrize("action", ["exec", "debug"])
@pytest.mark.parametrize("environment", ["production", "unknown", "vault-eu"])
def test_nobody_is_let_into_what_is_protected_unless_that_is_named(
    environment: str, action: str
) -> None:
    """What is done inside is in no plan, so an entry for all actions does not open the door."""
    protected = {"protected": ["production", "vault-*"], "environments": {"vault-eu": ["eu"]}}
    plan = _plan(environment, action)
    for policy in (
        {},
        {environment: {"*": PolicyDecision.ALLOW}},
        *({every: {action: PolicyDecision.ALLOW}} for every in EVERY),
        {environment: {f"{action[:3]}*": PolicyDecision.ALLOW}},
    ):
        judged = Policy(Settings.model_validate({**protected, "policy": policy}))
        decision = judged.decide([plan], NOW)
        assert decision.denied, policy
        assert f"{action} is denied there unless the policy allows it ([policy." in (
            decision.explanation
        )
        assert judged.forbidden_reason(action, (environment,), NOW)
    for allowed in (PolicyDecision.CONFIRM, PolicyDecision.TYPED, PolicyDecision.DENY):
        settings = Settings.model_validate(
            {**protected, "policy": {environment: {action: allowed}}}
        )
        assert _ruling(settings, plan) is allowed
    assert _ruling(Settings.model_validate(protected), _plan("staging", action)) is (
        PolicyDecision.CONFIRM
    )
