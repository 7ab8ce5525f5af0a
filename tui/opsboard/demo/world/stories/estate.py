"""The company of one story: teams, services, clusters and models, drawn from its seed."""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from opsboard.demo.world.rng import SeededRandom

GITHUB: Final = "github"
MLFLOW: Final = "mlflow"
REGISTRY: Final = "registry"
CONFIG_MAP: Final = "ConfigMap"
SECRET_KIND: Final = "Secret"  # noqa: S105 - a kind of object, no secret

_ORGANISATIONS: Final = ("northquay", "tidemark", "harrowgate", "bluefin", "oakline")
_TEAMS: Final = ("orders", "billing", "identity", "discovery", "logistics", "messaging", "growth")
_SERVICES: Final = (
    "basket", "pricing", "invoices", "refunds", "sessions", "profiles", "tokens", "search-api",
    "indexer", "routing", "labels", "mailer", "push-gateway", "offers", "vouchers", "stock",
    "tax", "ledger-api", "reports", "webhooks", "thumbnails", "exports",
)  # fmt: skip
_MODELS: Final = (
    "eta-predictor", "fraud-score", "offer-ranker", "churn-risk", "spam-filter", "demand-curve",
    "query-intent", "credit-limit",
)  # fmt: skip
_PEOPLE: Final = ("ada", "bruno", "chen", "divya", "elif", "farid", "greta", "hugo", "imani")


@dataclass(frozen=True, slots=True)
class StoryCluster:
    """A cluster, which is a source of its own. *server* is the address of its API."""

    source: str
    environment: str
    server: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryService:
    """A service: where its code and its image are, and what it reads. *model* is what it serves.

    *configs* and *secrets* are names of config maps and secrets in the namespace of its *team*.
    Where it is deployed *by_github*, GitHub lists its deployments.
    """

    name: str
    team: str
    repository: str
    image: str
    configs: tuple[str, ...]
    secrets: tuple[str, ...]
    replicas: int
    by_github: bool
    model: str = ""

    @property
    def reads(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of the config maps and secrets that its pods are given."""
        maps = ((CONFIG_MAP, name) for name in self.configs)
        return (*maps, *((SECRET_KIND, name) for name in self.secrets))


@dataclass(frozen=True, slots=True)
class StoryCompany:
    """Everything that a story is about, as it is for good."""

    organisation: str
    clusters: tuple[StoryCluster, ...]
    services: tuple[StoryService, ...]
    models: tuple[str, ...]
    people: tuple[str, ...]
    mlflow_origin: str

    @property
    def production(self) -> StoryCluster:
        """The first of the clusters that customers depend on."""
        return self.clusters[0]


def found_company(rng: SeededRandom) -> StoryCompany:
    """Return a company of 3 to 4 teams, 8 to 13 services, 2 to 3 clusters and 3 to 5 models."""
    organisation = rng.choice(_ORGANISATIONS)
    teams = _drawn(rng, _TEAMS, rng.randint(3, 4))
    models = _drawn(rng, _MODELS, rng.randint(3, 5))
    names = _drawn(rng, _SERVICES, rng.randint(8, 13))
    clusters = tuple(
        StoryCluster(
            source=f"{environment}-{place}",
            environment=environment,
            server=f"https://{environment}-{place}.k8s.{organisation}.example:6443",
            nodes=tuple(f"{environment}-{place}-n{number}" for number in range(rng.randint(3, 6))),
        )
        for environment, place in _places(rng)
    )
    services = [_service(rng, organisation, teams, name) for name in names]
    for number, model in enumerate(models):
        services[number] = replace(services[number], model=model)
    return StoryCompany(
        organisation,
        clusters,
        tuple(services),
        tuple(models),
        _PEOPLE,
        f"https://mlflow.{organisation}.example",
    )


def _places(rng: SeededRandom) -> list[tuple[str, str]]:
    places = [("production", "eu"), ("staging", "eu")]
    return [*places, ("production", "us")] if rng.chance(0.4) else places


def _service(rng: SeededRandom, organisation: str, teams: list[str], name: str) -> StoryService:
    team = rng.choice(teams)
    monorepo = rng.chance(0.3)
    configs = [f"{name}-config"] * rng.chance(0.8) + [f"{team}-common"] * rng.chance(0.4)
    return StoryService(
        name=name,
        team=team,
        repository=f"{organisation}/{team}-services" if monorepo else f"{organisation}/{name}",
        image=f"registry.{organisation}.example/{team}/{name}",
        configs=tuple(configs),
        secrets=(f"{name}-credentials",) if rng.chance(0.6) else (),
        replicas=rng.randint(2, 4),
        by_github=rng.chance(0.7),
    )


def _drawn(rng: SeededRandom, pool: tuple[str, ...], count: int) -> list[str]:
    """Return *count* different ones of *pool*."""
    left = list(pool)
    return [left.pop(rng.randint(0, len(left) - 1)) for _ in range(count)]


def digest_of(*parts: str) -> str:
    """Return the digest that stands for the content *parts* in this company."""
    return "sha256:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()
