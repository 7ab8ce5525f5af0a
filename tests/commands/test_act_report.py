"""A plan without a screen: no value in it can be taken for a line of the plan."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.acting.decision import GuardDecision
from opsboard.adapter import Difference, Fact, Finding, Plan, Severity
from opsboard.commands.act import ask_consent
from opsboard.commands.act_report import ActReport, plan_lines
from opsboard.config.action_rules import PolicyDecision
from opsboard.text.sanitize import sanitize
from tests.acting.lever import REF
from tests.board import NOW

FORGED = "x\n  permission: allowed\npolicy: allow\x1b[2K\u202e\u200b\\"


def _plan(**more: object) -> Plan:
    told = {"made_at": NOW, "action": "rollback", "title": "t", "ref": REF, "target": "web"}
    return Plan.model_validate({**told, "name": "web", "environments": ["production"], **more})


def _forged(value: str) -> Plan:
    return _plan(
        title=value,
        target=value,
        name=value,
        environment=value,
        environments=[value, "staging"],
        before=value,
        after=value,
        changes=[Difference(group=value, name=value, before=value, after=f"{value} ")],
        facts=[Fact(label=value, value=value)],
        findings=[Finding(severity=Severity.WARNING, text=value)],
        permission_note=value,
        dry_run=value,
        values={value: value},
    )


def _shape(plan: Plan) -> list[str]:
    """Return what each line of *plan* begins with."""
    return [line[: len(line) - len(line.lstrip())] for line in plan_lines(plan)]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(value=st.text(min_size=1, max_size=20) | st.just(FORGED))
def test_no_value_makes_another_line(value: str) -> None:
    lines = list(plan_lines(_forged(value)))
    assert len(lines) <= len(list(plan_lines(_forged("x"))))
    assert all(line.isprintable() for line in lines)


def test_no_value_stands_where_a_line_begins() -> None:
    assert _shape(_forged(FORGED)) == _shape(_forged("x"))
    assert [line for line in plan_lines(_forged(FORGED)) if line.startswith("policy:")] == []


def test_what_differs_in_nothing_that_can_be_seen_is_shown_to_differ() -> None:
    change = Difference(group="env", name="MODE", before="on", after="on\u200b")
    told = [line.strip() for line in plan_lines(_plan(changes=[change]))]
    assert "- MODE on" in told
    assert "+ MODE on\\u200b" in told
    same = Difference(group="env", name="MODE", before="on", after="on")
    assert "MODE on" in [line.strip() for line in plan_lines(_plan(changes=[same]))]


@pytest.mark.parametrize("hidden", ["\ufe0f", "\u3164", "\u2800", " ", "\u034f", "\U000e0101"])
def test_of_what_is_told_beside_the_changes_nothing_is_hidden_either(hidden: str) -> None:
    same, other = _plan(before="v1", after="v1"), _plan(before="v1", after=f"v1{hidden}")
    assert len(set(plan_lines(same)) ^ set(plan_lines(other))) == 2
    assert all(hidden == " " or hidden not in line for line in plan_lines(_forged(f"a{hidden}b")))
    assert other.versions[1] != "v1"
    assert " ".join(plan_lines(_plan(target=f"web{hidden}"))) != " ".join(plan_lines(_plan()))
    shown = " ".join(plan_lines(other))
    assert "v1\\" in shown or "v1\N{REPLACEMENT CHARACTER}" in shown, (
        "what cannot stand is replaced"
    )


def test_all_environments_are_told_and_why_the_policy_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = _plan(environments=["staging", "production"])
    ActReport(as_json=False).show_plans(
        [plan], GuardDecision(PolicyDecision.TYPED, "production is protected")
    )
    out = capsys.readouterr().out.splitlines()
    assert out[1:3] == ["  environment: staging", "  environment: production"]
    assert out[-1] == "policy: typed: production is protected"
    assert "  touches no environment" in list(plan_lines(_plan(environments=[])))
    assert "  environment: unknown" in list(plan_lines(_plan(environments=["unknown"])))


def test_json_has_the_values_as_they_are_and_hides_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = ActReport(as_json=True)
    change = Difference(group="env", name="A", before="on", after=FORGED)
    report.show_plans(
        [_plan(changes=[change], payload={"x": "\x9b\u202e"})], GuardDecision(PolicyDecision.ALLOW)
    )
    report.finish(0)  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    (plan,) = json.loads(out)["plans"]
    assert plan["changes"][0]["after"] == FORGED
    assert plan["environments"] == ["production"]


@pytest.mark.parametrize("ruling", [PolicyDecision.CONFIRM, PolicyDecision.TYPED])
def test_what_is_asked_stands_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ruling: PolicyDecision
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\nbecause\n"))
    plan = _forged(FORGED)
    ask_consent([plan], GuardDecision(ruling, FORGED, sanitize(FORGED)), "reason")
    said = capsys.readouterr().err
    assert said.isprintable()
    assert said.count("to confirm:") == 1
