"""The calls that read from an MLflow server.

Parameters and page sizes hold for 2.x and 3.x alike. What a server answers is decoded into
:mod:`~opsboard_adapters.mlflow.structs`.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from opsboard.adapter import Forbidden, Malformed, NotFound
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.mlflow import structs
from opsboard_adapters.mlflow.registry_calls import RegistryCalls
from opsboard_adapters.mlflow.structs import GetTraceResponse, GetUserResponse, MLflowTrace
from opsboard_adapters.mlflow.tracking_calls import TrackingCalls
from opsboard_adapters.mlflow.transport import ListField, Parameters, inner_object, whole

TRACES_PER_PAGE: Final = 100
SPANS: Final = "ajax-api/2.0/mlflow/get-trace-artifact"
VERSION: Final = re.compile(r"\d[\w.+-]{0,39}")

_TRACES: Final = ListField("traces", MLflowTrace, structs.name_of_trace)


class MLflowApi(RegistryCalls, TrackingCalls):
    """One server: what it has, asked for and decoded.

    Records that cannot be read are left out, and noted in the *skips* that are given.
    """

    # --- traces ---

    async def traces(
        self, condition: str, experiments: Sequence[str], skips: SkippedRecords, limit: int
    ) -> Sequence[MLflowTrace]:
        """Return the traces of *experiments* that meet *condition*, newest first."""
        if not experiments:
            return ()
        query: Parameters = {
            "experiment_ids": list(experiments),
            "order_by": ["timestamp_ms DESC"],
            **({"filter": condition} if condition else {}),
        }
        pages = self.pages("traces", query, TRACES_PER_PAGE, _TRACES, skips)
        return (await whole(pages, limit)).items

    async def trace(self, trace_id: str) -> MLflowTrace:
        """Return what is noted of a trace, without its spans. Raises :exc:`NotFound`."""
        path = f"traces/{quote(trace_id, safe='')}/info"
        return (await self.typed(path, {}, GetTraceResponse)).trace_info

    async def raw_trace(self, trace_id: str) -> dict[str, Any]:
        """Return a trace as the server describes it, with its spans where there are any."""
        body = await self.get(f"traces/{quote(trace_id, safe='')}/info", {})
        trace = inner_object(body, "trace_info", f"trace {trace_id}")
        with suppress(NotFound):
            trace = {**trace, "spans": list(await self.spans(trace_id))}
        return trace

    async def spans(self, trace_id: str) -> Sequence[Any]:
        """Return the spans of a trace as the client wrote them, which is not the same in 2 and 3.

        Raises :exc:`NotFound` where there are none yet.
        """
        found = (await self.fetch(SPANS, {"request_id": trace_id})).get("spans")
        return found if isinstance(found, list) else ()

    # --- the server ---

    async def current_user(self, username: str = "") -> str:
        """Return how the server calls who asks, ``""`` where it does not say.

        Servers with logins say it since 3.x. Before, they say of the user *username* whether there
        is one, and that to nobody but that user and administrators.
        """
        with suppress(NotFound, Malformed, Forbidden):
            return (await self.typed("users/current", {}, GetUserResponse)).user.username
        with suppress(NotFound, Malformed, Forbidden):
            if username:
                query = {"username": username}
                return (await self.typed("users/get", query, GetUserResponse)).user.username
        return ""

    async def version(self) -> str:
        """Return the version of the server, or ``""`` where it does not say."""
        try:
            response = await self._send(self._client.build_request("GET", "version"))
        except NotFound:
            return ""
        text = response.text.strip()  # declared as a web page, although it is none
        return text if VERSION.fullmatch(text) else ""


_IS_PROMPT: Final = "mlflow.prompt.is_prompt"
