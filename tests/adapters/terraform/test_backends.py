"""States behind HTTP, in S3 and in a cluster, each on a stand-in of what holds them."""

import gzip
import json
import random
import socket
import stat
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from opsboard.adapter import GROUP, Condition, Health
from opsboard.records import Kind
from opsboard.testing import CANARY, HOSTILE_TEXT, AdapterConformance, FakeContext, World
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.terraform import Terraform, TerraformSettings
from opsboard_adapters.terraform.backends import s3
from opsboard_adapters.terraform.records import RESOURCE, WORKSPACE, Workspace
from tests.adapters.terraform.servers import Answer, Asked, basic, serving
from tests.adapters.terraform.states import KEY_FILE, LOCK, canary, resource, shop

STATE = json.dumps(shop()).encode()
MODIFIED = "Thu, 26 Nov 2026 08:00:00 GMT"


@asynccontextmanager
async def recorded(settings: dict[str, Any], **env: str) -> AsyncIterator[Recorder]:
    """Read a source once, to its first pause or its first error."""
    context = FakeContext(env=env)
    made = TerraformSettings.model_validate(settings)
    async with Terraform.connect(made, context) as source, recording(source) as recorder:
        await recorder.until(lambda: context.pausing == 1, 20)
        yield recorder


async def trouble(settings: dict[str, Any], **env: str) -> Health:
    """Return what is said of a source that cannot be read."""
    made = TerraformSettings.model_validate(settings)
    async with Terraform.connect(made, FakeContext(env=env)) as source:
        async with recording(source) as recorder:
            health = await recorder.until_troubled(20)
        assert "canary" not in repr((health, recorder.changes))
        return health


def workspaces(recorder: Recorder) -> list[Workspace]:
    found = recorder.records.values()
    return sorted((one for one in found if isinstance(one, Workspace)), key=lambda one: one.id)


# --- HTTP ----------------------------------------------------------------------------------------


class TestHttp(AdapterConformance):
    adapter = Terraform
    not_login_files = (KEY_FILE,)
    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset({WORKSPACE, RESOURCE})
    registered: ClassVar[bool] = bool(entry_points(group=GROUP, name="terraform"))

    @asynccontextmanager
    async def world(self) -> AsyncIterator[World]:
        body = json.dumps(shop(7, resource("a", HOSTILE_TEXT, {}))).encode()

        def answer(asked: Asked) -> Answer:
            known = asked.headers.get("if-none-match") == '"7"'
            return Answer(304) if known else Answer(200, body, {"ETag": '"7"'})

        async with serving(answer) as (url, _):
            yield World(TerraformSettings(address=f"{url}/states/prod"), hostile=True)

    @asynccontextmanager
    async def refusing_world(self) -> AsyncIterator[World]:
        async with serving(lambda _: Answer(401, f"no {CANARY}".encode())) as (url, _):
            settings = {"address": url, "username": "ops", "password": CANARY}
            yield World(TerraformSettings.model_validate(settings))

    def unreachable(self) -> TerraformSettings:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return TerraformSettings(address=f"http://127.0.0.1:{sock.getsockname()[1]}/state")


async def test_http_sends_the_login_and_gets_alone() -> None:
    def answer(asked: Asked) -> Answer:
        if asked.headers.get("authorization") != basic("ops", "a password"):
            return Answer(401)
        if asked.target == "/lock":
            return Answer(200, json.dumps(LOCK).encode())
        return Answer(200, STATE, {"Last-Modified": MODIFIED})

    async with serving(answer) as (url, asked):
        login = {"username": "ops", "password": "a password"}
        settings = {"address": f"{url}/states/prod", "lock_address": f"{url}/lock", **login}
        async with recorded(settings) as recorder:
            (known,) = workspaces(recorder)
    assert (known.name, known.serial, known.backend) == ("prod", 7, "http")
    assert (known.locked_by, known.environment) == ("ana@bastion-7", "production")
    assert known.applied_at is not None
    assert {one.method for one in asked} == {"GET"}


async def test_a_server_of_several_states_is_one_source() -> None:
    states = {"prod": shop(7), "staging/eu": shop(3, lineage="of-staging")}
    bodies = {f"/s/{name.replace('/', '%2F')}": json.dumps(it) for name, it in states.items()}

    def answer(asked: Asked) -> Answer:
        if asked.target == "/s/staging%2Feu/lock":
            return Answer(200, json.dumps(LOCK).encode())
        body = bodies.get(asked.target)
        return Answer(404) if body is None else Answer(200, body.encode())

    async with serving(answer) as (url, asked):
        settings = {
            "address": f"{url}/s/{{workspace}}",
            "lock_address": f"{url}/s/{{workspace}}/lock",
            "workspaces": ("prod", "staging/eu", "none", "prod"),
        }
        async with recorded(settings) as recorder:
            found = workspaces(recorder)
    assert [(one.name, one.serial, one.locked_by) for one in found] == [
        ("none", None, ""), ("prod", 7, ""), ("staging/eu", 3, "ana@bastion-7"),
    ]  # fmt: skip
    assert {one.method for one in asked} == {"GET"}
    assert len({one.target for one in asked}) == 6


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"workspaces": ("*",)}, "has to name each"),
        ({"workspaces": ()}, "has to name each"),
        ({"workspaces": ("a",), "workspace": "b"}, "name all in `workspaces`"),
        ({"workspaces": ("a",), "lock_address": "https://tf.example/lock"}, "both address and"),
    ],
)
def test_names_of_several_states_are_asked_for(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TerraformSettings.model_validate({"address": "https://tf.example/{workspace}", **more})


def _has_paused(context: FakeContext, times: int) -> bool:
    return len(context.pauses) >= times


async def test_http_is_read_again_whoever_else_has_read_it() -> None:
    serials = [7]

    def answer(asked: Asked) -> Answer:
        tag = f'"{serials[-1]}"'
        if not serials[-1]:
            return Answer(404)
        if asked.headers.get("if-none-match") == tag:
            return Answer(304)
        return Answer(200, json.dumps(shop(serials[-1])).encode(), {"ETag": tag})

    async with serving(answer) as (url, _):
        context, settings = FakeContext(), TerraformSettings(address=f"{url}/s")
        async with Terraform.connect(settings, context) as source, recording(source) as recorder:
            await recorder.until(lambda: context.pausing == 1, 20)
            for now, serial, reason in ((8, 8, ""), (0, None, "no state yet"), (8, 8, "")):
                serials.append(now)
                assert [one async for one in source.checks()]  # as the page of the source asks
                ends = len(context.pauses) + 1
                context.refresh()
                await recorder.until(partial(_has_paused, context, ends), 20)
                (known,) = workspaces(recorder)
                assert (known.serial, known.reason) == (serial, reason)


@pytest.mark.parametrize("status", [204, 404])
async def test_http_without_a_state_yet(status: int) -> None:
    async with (
        serving(lambda _: Answer(status)) as (url, _),
        recorded({"address": f"{url}/s"}) as recorder,
    ):
        (known,) = workspaces(recorder)
    assert known.reason == "no state yet"


async def test_http_that_tells_no_lock() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(405, canary("lock").encode()) if asked.target == "/l" else Answer(200, STATE)

    async with serving(answer) as (url, _):
        settings = {"address": f"{url}/s", "lock_address": f"{url}/l"}
        async with recorded(settings) as recorder:
            assert not workspaces(recorder)[0].is_locked


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (401, Condition.UNAUTHENTICATED),
        (403, Condition.FORBIDDEN),
        (429, Condition.THROTTLED),
        (500, Condition.UNREACHABLE),
    ],
)
async def test_http_that_fails_quotes_nothing(status: int, condition: Condition) -> None:
    async with serving(lambda _: Answer(status, STATE)) as (url, _):
        assert (await trouble({"address": f"{url}/s"})).condition is condition


async def test_http_that_is_cut_off() -> None:
    async with serving(lambda _: Answer(200, STATE[:-9])) as (url, _):
        assert (await trouble({"address": f"{url}/s"})).condition is Condition.BROKEN


async def test_http_that_is_too_large() -> None:
    async with serving(lambda _: Answer(200, STATE + b" " * 2**20)) as (url, _):
        health = await trouble({"address": f"{url}/s", "max_object_mib": 0.5})
        assert health.condition is Condition.BROKEN


# --- S3 ------------------------------------------------------------------------------------------


def bucket(objects: dict[str, bytes], page: int = 1_000) -> Any:
    """Return a bucket that gives *objects*, and lists *page* of them in an answer."""

    def answer(asked: Asked) -> Answer:
        if "Credential=AKID/" not in asked.headers.get("authorization", ""):
            return Answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        parts = urlsplit(asked.target)
        query = parse_qs(parts.query)
        if "list-type" in query:
            listed = [key for key in sorted(objects) if key.startswith(query["prefix"][0])]
            start = int(query.get("continuation-token", ["0"])[0])
            end = start + page
            more = "<IsTruncated>false</IsTruncated>"
            if end < len(listed):
                token = f"<NextContinuationToken>{end}</NextContinuationToken>"
                more = f"<IsTruncated>true</IsTruncated>{token}"
            items = "".join(
                f"<Contents><Key>{key}</Key><ETag>&quot;{len(objects[key])}&quot;</ETag></Contents>"
                for key in listed[start:end]
            )
            body = f"<ListBucketResult>{more}{items}</ListBucketResult>"
            return Answer(200, body.encode(), {"Content-Type": "application/xml"})
        key = parts.path.removeprefix("/states/").replace("%3A", ":")
        if key not in objects:
            return Answer(404, f"<Error><Code>NoSuchKey</Code>{canary('s3')}</Error>".encode())
        headers = {"ETag": f'"{len(objects[key])}"', "Last-Modified": MODIFIED}
        return Answer(200, objects[key], headers)

    return answer


KEYS = {"access_key_id": "AKID", "secret_access_key": "a secret", "region": "eu-west-1"}


needs_botocore = pytest.mark.skipif(not find_spec("botocore"), reason="no opsboard[s3]")


@needs_botocore
async def test_s3_has_all_workspaces_and_their_locks() -> None:
    objects = {
        "shop/terraform.tfstate": STATE,
        "env:/prod/shop/terraform.tfstate": json.dumps(shop(12)).encode(),
        "env:/prod/shop/terraform.tfstate.tflock": json.dumps(LOCK).encode(),
        "env:/prod/other/terraform.tfstate": b"another key",
    }
    async with serving(bucket(objects)) as (url, asked):
        where = {"bucket": "states", "key": "shop/terraform.tfstate", "endpoint_url": url}
        async with recorded({**where, **KEYS}) as recorder:
            found = [(one.name, one.serial, one.locked_by) for one in workspaces(recorder)]
    assert found == [("default", 7, ""), ("prod", 12, "ana@bastion-7")]
    assert {one.method for one in asked} == {"GET"}


@needs_botocore
async def test_s3_is_looked_through_in_pages_and_no_workspace_goes_beyond_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    objects = {f"env:/{name}/s.tfstate": STATE for name in ("dev", "live", "test")}
    async with serving(bucket(objects, page=1)) as (url, _):
        where = {"bucket": "states", "key": "s.tfstate", "endpoint_url": url, **KEYS}
        async with recorded(where) as recorder:
            assert [one.name for one in workspaces(recorder)] == ["dev", "live", "test"]
        monkeypatch.setattr(s3, "MAX_PAGES", 2)
        health = await trouble(where)
    assert health.condition is Condition.BROKEN
    assert "begin with env:/: not all are looked through" in health.message
    assert "workspace_key_prefix" in health.hint


@needs_botocore
async def test_s3_that_refuses_says_what_is_needed() -> None:
    async with serving(bucket({})) as (url, _):
        where = {"bucket": "states", "endpoint_url": url, **KEYS, "access_key_id": "OTHER"}
        health = await trouble(where)
    assert health.condition is Condition.FORBIDDEN
    assert "s3:GetObject" in health.hint


# --- Kubernetes ----------------------------------------------------------------------------------

KUBECTL = """#!/usr/bin/env python3
import pathlib, sys
here = pathlib.Path(__file__).parent
words = sys.argv[1:]
(here / "asked").open("a").write(" ".join(words) + "\\n")
if (here / "refuse").exists():
    print("canary: forbidden", file=sys.stderr)
    sys.exit(1)
kind = words[words.index("get") + 1]
file = here / ("list" if kind == "secrets" else words[words.index("get") + 2])
sys.stdout.write(file.read_text() if file.exists() else "")
"""


@pytest.fixture
def kubectl(tmp_path: Path) -> Path:
    """A kubectl that prints what is in the files beside it."""
    program = tmp_path / "kubectl"
    program.write_text(KUBECTL)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "list").write_text(
        "tfstate-default-shop  101  default\ntfstate-prod-shop  102  prod\nother 1 <none>\n"
    )
    for name, serial in (("default", 7), ("prod", 12)):
        packed = b64encode(gzip.compress(json.dumps(shop(serial)).encode())).decode()
        fields = [{"manager": "HashiCorp", "time": "2026-11-26T08:00:00Z"}]
        metadata = {"managedFields": fields, "annotations": {"a": canary("note")}}
        secret = {"data": {"tfstate": packed}, "metadata": metadata}
        (tmp_path / f"tfstate-{name}-shop").write_text(json.dumps(secret))
    lease = {
        "metadata": {"annotations": {"app.terraform.io/lock-info": json.dumps(LOCK)}},
        "spec": {"holderIdentity": LOCK["ID"]},
    }
    (tmp_path / "lock-tfstate-prod-shop").write_text(json.dumps(lease))
    return tmp_path


def path_of(folder: Path) -> str:
    return f"{folder}:/usr/local/bin:/usr/bin:/bin"


async def test_kubernetes_has_all_workspaces_and_their_leases(kubectl: Path) -> None:
    settings = {"secret_suffix": "shop", "namespace": "infra", "context": "prod"}
    async with recorded(settings, PATH=path_of(kubectl)) as recorder:
        found = [(one.name, one.serial, one.locked_by) for one in workspaces(recorder)]
        assert workspaces(recorder)[0].applied_at is not None
    assert found == [("default", 7, ""), ("prod", 12, "ana@bastion-7")]
    asked = (kubectl / "asked").read_text().splitlines()
    assert all(" get " in line and "--context=prod -n infra" in line for line in asked)


@pytest.mark.parametrize("data", ["!", b64encode(b"no gzip").decode()])
async def test_kubernetes_with_another_secret(kubectl: Path, data: str) -> None:
    for name in ("default", "prod"):
        (kubectl / f"tfstate-{name}-shop").write_text(json.dumps({"data": {"tfstate": data}}))
    health = await trouble({"secret_suffix": "shop"}, PATH=path_of(kubectl))
    assert "holds no state" in health.message


async def test_kubernetes_with_a_secret_as_large_as_there_may_be(kubectl: Path) -> None:
    noise = random.Random(1).randbytes(850_000).hex()
    body = json.dumps(shop(13, resource("a", "b", {"x": noise}))).encode()
    packed = gzip.compress(body)
    assert 2**20 * 0.8 < len(packed) < 2**20
    (kubectl / "tfstate-prod-shop").write_text(
        json.dumps({"data": {"tfstate": b64encode(packed).decode()}})
    )
    async with recorded({"secret_suffix": "shop"}, PATH=path_of(kubectl)) as recorder:
        assert [one.serial for one in workspaces(recorder)] == [7, 13]


async def test_kubernetes_unpacks_no_more_than_is_allowed(kubectl: Path) -> None:
    bomb = b64encode(gzip.compress(b" " * 2**22)).decode()
    for name in ("default", "prod"):
        (kubectl / f"tfstate-{name}-shop").write_text(json.dumps({"data": {"tfstate": bomb}}))
    settings = {"secret_suffix": "shop", "max_object_mib": 1}
    assert "it is not read" in (await trouble(settings, PATH=path_of(kubectl))).message


async def test_kubernetes_that_refuses_is_not_quoted(kubectl: Path) -> None:
    (kubectl / "refuse").touch()
    health = await trouble({"secret_suffix": "shop"}, PATH=path_of(kubectl))
    assert health.condition is Condition.FORBIDDEN


async def test_without_kubectl_it_says_so(tmp_path: Path) -> None:
    health = await trouble({"secret_suffix": "shop"}, PATH=str(tmp_path))
    assert "no kubectl" in health.message


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "exactly one of"),
        ({"path": "/a", "bucket": "b"}, "path and bucket"),
        ({"address": "http://states.example/s"}, "plain http"),
        ({"address": "https://a:canary@states.example/s"}, "no login in it"),
        ({"address": "https://states.example/s", "username": "a"}, "belong together"),
        ({"bucket": "b", "access_key_id": "a"}, "belong together"),
        ({"path": "/a", "cluster": "nonsense"}, "address of the API server"),
    ],
    ids=["nothing", "two", "plain", "login", "no password", "no secret", "no address"],
)
def test_what_is_wrong_in_the_settings_is_said(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        TerraformSettings.model_validate(settings)
    assert "canary" not in str(caught.value)


def test_the_home_of_nobody_is_a_path_that_is_not_there() -> None:
    made = TerraformSettings(path=Path("~nobody-of-that-name/states"))
    assert made.path == Path("~nobody-of-that-name/states")
