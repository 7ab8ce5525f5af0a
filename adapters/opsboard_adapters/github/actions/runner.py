"""The actions of a GitHub source, and the runner that carries them out."""

from typing import Any

from opsboard.adapter import Context
from opsboard.adapter.actions import Action, ActionRunner, ReadMemo
from opsboard_adapters.github.actions.base import GitHubActionClient
from opsboard_adapters.github.actions.cancel import CancelRun
from opsboard_adapters.github.actions.dispatch import DispatchWorkflow
from opsboard_adapters.github.actions.rerun import RerunWorkflow
from opsboard_adapters.github.actions.retrain import RetrainWithWorkflow
from opsboard_adapters.github.actions.review import ReviewDeployment
from opsboard_adapters.github.actions.rollback import RollbackDeployment
from opsboard_adapters.github.actions.specs import APPROVE, REJECT, RERUN, RERUN_FAILED
from opsboard_adapters.github.api import GitHubApi
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.settings import GitHubSettings


def github_actions() -> tuple[Action[GitHubActionClient, Any], ...]:
    """Return the actions, one of each."""
    return (
        RerunWorkflow(RERUN, "rerun"),
        RerunWorkflow(RERUN_FAILED, "rerun-failed-jobs", failed_only=True),
        CancelRun(),
        ReviewDeployment(APPROVE, "approved"),
        ReviewDeployment(REJECT, "rejected"),
        DispatchWorkflow(),
        RollbackDeployment(),
        RetrainWithWorkflow(),
    )


def action_runner(
    api: GitHubApi, context: Context, settings: GitHubSettings, web: str
) -> ActionRunner[GitHubActionClient]:
    """Return the runner for a source, whose plans ask for each thing once."""
    client = GitHubActionClient(api, settings, web, GitHubReader(api, ReadMemo()))
    return ActionRunner(github_actions(), context, client, view=GitHubActionClient.with_memo)
