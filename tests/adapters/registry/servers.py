"""Real registries on loopback: Debian's ``docker-registry``, each with a folder of its own."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from opsboard.demo.world.image_content import DemoBlob
from opsboard.demo.world.images import DemoImage
from opsboard.demo.world.world import DemoWorld
from tests.patience import PATIENCE
from tests.ports import free_port

PROGRAM = "docker-registry"
needs_registry = pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason="docker-registry is not installed"
)
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  delete: {{enabled: true}}
  filesystem: {{rootdirectory: {folder}/data}}
http: {{addr: "127.0.0.1:{port}"{tls}}}
{auth}
"""
_TLS = ", tls: {{certificate: {folder}/server.pem, key: {folder}/server.key}}"
_AUTH = "auth: {{htpasswd: {{realm: a registry, path: {folder}/htpasswd}}}}"


@contextmanager
def running(
    folder: Path, *, htpasswd: str = "", certificate: trustme.LeafCert | None = None
) -> Iterator[str]:
    """Run a registry on new files in *folder*; yield its URL.

    With *htpasswd*, a line of such a file (bcrypt), it asks for basic authentication. With
    *certificate*, it speaks TLS.
    """
    port = free_port()
    auth = _AUTH.format(folder=folder) if htpasswd else ""
    (folder / "htpasswd").write_text(htpasswd)
    config = folder / "config.yml"
    tls = ""
    if certificate is not None:
        certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
        certificate.private_key_pem.write_to_path(folder / "server.key")
        tls = _TLS.format(folder=folder)
    config.write_text(_CONFIG.format(folder=folder, port=port, auth=auth, tls=tls))
    log = (folder / "registry.log").open("w")
    env = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    command = [PROGRAM, "serve", str(config)]
    with log, subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log) as process:
        try:
            url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
            _wait(url, process, folder / "registry.log")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            answer = httpx.get(f"{url}/v2/", timeout=PATIENCE, trust_env=False, verify=False)  # noqa: S501
            if answer.status_code in {200, 401}:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"the registry did not start: {log.read_text()[-2000:]}")


class Pusher:
    """Pushes to the registry at *url*, as the distribution specification has it."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)

    def __enter__(self) -> "Pusher":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def blob(self, repository: str, blob: DemoBlob) -> None:
        begun = self._client.post(f"/v2/{repository}/blobs/uploads/")
        begun.raise_for_status()
        where = httpx.URL(begun.headers["Location"]).copy_merge_params({"digest": blob.digest})
        kind = {"Content-Type": "application/octet-stream"}
        self._client.put(where, content=blob.data, headers=kind).raise_for_status()

    def manifest(self, repository: str, blob: DemoBlob, reference: str = "") -> None:
        kind = {"Content-Type": blob.media_type}
        path = f"/v2/{repository}/manifests/{reference or blob.digest}"
        answer = self._client.put(path, content=blob.data, headers=kind)
        assert answer.status_code == 201, answer.text

    def image(self, image: DemoImage, tags: Sequence[str]) -> None:
        """Push an image of the demo, with what is attached to it."""
        repository, content = image.facts.repository, image.content
        for layer in content.layers:
            self.blob(repository, layer)
        others = [one for one in content.parts.values() if one is not content.root]
        for part in others:
            if ".manifest." not in part.media_type:
                self.blob(repository, part)
        for part in others:
            if ".manifest." in part.media_type:
                self.manifest(repository, part)
        for tag in tags:
            self.manifest(repository, content.root, tag)
        if content.referrers_index is not None:
            name = content.digest.replace(":", "-")
            self.manifest(repository, content.referrers_index, name)


def push_all(url: str, world: DemoWorld, repositories: Sequence[str], newest: int) -> None:
    """Push the *newest* images of *repositories*, and where their tags lead now."""
    with Pusher(url) as pusher:
        for repository in repositories:
            tags = world.images.tags(repository, world.now)
            for image in list(world.images.pushed(repository, world.now))[:newest]:
                pusher.image(image, [tag for tag, one in tags.items() if one is image])
