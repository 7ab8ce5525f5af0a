"""In which environments an act is judged: in all that it touches, by what they are called."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.acting.decision import STRICTNESS
from opsboard.acting.policy import Policy
from opsboard.adapter import Plan
from opsboard.config.action_rules import ChangeWindow, PolicyDecision
from opsboard.config.settings import Settings
from tests.acting.lever import REF
from tests.board import NOW

NIGHT = datetime(2026, 1, 15, 23, 0, tzinfo=UTC)
HOMOGLYPH = "\N{CYRILLIC SMALL LETTER ER}roduction"
WIDE = "\N{FULLWIDTH LATIN SMALL LETTER P}roduction"


def _plan(*environments: str, action: str = "rollback", disruptive: bool = True) -> Plan:
    return Plan(
        made_at=NOW,
        action=action,
        title="Roll back",
        ref=REF,
        target="web",
        name="web",
        environments=environments,
        disruptive=disruptive,
    )


def _ruling(settings: Settings, plan: Plan, at: datetime = NOW) -> PolicyDecision:
    return Policy(settings).decide([plan], at).decision


def _why(settings: Settings, plan: Plan, at: datetime = NOW) -> str:
    return Policy(settings).decide([plan], at).explanation


# --- what a plan touches -------------------------------------------------------------------------


def test_a_plan_touches_the_environment_that_it_shows() -> None:
    told = {"made_at": NOW, "action": "a", "title": "t", "ref": REF, "target": "x", "name": "x"}
    assert Plan.model_validate(told).environments == ("unknown",)
    assert Plan.model_validate({**told, "environment": "staging"}).environments == ("staging",)
    left_out = {**told, "environment": "production", "environments": ["staging"]}
    assert Plan.model_validate(left_out).environments == ("production", "staging")
    assert Plan.model_validate({**told, "environments": []}).environments == ()


def test_the_environment_that_is_shown_counts_however_it_was_put_there() -> None:
    plan = _plan("staging").model_copy(update={"environment": "production"})
    assert plan.environments == ("staging",)
    assert _ruling(Settings(), plan) is PolicyDecision.TYPED


def test_a_plan_of_an_older_trail_touches_what_it_says() -> None:
    plan = _plan("production").model_copy(update={"environment": "production"})
    older = plan.model_dump(mode="json", exclude={"environments"})
    assert Plan.model_validate(older).environments == ("production",)
    assert Plan.model_validate({**older, "environment": ""}).environments == ("unknown",)
    kept = plan.model_dump_json()
    assert Plan.model_validate_json(kept).model_dump_json() == kept


# --- the strictest counts ------------------------------------------------------------------------


@pytest.mark.parametrize("touched", [("staging", "production"), ("production", "staging")])
def test_the_strictest_of_all_that_is_touched_counts(touched: Sequence[str]) -> None:
    assert _ruling(Settings(), _plan(*touched)) is PolicyDecision.TYPED
    denied = Settings(
        policy={"production": {"*": PolicyDecision.DENY}, "staging": {"*": PolicyDecision.ALLOW}}
    )
    assert _ruling(denied, _plan(*touched)) is PolicyDecision.DENY
    why = 'the policy denies rollback in production ([policy.production] "*" = "deny")'
    assert _why(denied, _plan(*touched)) == why
    closed = Settings(change_windows=(ChangeWindow(),))
    assert "change window of production" in _why(closed, _plan(*touched), NIGHT)
    assert _ruling(closed, _plan("staging"), NIGHT) is PolicyDecision.CONFIRM


def test_what_is_known_to_touch_nothing_is_not_unknown() -> None:
    assert _ruling(Settings(), _plan()) is PolicyDecision.CONFIRM
    assert (
        _ruling(Settings(policy={"unknown": {"*": PolicyDecision.DENY}}), _plan())
        is PolicyDecision.CONFIRM
    )
    assert (
        _ruling(Settings(policy={"*": {"*": PolicyDecision.DENY}}), _plan()) is PolicyDecision.DENY
    )
    assert _ruling(Settings(protected=("*",)), _plan()) is PolicyDecision.TYPED
    everywhere = Settings(change_windows=(ChangeWindow(environments=("*",)),))
    assert _ruling(everywhere, _plan(), NIGHT) is PolicyDecision.DENY


# --- what nobody knows ---------------------------------------------------------------------------


@pytest.mark.parametrize("disruptive", [True, False])
@pytest.mark.parametrize("protected", [(), ("production",)])
@pytest.mark.parametrize(
    "name",
    [
        "",
        "unknown",
        "UNKNOWN",
        "kunde-a",
        "Produktion",
        HOMOGLYPH,
        f"{HOMOGLYPH}-test",
        "test\u200b",
        "  ",
    ],
)
def test_what_nobody_knows_is_protected(
    name: str, protected: tuple[str, ...], disruptive: bool
) -> None:
    settings = Settings(protected=protected)
    assert _ruling(settings, _plan(name, disruptive=disruptive)) is PolicyDecision.TYPED
    assert "nobody knows" in _why(settings, _plan(name, disruptive=disruptive))
    allowing = settings.model_copy(update={"policy": {"*": {"*": PolicyDecision.ALLOW}}})
    assert _ruling(allowing, _plan(name, disruptive=disruptive)) is PolicyDecision.TYPED, (
        "* tells of nothing"
    )


@pytest.mark.parametrize(
    "settings",
    [
        Settings(environments={"kunde-a": ()}),
        Settings(environments={"Kunde-A": ("*-a",)}),
        Settings(policy={"KUNDE-A": {"scale": PolicyDecision.DENY}}),
        Settings(change_windows=(ChangeWindow(environments=("Kunde-A",)),)),
        Settings(environments={"development": ("kunde-*",)}),
    ],
)
def test_what_the_config_tells_of_is_known(settings: Settings) -> None:
    assert _ruling(settings, _plan("kunde-a"), NOW.replace(hour=12)) is PolicyDecision.CONFIRM
    assert _ruling(settings, _plan("kunde-b"), NOW.replace(hour=12)) is PolicyDecision.TYPED or (
        "development" in settings.environments
    )


@pytest.mark.parametrize("name", ["prod", "Prod-EU", "live", "eu-production-2"])
def test_no_name_of_ones_own_takes_back_that_it_is_production(name: str) -> None:
    settings = Settings(environments={name: ("eu-*",)})
    assert _ruling(settings, _plan(name)) is PolicyDecision.TYPED
    assert "(production) is protected" in _why(settings, _plan(name))
    assert (
        _ruling(Settings(environments={"pre-prod": ()}), _plan("pre-prod"))
        is PolicyDecision.CONFIRM
    )


def test_a_pattern_makes_nothing_known() -> None:
    settings = Settings(policy={"kunde-*": {"*": PolicyDecision.ALLOW}})
    assert _ruling(settings, _plan("kunde-a")) is PolicyDecision.TYPED


def test_what_is_said_of_unknown_holds_for_what_nobody_knows() -> None:
    settings = Settings(policy={"Unknown": {"*": PolicyDecision.DENY}})
    for name in ("", "unknown", "kunde-a", HOMOGLYPH):
        assert _ruling(settings, _plan(name)) is PolicyDecision.DENY
    assert _ruling(settings, _plan("staging")) is PolicyDecision.CONFIRM


def test_a_servers_own_name_is_judged_by_what_it_means_too() -> None:
    settings = Settings(policy={"production-eu": {"*": PolicyDecision.ALLOW}})
    assert _ruling(settings, _plan("production-eu")) is PolicyDecision.TYPED
    assert _why(settings, _plan("Prod-EU")) == "Prod-EU (production) is protected"
    assert _ruling(Settings(protected=()), _plan("stage-2")) is PolicyDecision.CONFIRM


# --- one name, one meaning -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["production", "Production", " PRODUCTION ", WIDE, "prod*", "*"])
def test_names_mean_the_same_everywhere(name: str) -> None:
    protected = Settings(protected=(name,))
    assert _ruling(protected, _plan("production")) is PolicyDecision.TYPED
    assert _ruling(protected, _plan("PRODUCTION")) is PolicyDecision.TYPED
    policy = Settings(protected=(), policy={name: {"*": PolicyDecision.DENY}})
    assert _ruling(policy, _plan("production")) is PolicyDecision.DENY
    window = Settings(protected=(), change_windows=(ChangeWindow(environments=(name,)),))
    assert _ruling(window, _plan("Production"), NIGHT) is PolicyDecision.DENY


@pytest.mark.parametrize("action", ["rollback", "Rollback", "ROLLBACK ", "roll*", "*"])
def test_actions_mean_the_same_everywhere(action: str) -> None:
    settings = Settings(policy={"staging": {action: PolicyDecision.DENY}})
    assert _ruling(settings, _plan("staging")) is PolicyDecision.DENY
    window = ChangeWindow(environments=("staging",), actions=(action,))
    assert (
        _ruling(Settings(change_windows=(window,)), _plan("staging"), NIGHT) is PolicyDecision.DENY
    )


# --- which table counts --------------------------------------------------------------------------


def _said(
    policy: Mapping[str, Mapping[str, PolicyDecision]], environment: str = "staging"
) -> PolicyDecision:
    told = {name: dict(table) for name, table in policy.items()}
    return _ruling(Settings(policy=told), _plan(environment))


ALLOW, CONFIRM, TYPED, DENY = STRICTNESS


@pytest.mark.parametrize(
    ("policy", "ruling"),
    [
        ({"staging": {"*": ALLOW}, "sta*": {"*": TYPED}, "*": {"*": DENY}}, ALLOW),
        ({"sta*": {"*": TYPED}, "*": {"*": CONFIRM}}, TYPED),
        ({"sta*": {"*": ALLOW}, "*": {"*": TYPED}}, ALLOW),
        ({"sta*": {"*": ALLOW}, "*": {"*": DENY}}, DENY),
        ({"sta*": {"*": ALLOW}, "*": {"rollback": DENY}}, DENY),
        ({"sta*": {"*": ALLOW}, "*": {"roll*": DENY}}, DENY),
        ({"?*": {"*": ALLOW}, "*": {"*": TYPED}}, TYPED),
        ({"sta*": {"*": ALLOW}, "*ging": {"*": TYPED}}, TYPED),
        ({"staging": {"*": ALLOW}, "Staging": {"*": TYPED}}, TYPED),
        ({"staging": {"scale": DENY}, "sta*": {"*": ALLOW}}, ALLOW),
        ({"staging": {"rollback": ALLOW, "roll*": TYPED, "*": DENY}}, ALLOW),
        ({"staging": {"roll*": ALLOW, "*": TYPED}}, ALLOW),
        ({"staging": {"roll*": ALLOW, "*": DENY}}, DENY),
        ({"staging": {"roll*": ALLOW, "*back": TYPED}}, TYPED),
        ({"staging": {"rollback": ALLOW, "Rollback": DENY}}, DENY),
        ({"staging": {"*": ALLOW}, "*": {"rollback": DENY}}, ALLOW),
    ],
)
def test_the_more_it_tells_the_more_it_counts(
    policy: Mapping[str, Mapping[str, PolicyDecision]], ruling: PolicyDecision
) -> None:
    assert _said(policy) is ruling
    assert _said(dict(reversed([*policy.items()]))) is ruling, "the order tells nothing"


@pytest.mark.parametrize("name", ["prod-*", "*-live", "Prod-?"])
def test_a_pattern_that_hints_at_an_environment_makes_it_stricter(name: str) -> None:
    """A cluster called prod-eu is shown as production: the pattern is not without effect there."""
    production, staging = _plan("production"), _plan("staging")
    protected = Settings(protected=(name,))
    assert _ruling(protected, production) is PolicyDecision.TYPED
    assert _ruling(protected, staging) is PolicyDecision.CONFIRM
    denied = Settings(policy={name: {"*": DENY}})
    assert _ruling(denied, production) is PolicyDecision.DENY
    assert "denies rollback in production" in _why(denied, production)
    own = Settings(policy={name: {"*": DENY}, "production": {"*": CONFIRM}})
    assert _ruling(own, production) is PolicyDecision.CONFIRM
    softer = Settings(policy={name: {"*": ALLOW}})
    assert _ruling(softer, production) is PolicyDecision.TYPED
    any_pattern = Settings(policy={name: {"*": TYPED}, "product*": {"*": ALLOW}})
    assert _ruling(any_pattern, production) is PolicyDecision.TYPED
    closed = Settings(change_windows=(ChangeWindow(environments=(name,)),))
    assert _ruling(closed, production, NIGHT) is PolicyDecision.DENY
    assert _ruling(closed, staging, NIGHT) is PolicyDecision.CONFIRM
    night = ChangeWindow(start=time(22), end=time(4))
    both = Settings(change_windows=(ChangeWindow(environments=(name,)), night))
    assert _ruling(both, production, NIGHT) is PolicyDecision.TYPED


# --- for whatever config -------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["production", "Production", "staging", "unknown", "kunde-a", "prod-eu", "", HOMOGLYPH, "lab"]
)
PATTERNS = st.sampled_from(["production", "staging", "unknown", "lab", "prod*", "*", "?*", "k*"])
ACTIONS = st.sampled_from(["rollback", "roll*", "*", "scale"])
RULINGS = st.sampled_from(STRICTNESS)
WINDOWS = st.builds(
    ChangeWindow,
    environments=st.lists(PATTERNS, min_size=1, max_size=2).map(tuple),
    actions=st.lists(ACTIONS, min_size=1, max_size=2).map(tuple),
)
CONFIGS = st.builds(
    Settings,
    environments=st.dictionaries(st.sampled_from(["lab", "production"]), st.just(("lab-*",))),
    protected=st.lists(PATTERNS, max_size=2).map(tuple),
    policy=st.dictionaries(PATTERNS, st.dictionaries(ACTIONS, RULINGS, max_size=3), max_size=4),
    change_windows=st.lists(WINDOWS, max_size=2).map(tuple),
)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(settings=CONFIGS, touched=st.lists(NAMES, min_size=1, max_size=4), at=TIMES)
def test_no_environment_makes_another_softer(
    settings: Settings, touched: list[str], at: datetime
) -> None:
    alone = [_ruling(settings, _plan(name), at) for name in touched]
    together = _ruling(settings, _plan(*touched), at)
    assert together is max(alone, key=STRICTNESS.index)


@given(settings=CONFIGS, name=st.sampled_from(["kunde-b", HOMOGLYPH, "\u200btest"]), at=TIMES)
def test_what_nobody_knows_is_never_softer_than_typed(
    settings: Settings, name: str, at: datetime
) -> None:
    explicit = {"unknown"} & settings.policy.keys()
    ruling = _ruling(settings, _plan(name), at)
    assert explicit or STRICTNESS.index(ruling) >= STRICTNESS.index(PolicyDecision.TYPED)
