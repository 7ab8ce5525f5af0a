"""What ``opsboard`` prints where there is no source to show, and no demo either."""

from typing import Final

from opsboard.config.paths import user_paths
from opsboard.demo.process import INSTALL_DEMO

_TEXT: Final = """\
Nothing is configured, and nothing was found on this machine.

Let opsboard find something: it looks for
  - a git remote on GitHub in this folder, logged in by `gh`,
    GH_TOKEN or GITHUB_TOKEN
  - the current context of a kubeconfig (KUBECONFIG, or ~/.kube/config)
  - an MLflow server named by MLFLOW_TRACKING_URI

Or say what to show:
  opsboard init      writes a config with an example and every key explained:
                     {config}
  opsboard doctor    tests each source of it, and says how to fix what fails

Or look at a demo first, which needs nothing of yours:
  {install}
  opsboard demo
"""


def first_steps() -> str:
    """Return how to set opsboard up, for a terminal of 80 columns."""
    return _TEXT.format(config=user_paths().config_file, install=INSTALL_DEMO)
