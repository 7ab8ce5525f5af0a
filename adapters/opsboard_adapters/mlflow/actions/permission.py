"""Whether this login may move an alias, as far as MLflow lets itself be asked.

Only servers with basic authentication know permissions, and only answer for a user by name. 3.x
answers with the permission that is in effect; 2.x with what was granted, without its default.
"""

from typing import Final

from opsboard.adapter import Permission, SourceError
from opsboard.adapter.actions import PermissionAnswer
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin

_ENOUGH: Final = frozenset({"EDIT", "MANAGE"})
_RESOLVED: Final = "api/3.0/mlflow/users/permissions/get"
_GRANTED: Final = "users/get"


async def permission_on(model: str, api: MLflowApi, login: MLflowLogin) -> PermissionAnswer:
    """Return whether *login* may change *model*, and from what that is known."""
    user = "" if login.token else login.username
    if not user:
        return PermissionAnswer(
            Permission.UNKNOWN, f"asked with {login.kind}, MLflow does not say what is allowed"
        )
    return (
        await _resolved(api, user, model)
        or await _granted(api, user, model)
        or PermissionAnswer(Permission.UNKNOWN, f"the server does not say what {user} may do")
    )


async def _resolved(api: MLflowApi, user: str, model: str) -> PermissionAnswer | None:
    query = {"username": user, "resource_type": "registered_model", "resource_id": model}
    try:
        permission = str((await api.fetch(_RESOLVED, query)).get("permission", ""))
    except SourceError:
        return None  # a server before 3.x, or one without permissions
    return _judged(permission, user, model) if permission else None


async def _granted(api: MLflowApi, user: str, model: str) -> PermissionAnswer | None:
    try:
        body = await api.get(_GRANTED, {"username": user})
    except SourceError:
        return None
    known = body.get("user")
    if not isinstance(known, dict):
        return None
    if known.get("is_admin") is True:
        return PermissionAnswer(Permission.ALLOWED, f"{user} is an administrator")
    grants = known.get("registered_model_permissions")
    for grant in grants if isinstance(grants, list) else ():
        if isinstance(grant, dict) and grant.get("name") == model:
            return _judged(str(grant.get("permission", "")), user, model)
    return PermissionAnswer(
        Permission.UNKNOWN, f"nothing is granted to {user}: the server's default holds"
    )


def _judged(permission: str, user: str, model: str) -> PermissionAnswer:
    allowed = permission in _ENOUGH
    text = f"{user} has {permission} on {model}" + ("" if allowed else ", and needs EDIT")
    return PermissionAnswer(Permission.ALLOWED if allowed else Permission.DENIED, text)
