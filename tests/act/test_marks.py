"""What is left in the world keeps its name: older and newer programs look for it by that."""

from opsboard_adapters.kubernetes.act.retrain import MODEL
from opsboard_adapters.kubernetes.act.site import MARK
from opsboard_adapters.kubernetes.sending import MANAGER
from opsboard_adapters.mlflow.act.pointers import STAGE, Pointer
from opsboard_adapters.mlflow.translate import RETRAIN_TAG


def test_marks_in_kubernetes_are_never_renamed() -> None:
    assert MARK == "opsboard.dev/plan"
    assert MODEL == "opsboard.dev/model"
    assert MANAGER == "opsboard"


def test_marks_in_mlflow_are_never_renamed() -> None:
    assert Pointer("champion").mark == "opsboard.plan.champion"
    assert Pointer("champion").trace == "opsboard.previous.champion"
    assert Pointer(f"{STAGE}Production").mark == "opsboard.plan.stage.Production"
    assert RETRAIN_TAG == "opsboard.retrain."
