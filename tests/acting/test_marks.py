"""What is left in the world keeps its name: older and newer programs look for it by that."""

from opsboard_adapters.kubernetes.actions.retrain import MODEL_MARK
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.protocol import FIELD_MANAGER
from opsboard_adapters.mlflow.actions.aliases import STAGE, AliasOrStage
from opsboard_adapters.mlflow.translate import RETRAIN_TAG


def test_marks_in_kubernetes_are_never_renamed() -> None:
    assert PLAN_ANNOTATION == "opsboard.dev/plan"
    assert MODEL_MARK == "opsboard.dev/model"
    assert FIELD_MANAGER == "opsboard"


def test_marks_in_mlflow_are_never_renamed() -> None:
    assert AliasOrStage("champion").mark == "opsboard.plan.champion"
    assert AliasOrStage("champion").trace == "opsboard.previous.champion"
    assert AliasOrStage(f"{STAGE}Production").mark == "opsboard.plan.stage.Production"
    assert RETRAIN_TAG == "opsboard.retrain."
