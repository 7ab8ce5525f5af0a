"""Whether this login may change a model or a run, as far as MLflow lets itself be asked.

Only servers with basic authentication know permissions, and only answer for a user by name. 3.x
answers with the permission that is in effect; 2.x with what was granted, without its default.
"""

from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Permission, SourceError
from opsboard.adapter.actions import PermissionAnswer
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin

_ENOUGH: Final = frozenset({"EDIT", "MANAGE"})
_RESOLVED: Final = "api/3.0/mlflow/users/permissions/get"
_GRANTED: Final = "users/get"


@dataclass(frozen=True, slots=True)
class _Resource:
    """The *kind* as users/permissions/get has it, the field of a grant that names it, *what*."""

    kind: str
    field: str
    identity: str
    what: str


async def permission_on_model(model: str, api: MLflowApi, login: MLflowLogin) -> PermissionAnswer:
    """Return whether *login* may change *model*, and from what that is known."""
    return await _permission(_Resource("registered_model", "name", model, model), api, login)


async def permission_on_experiment(
    identity: str, api: MLflowApi, login: MLflowLogin
) -> PermissionAnswer:
    """Return whether *login* may change the runs of an experiment, and from what that is known."""
    what = f"experiment {identity}"
    return await _permission(_Resource("experiment", "experiment_id", identity, what), api, login)


async def _permission(one: _Resource, api: MLflowApi, login: MLflowLogin) -> PermissionAnswer:
    user = "" if login.token else login.username
    if not user:
        return PermissionAnswer(
            Permission.UNKNOWN, f"asked with {login.kind}, MLflow does not say what is allowed"
        )
    return (
        await _resolved(api, user, one)
        or await _granted(api, user, one)
        or PermissionAnswer(Permission.UNKNOWN, f"the server does not say what {user} may do")
    )


async def _resolved(api: MLflowApi, user: str, one: _Resource) -> PermissionAnswer | None:
    query = {"username": user, "resource_type": one.kind, "resource_id": one.identity}
    try:
        permission = str((await api.fetch(_RESOLVED, query)).get("permission", ""))
    except SourceError:
        return None  # a server before 3.x, or one without permissions
    return _judged(permission, user, one.what) if permission else None


async def _granted(api: MLflowApi, user: str, one: _Resource) -> PermissionAnswer | None:
    try:
        body = await api.get(_GRANTED, {"username": user})
    except SourceError:
        return None
    known = body.get("user")
    if not isinstance(known, dict):
        return None
    if known.get("is_admin") is True:
        return PermissionAnswer(Permission.ALLOWED, f"{user} is an administrator")
    grants = known.get(f"{one.kind}_permissions")
    for grant in grants if isinstance(grants, list) else ():
        if isinstance(grant, dict) and grant.get(one.field) == one.identity:
            return _judged(str(grant.get("permission", "")), user, one.what)
    return PermissionAnswer(
        Permission.UNKNOWN, f"nothing is granted to {user}: the server's default holds"
    )


def _judged(permission: str, user: str, what: str) -> PermissionAnswer:
    allowed = permission in _ENOUGH
    text = f"{user} has {permission} on {what}" + ("" if allowed else ", and needs EDIT")
    return PermissionAnswer(Permission.ALLOWED if allowed else Permission.DENIED, text)
