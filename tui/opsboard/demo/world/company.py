"""Facts of the company: its services, people, models, and titles for their commits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OWNER: Final = "harbourside"
REGISTRY: Final = "registry.harbourside.example"
GIT_HOST: Final = "github.harbourside.example"
"""The host of the repositories, as commits and labels of images name it."""
BASE_IMAGE: Final = "platform/base"
"""The repository of the image that all others are built on."""
BASE_TAG: Final = "24.04"


class DemoWorkloadKind(StrEnum):
    """The kind of a workload, as Kubernetes spells it."""

    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"


@dataclass(frozen=True, slots=True)
class DemoService:
    """A service that runs in every cluster. *model* is the registered model that it serves.

    *calls* are the services whose addresses its pods are told: ``namespace/name``, which is of the
    team.
    """

    name: str
    team: str
    repository: str
    replicas: int
    kind: DemoWorkloadKind = DemoWorkloadKind.DEPLOYMENT
    port: int = 8080
    model: str = ""
    calls: tuple[str, ...] = ()

    @property
    def image(self) -> str:
        return f"{REGISTRY}/{self.team}/{self.name}"


SERVICES: Final = (
    DemoService(
        "storefront", "shop", "storefront", 6, port=3000, calls=("shop/checkout", "shop/catalog")
    ),
    DemoService("checkout", "shop", "checkout", 4, calls=("shop/cart", "payments/payments")),
    DemoService("cart", "shop", "checkout", 3),
    DemoService("catalog", "shop", "catalog", 4, calls=("shop/search",)),
    DemoService("search", "shop", "catalog", 5, port=9200),
    DemoService(
        "payments",
        "payments",
        "payments",
        4,
        port=8443,
        calls=("payments/ledger", "ml/fraud-scoring"),
    ),
    DemoService("ledger", "payments", "payments", 3, DemoWorkloadKind.STATEFUL_SET, 5432),
    DemoService("fraud-scoring", "ml", "ml-models", 4, model="fraud-detector"),
    DemoService("recommendations", "ml", "recommendations", 5, model="product-ranker"),
    DemoService("forecasting", "ml", "ml-models", 2, model="demand-forecast"),
    DemoService("event-queue", "platform", "platform", 3, DemoWorkloadKind.STATEFUL_SET, 4222),
    DemoService("log-agent", "platform", "platform", 0, DemoWorkloadKind.DAEMON_SET, 9880),
)
TEAMS: Final = ("shop", "payments", "ml", "platform")


@dataclass(frozen=True, slots=True)
class DemoCronSpec:
    """A CronJob that runs every so many *minutes* and fails at *failure_rate* (0 to 1)."""

    name: str
    team: str
    minutes: int
    duration_seconds: float
    failure_rate: float = 0.0
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def schedule(self) -> str:
        """The schedule as a cron expression."""
        return (
            f"*/{self.minutes} * * * *" if self.minutes < 60 else f"0 */{self.minutes // 60} * * *"
        )


CRON_JOBS: Final = (
    DemoCronSpec("feature-refresh", "ml", 5, 45),
    DemoCronSpec(
        "drift-monitor", "ml", 10, 30, variables=(("WINDOW_DAYS", "7"), ("REPORT", "full"))
    ),
    DemoCronSpec("price-import", "shop", 10, 60),
    DemoCronSpec("invoice-export", "payments", 15, 40, failure_rate=0.5),
    DemoCronSpec("ledger-backup", "payments", 60, 120),
)

CRON_REPOSITORIES: Final = {"ml": "ml-models", "shop": "catalog", "payments": "payments"}
"""Team → the repository that the images of its CronJobs are built from."""

AUTOSCALED: Final = {"storefront": (4, 12), "recommendations": (3, 10)}
"""Workload → minimum and maximum replicas of its HorizontalPodAutoscaler."""

DISRUPTION_BUDGETS: Final = {"checkout": 1, "payments": 1, "ledger": 1}
"""Workload → ``maxUnavailable`` of its PodDisruptionBudget."""

GITOPS: Final = {
    "recommendations": {
        "argocd.argoproj.io/tracking-id": "recommendations:apps/Deployment:ml/recommendations"
    },
    "search": {"meta.helm.sh/release-name": "search"},
}
"""Workload → the annotations by which Argo CD or Helm claims it."""

REPOSITORIES: Final = {
    "storefront": "The shop as customers see it",
    "checkout": "Cart and checkout",
    "catalog": "Products, prices and search",
    "payments": "Payments and the ledger",
    "recommendations": "What customers may like next",
    "ml-models": "Training and serving of models",
    "platform": "Clusters, queues and agents",
    "mobile-app": "The shop on phones",
}
PEOPLE: Final = ("amara", "bjorn", "chidi", "dalia", "emre", "freya", "goran", "hana", "ines")
BOT: Final = "renovate-harbour"

MODELS: Final = {
    "fraud-detector": ("Tells fraud from honest payments", "auc", 0.93),
    "product-ranker": ("Orders products for a customer", "ndcg", 0.71),
    "demand-forecast": ("Demand per product and week", "mape", 0.12),
    "churn-predictor": ("Who may leave within a month", "auc", 0.84),
    "support-intent": ("What a message to support is about", "f1", 0.88),
    "image-tagger": ("What a product photo shows", "f1", 0.79),
}
"""Model → description, main metric, and the usual value of that metric."""

LOWER_IS_BETTER: Final = frozenset({"mape"})

COMMIT_TITLES: Final = (
    "Retry idempotent requests once",
    "Show prices with the customer's tax",
    "Bump the base image",
    "Cache product images at the edge",
    "Fix rounding of split payments",
    "Time out slow warehouse calls",
    "Drop the old basket endpoint",
    "Log the order id in every line",
    "Use one connection pool per shard",
    "Read the feature flags once per request",
    "Keep the basket over a login",
    "Guard the refund path against double clicks",
    "Speed up search suggestions",
    "Sort variants by what is in stock",
    "Add a health endpoint that tells the truth",
    "Tidy up the settings page",
    "Write the audit line before the answer",
    "Train on the last ninety days",
    "Weigh rare classes higher",
    "Scale features before the split",
)
BRANCHES: Final = ("fix/rounding", "feature/gift-cards", "feature/dark-mode", "chore/deps")
