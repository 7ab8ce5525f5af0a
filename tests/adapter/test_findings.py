"""Findings that the plans of all adapters tell in the same way."""

from opsboard.adapter import Forbidden, Severity, Unreachable
from opsboard.adapter.actions import findings


def test_how_grave_each_is_and_what_it_says() -> None:
    told = [
        (
            findings.unchanged("it is paused"),
            Severity.BLOCKER,
            "it is paused: nothing would change",
        ),
        (findings.not_ended("queued"), Severity.BLOCKER, "it has not ended yet: queued"),
        (
            findings.already_running(["#1", "#2"], "one waits for the other"),
            Severity.WARNING,
            "already running: #1, #2; one waits for the other",
        ),
        (findings.protected("production"), Severity.NOTE, "production is protected"),
        (
            findings.protected("production", ["ann", "bob"]),
            Severity.NOTE,
            "production is protected: ann, bob have to approve",
        ),
        (
            findings.not_known("whether budgets are concerned", Forbidden("403")),
            Severity.NOTE,
            "whether budgets are concerned is not known: may not list them",
        ),
        (
            findings.not_known("its state", Unreachable("no answer")),
            Severity.NOTE,
            "its state is not known: no answer",
        ),
        (
            findings.reverted_by("Argo CD"),
            Severity.WARNING,
            "managed by Argo CD, which is likely to revert this",
        ),
        (findings.destination_failing("it drifts"), Severity.WARNING, "it drifts"),
        (findings.destination_not_known("no pod of it"), Severity.NOTE, "no pod of it"),
    ]
    for finding, severity, text in told:
        assert (finding.severity, finding.text) == (severity, text)


def test_facts_without_a_value_are_left_out() -> None:
    (fact,) = findings.facts(("commit", "c0ffee"), ("branch", ""), ("author", None))
    assert (fact.label, fact.value) == ("commit", "c0ffee")


def test_a_long_list_is_cut() -> None:
    assert findings.listed("abcdefg", 3) == "a, b, c and 4 more"
    assert findings.listed(["a"]) == "a"
