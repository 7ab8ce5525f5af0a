"""All verbs that this adapter asks for: of what it watches and of its actions, as those say it.

Verbs, groups and resources are those of RBAC: *Using RBAC Authorization* in the Kubernetes
documentation.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard.adapter.rights import RightLevel
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard_adapters.kubernetes.actions.findings import HPA, PDB
from opsboard_adapters.kubernetes.resources import CONFIGS, INFERENCE_SERVICES, WATCHED
from opsboard_adapters.kubernetes.source import ACTIONS, PROGRAM_ACTIONS

WATCH: Final = ("get", "list", "watch")


@frozen_unchecked
class ClusterRight(Frozen):
    """*verbs* on *resource* (``pods/log``) of *group*, for *purpose*.

    Where one is missing, *without* happens. *configs* are those that show changes of configuration.
    """

    verbs: tuple[str, ...]
    group: str
    resource: str
    purpose: str
    without: str
    level: RightLevel = RightLevel.READ
    configs: bool = False

    @property
    def full_name(self) -> str:
        """The resource as RBAC spells it in messages: ``deployments.apps/scale``."""
        plural, _, subresource = self.resource.partition("/")
        named = f"{plural}.{self.group}" if self.group else plural
        return f"{named}/{subresource}" if subresource else named


def cluster_rights() -> Sequence[ClusterRight]:
    """Return all of them: those to read, to act, and to be let into pods."""
    return (*_watching(), *_READING, *_acting(), *_PLANNING, *_let_in())


_MISSING: Final = "the rows are missing, and `:sources` says so"


def _watching() -> Iterator[ClusterRight]:
    for one in (*WATCHED, INFERENCE_SERVICES, *CONFIGS):
        yield ClusterRight(
            WATCH,
            one.api_group,
            one.plural,
            f"rows of kind {one.kind}: `list` and `watch`; the page of one: `get`",
            "the board does without"
            if one.optional
            else "the rows are missing, and `:sources` says so",
            configs=one in CONFIGS,
        )


_REVISIONS: Final = "the revisions on a workload's page, rollbacks, what was rolled out before"
_TOLD: Final = "the page says that it may not"
_READING: Final = (
    ClusterRight(("list",), "apps", "replicasets", _REVISIONS, _TOLD),
    ClusterRight(
        ("list",), "apps", "controllerrevisions", _REVISIONS, "the page says that it may not"
    ),
    ClusterRight(("get",), "", "pods/log", "logs", "the log says that it may not"),
    ClusterRight(("get", "list"), "metrics.k8s.io", "pods", "CPU and memory of pods", "no figures"),
    ClusterRight(
        ("get", "list"),
        "metrics.k8s.io",
        "nodes",
        "CPU and memory of nodes: `:nodes` with `list`, the page of one with `get`",
        "no figures, and `:nodes` says so",
    ),
)


def _acting() -> Iterator[ClusterRight]:
    """Yield what the actions themselves say that they need, for each resource that they act on."""
    purposes: dict[tuple[str, str, str], list[str]] = {}
    for action in ACTIONS:
        for acted_on in action.acts_on:
            needed = action.resource_attributes(acted_on, "")
            name = "/".join(filter(None, (needed.resource, needed.subresource)))
            named = purposes.setdefault((needed.verb, needed.group, name), [])
            named += [it for it in (action.spec.id,) if it not in named]
    for (verb, group, resource), actions in purposes.items():
        yield ClusterRight(
            (verb,),
            group,
            resource,
            ", ".join(f"`{action}`" for action in actions),
            "the plan is blocked, and says what to ask for",
            RightLevel.ACT,
        )


def _let_in() -> Iterator[ClusterRight]:
    """Yield what those actions need that run kubectl: each verb of a kind is asked for at once."""
    verbs: dict[tuple[str, str], list[str]] = {}
    purposes: dict[tuple[str, str], list[str]] = {}
    for action in PROGRAM_ACTIONS:
        for needed in action.needs:
            name = needed.group, "/".join(filter(None, (needed.resource, needed.subresource)))
            for found, one in ((verbs, needed.verb), (purposes, action.spec.id)):
                named = found.setdefault(name, [])
                named += [one] if one not in named else []
    for (group, resource), asked in verbs.items():
        yield ClusterRight(
            tuple(asked),
            group,
            resource,
            ", ".join(f"`{action}`" for action in purposes[group, resource]),
            "the plan is blocked, and says what to ask for",
            RightLevel.EXEC,
        )


_CHECK: Final = "the check is left out of the plan"
_NOT_TOLD: Final = "the plan says that it could not be told"
_STARTING: Final = (
    ("", "resourcequotas", "list", "whether quotas admit its pods"),
    ("", "limitranges", "list", "whether limit ranges admit its pods"),
    ("", "nodes", "list", "whether a node could take its pods"),
    ("", "serviceaccounts", "get", "whether what a pod names is there, and its pull secrets"),
    ("", "persistentvolumeclaims", "get", "whether what a pod names is there"),
    ("scheduling.k8s.io", "priorityclasses", "get", "whether what a pod names is there"),
    ("node.k8s.io", "runtimeclasses", "get", "whether what a pod names is there"),
)
_PLANNING: Final = (
    ClusterRight(("list",), "autoscaling", HPA, "plans: what may undo it", _CHECK, RightLevel.ACT),
    ClusterRight(("list",), "policy", PDB, "plans: what may hold it up", _CHECK, RightLevel.ACT),
    ClusterRight(
        ("get",), "", "configmaps", "plans: whether what is read exists", _CHECK, RightLevel.ACT
    ),
    ClusterRight(
        ("get",), "", "secrets", "plans: whether what is read exists", _CHECK, RightLevel.ACT
    ),
    *(
        ClusterRight((verb,), group, plural, f"rollbacks: {purpose}", _NOT_TOLD, RightLevel.ACT)
        for group, plural, verb, purpose in _STARTING
    ),
)
