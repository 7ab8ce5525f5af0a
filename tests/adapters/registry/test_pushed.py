"""Images that are made and pushed by others' tools: umoci and skopeo, into a real registry."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from opsboard.adapter import Unauthenticated
from opsboard.records import Image
from opsboard.records.claims import COMMIT, IMAGE
from opsboard.testing import FakeContext, recording
from opsboard_adapters.registry import RegistrySettings
from opsboard_adapters.registry.source import connect
from tests.adapters.registry import servers
from tests.adapters.registry.images import REVISION, SHA, SOURCE
from tests.adapters.registry.scripted import Looked
from tests.patience import PATIENCE

pytestmark = [
    servers.needs_registry,
    pytest.mark.skipif(
        not all(map(shutil.which, ("skopeo", "umoci"))), reason="skopeo or umoci is not installed"
    ),
]
PASSWORD = "correct-horse"
HTPASSWD = "amara:$2b$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n"


def _run(*words: str, cwd: Path) -> str:
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def _image(folder: Path, tag: str, *labels: str, base: str = "") -> None:
    """Make an image in the layout ``oci`` with umoci, on *base* or on nothing."""
    if base:
        _run("umoci", "tag", "--image", f"oci:{base}", tag, cwd=folder)
    else:
        if not (folder / "oci").exists():
            _run("umoci", "init", "--layout", "oci", cwd=folder)
        _run("umoci", "new", "--image", f"oci:{tag}", cwd=folder)
    (folder / tag).write_text(tag)
    _run("umoci", "insert", "--image", f"oci:{tag}", tag, f"/{tag}", cwd=folder)
    options = [word for label in labels for word in ("--config.label", label)]
    if options:
        _run("umoci", "config", "--image", f"oci:{tag}", *options, cwd=folder)


def _push(folder: Path, tag: str, url: str, name: str, *options: str) -> None:
    target = f"docker://{url.removeprefix('http://')}/{name}"
    policy = ("--insecure-policy", "copy", "--dest-tls-verify=false", *options)
    _run("skopeo", *policy, f"oci:oci:{tag}", target, cwd=folder)


async def _look(url: str, home: Path, **settings: object) -> dict[str, Image]:
    given = RegistrySettings.model_validate({"url": url, **settings})
    context = FakeContext(home=home)
    async with connect(given, context) as source, recording(source) as recorder:
        found = Looked(source, context, recorder)
        await found.settle()
        if recorder.error is not None:
            raise recorder.error
        return found.images


async def test_an_image_of_umoci_has_the_commit_of_its_label(tmp_path: Path) -> None:
    _image(tmp_path, "v1", f"{REVISION}={SHA}", f"{SOURCE}=https://github.com/acme/cart.git")
    with servers.running(tmp_path) as url:
        _push(tmp_path, "v1", url, "shop/cart:v1")
        images = await _look(url, tmp_path)
        shown = _run(
            "skopeo", "inspect", "--tls-verify=false",
            f"docker://{url.removeprefix('http://')}/shop/cart:v1", cwd=tmp_path,
        )  # fmt: skip
    image = images["shop/cart:v1"]
    told = json.loads(shown)
    assert image.digest == told["Digest"]
    assert {one.key: one.value for one in image.labels} == told["Labels"]
    assert image.commit == SHA
    assert [one.scope for one in image.inputs if one.type == COMMIT] == ["github.com/acme/cart"]


async def test_a_label_that_umoci_took_over_from_the_base_is_inherited(tmp_path: Path) -> None:
    _image(tmp_path, "base", f"{REVISION}={SHA}")
    _image(tmp_path, "app", base="base")
    _image(tmp_path, "own", f"{REVISION}={'e' * 40}", base="base")
    with servers.running(tmp_path) as url:
        for tag, name in (
            ("base", "infra/base:1"),
            ("app", "shop/cart:v1"),
            ("own", "shop/api:v1"),
        ):
            _push(tmp_path, tag, url, name)
        images = await _look(url, tmp_path)
    assert (images["shop/cart:v1"].inherited, images["shop/cart:v1"].commit) == (True, "")
    assert (images["shop/api:v1"].inherited, images["shop/api:v1"].commit) == (False, "e" * 40)
    assert images["infra/base:1"].commit == SHA


async def test_the_same_image_in_dockers_own_format(tmp_path: Path) -> None:
    """Its digests are others than those of the OCI format, and each names only its own image."""
    _image(tmp_path, "v1", f"{REVISION}={SHA}")
    with servers.running(tmp_path) as url:
        _push(tmp_path, "v1", url, "shop/cart:v1", "--format", "v2s2")
        _push(tmp_path, "v1", url, "shop/cart:v2", "--format", "oci")
        images = await _look(url, tmp_path)
    assert {one.commit for one in images.values()} == {SHA}
    of = [{one.value for one in image.outputs if one.type == IMAGE} for image in images.values()]
    assert len(of) == 2
    assert images["shop/cart:v1"].digest != images["shop/cart:v2"].digest


async def test_a_registry_with_passwords(tmp_path: Path) -> None:
    _image(tmp_path, "v1", f"{REVISION}={SHA}")
    with servers.running(tmp_path, htpasswd=HTPASSWD) as url:
        _push(tmp_path, "v1", url, "shop/cart:v1", "--dest-creds", f"amara:{PASSWORD}")
        images = await _look(url, tmp_path, username="amara", password=PASSWORD)
        assert images["shop/cart:v1"].commit == SHA
        with pytest.raises(Unauthenticated):
            await _look(url, tmp_path, username="amara", password="wrong")
        login = ("skopeo", "login", "--tls-verify=false", "--authfile")
        file = tmp_path / ".docker" / "config.json"
        file.parent.mkdir()
        host = url.removeprefix("http://")
        _run(*login, str(file), "-u", "amara", "-p", PASSWORD, host, cwd=tmp_path)
        assert list(await _look(url, tmp_path)) == ["shop/cart:v1"]
