"""What the form of a retraining starts from: the run of the version that serves, by its names."""

import pytest

from opsboard.acting.training_defaults import (
    LONGEST_NAME,
    starting_from,
    tag_findings,
    tagged_defaults,
    training_defaults,
    training_findings,
)
from opsboard.adapter import Input, Option, Severity, TrainingInputs

TRAINED = TrainingInputs(
    version="v6",
    params=(("learning_rate", "0.03"), ("Epochs", "12"), ("shuffle", "True"), ("model", "xgboost"),
            ("api_key", "hunter2"), ("notes", "a\nb"), ("max-depth", "6"), ("max_depth", "7")),
    dataset="orders-2026-10",
    entry_point="train_all",
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (Input(name="learning_rate", type="number"), "0.03"),
        (Input(name="learning-rate"), "0.03"),
        (Input(name="LearningRate"), "0.03"),
        (Input(name="epochs", type="integer"), "12"),
        (Input(name="shuffle", type="boolean"), "true"),
        (Input(name="data_set"), "orders-2026-10"),
        (Input(name="entry-point"), "train_all"),
        (Input(name="entrypoint", type="choice", options=(Option(value="main"),)), None),
        (Input(name="epochs", type="integer", most=10), None),
        (Input(name="learning_rate", type="integer"), None),
        (Input(name="model"), None),  # what trains says which model
        (Input(name="api_key"), None),
        (Input(name="notes"), None),
        (Input(name="max-depth"), "6"),
        (Input(name="MaxDepth"), None),  # either could be meant
        (Input(name="other"), None),
    ],
)
def test_each_input_takes_the_value_that_fits_it(asked: Input, value: str | None) -> None:
    found = training_defaults([asked], TRAINED)
    assert found == ({} if value is None else {asked.name: value})


OUTSIDE = pytest.mark.parametrize(
    ("logged", "taken"),
    [
        ("s3://bucket/orders v2", True),
        ("-0.5", True),
        ("1e-3", True),
        ("June - all of it", True),
        ("team@example.org", True),
        ("--config=/tmp/evil", False),
        ("12 --config=/tmp/evil", False),
        ("orders -rf", False),
        ("orders -", False),
        ("@/etc/passwd", False),
        ("orders @/etc/passwd", False),
        ("+hydra.job=x", False),
        ("$(reboot)", False),
        ("a; reboot", False),
        ("`reboot`", False),
        ("a|b", False),
        ("", False),
        ("x" * 501, False),
        ("12\n--config=/tmp/evil", False),
        ("\x1b[31mred", False),
        ("a\u202eb", False),
        ("a\u200bb", False),
        ("a\0b", False),
        ("${HOME}", False),
        ("$(PASSWORD)", False),
        ("a && reboot", False),
        ("a > /etc/passwd", False),
        ("'; reboot; '", False),
        ("ghp_" + "a1B2" * 9, False),
        ("https://me:hunter2hunter2@example.org/data", False),
    ],
)


@OUTSIDE
def test_who_logs_a_run_cannot_make_a_program_do_anything_else(logged: str, taken: bool) -> None:
    trained = TrainingInputs(version="v6", params=(("data", logged),))
    assert training_defaults([Input(name="data")], trained) == ({"data": logged} if taken else {})


@OUTSIDE
def test_who_tags_a_model_cannot_either(logged: str, taken: bool) -> None:
    values, faults = tagged_defaults([Input(name="data")], {"data": logged})
    assert (values, set(faults)) == (({"data": logged}, set()) if taken else ({}, {"data"}))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (None, "x"),  # a variable that the container does not have
        (Input(name="PATH"), "/tmp/evil"),
        (Input(name="PYTHONPATH"), "/tmp/evil"),
        (Input(name="LD_PRELOAD"), "/tmp/evil.so"),
        (Input(name="opsboard_plan"), "0000"),
        (Input(name="api_token"), "x"),
        (Input(name="epochs", type="integer"), "many"),
        (Input(name="epochs", type="integer", most=10), "1000"),
        (Input(name="size", type="choice", options=(Option(value="small"),)), "huge"),
    ],
)
def test_a_tag_gives_no_value_for_what_is_not_its_to_say(asked: Input | None, said: str) -> None:
    name = asked.name if asked else "LD_PRELOAD"
    values, faults = tagged_defaults([asked] if asked else [], {name: said})
    assert (values, list(faults)) == ({}, [name])
    (finding,) = tag_findings(faults)
    assert finding.severity is Severity.WARNING
    assert said not in finding.text or said == "x", "what somebody wrote is not repeated"


def test_a_run_names_no_path_of_programs() -> None:
    trained = TrainingInputs(params=(("path", "/data/orders"), ("pythonpath", "/tmp")))
    assert training_defaults([Input(name="PATH"), Input(name="PYTHONPATH")], trained) == {}


def test_what_is_left_out_of_the_tags_is_told_within_bounds() -> None:
    assert tag_findings({}) == ()
    (finding,) = tag_findings({f"{number}" * 999: "no" for number in range(1, 30)})
    assert len(finding.text) < 10 * (LONGEST_NAME + 20)
    assert "and 21 more" in finding.text


def test_what_the_recipe_says_stands_and_the_form_tells_both() -> None:
    inputs = (
        Input(name="epochs", default="5", help="Passes over the data."),
        Input(name="learning_rate", default="0.1"),
        Input(name="reason", default="why"),
    )
    epochs, rate, reason = starting_from(inputs, TRAINED, {"epochs": "20"}, {"reason": "no"})
    assert (epochs.default, epochs.help) == ("20", "Passes over the data; v6 was trained with 12")
    assert (rate.default, rate.help) == ("0.03", "v6 was trained with 0.03")
    assert (reason.default, reason.help) == ("why", "the model's tag is left out: no")


def test_a_plan_says_what_is_as_before_and_what_is_not() -> None:
    inputs = [Input(name="epochs"), Input(name="learning_rate"), Input(name="reason")]
    findings = training_findings(inputs, TRAINED, {"epochs": "20", "learning_rate": "0.03"})
    assert [one.text for one in findings] == [
        "as v6 was trained with: learning_rate", "unlike v6: epochs 20, was 12",
    ]  # fmt: skip
    unread = TrainingInputs(version="v6", unread="no answer")
    (only,) = training_findings(inputs, unread, {})
    assert only.text == "what v6 was trained with is not known: no answer"
    assert training_findings(inputs, TrainingInputs(), {}) == ()
