"""Identities, each written in one form whatever form a source has it in::

    Build(..., inputs=stated(commit("https://github.com/Acme/Shop.git", sha, "head_sha")))
    Pod(..., inputs=stated(image(image_id, "pod imageID")))

Each function returns ``None`` where the text is no such thing; :func:`stated` leaves that out.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from opsboard.records.claims import (
    API_SERVER,
    CLUSTER,
    COMMIT,
    DATASET,
    IMAGE,
    IMAGE_REPOSITORY,
    IMAGE_TAG,
    LOGGED_MODEL,
    MODEL_ALIAS,
    MODEL_VERSION,
    PULL_REQUEST,
    REPOSITORY,
    RUN,
    SERVICE_ADDRESS,
    WORKLOAD,
    Claim,
    Strength,
)

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_SCP: Final = re.compile(
    r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+\.[A-Za-z0-9-]+):(?!\d+/)(?P<path>[^\s]+)"
)
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_PATH: Final = re.compile(
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
_ONE_FOR_EACH_HOST: Final = (".azurecr.io", ".azurecr.cn", ".azurecr.us")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ssh": 22, "git": 9418}
_TWO_PARTS: Final = frozenset({"github.com", "bitbucket.org", "codeberg.org"})
"""Hosts whose repositories have two names; what follows is a path inside of one."""
_PAGES: Final = frozenset({"-", "tree", "blob", "commit", "commits", "raw"})
"""What follows a repository in the addresses of pages about it; no repository may be called so."""
_OVER_HTTPS_PORT: Final = re.compile(r"(?:alt)?ssh\.(?P<host>[^:]+):443")
_REF: Final = re.compile(r"(?<=[^/])@.*", re.DOTALL)


@lru_cache(maxsize=1024)
def repository(url: str) -> str:
    """Return one form for the many of the address of a git repository: ``github.com/acme/shop``.

    Takes what git takes as a remote (``https://``, ``ssh://``, ``git@host:path``), an address
    without a scheme, that of a page of the repository, and one with a ref behind it
    (``git+https://...@main``). Case, credentials, ``.git``, a usual port, and the port of an SSH
    server make no difference. Returns ``""`` where the host or the path is missing.
    """
    text = url.strip().removeprefix("git+").removeprefix("scm:git:")
    if "://" not in text:
        match = _SCP.fullmatch(text)
        text = f"ssh://{match['host']}/{match['path'].lstrip('/')}" if match else f"https://{text}"
    host, path = _host_and_path(text.lower())
    host = _host_of_repositories(host, over_ssh=text.lower().startswith("ssh:"))
    parts = [part for part in _REF.sub("", path).split("/") if part]
    if host in _TWO_PARTS:
        parts = parts[:2]
    end = next((at for at, part in enumerate(parts) if at > 1 and part in _PAGES), len(parts))
    parts = parts[:end]
    if "." not in host and host != "localhost" and ":" not in host:
        return ""
    if not parts:
        return ""
    parts[-1] = parts[-1].removesuffix(".git")
    return "/".join((host, *parts)) if all(parts) else ""


def _host_of_repositories(host: str, *, over_ssh: bool) -> str:
    """Return the name under which *host* is known on the web.

    A port of SSH says nothing of that, and where 22 is closed, hosts have a name for SSH on 443
    (https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port).
    """
    if over_ssh:
        match = _OVER_HTTPS_PORT.fullmatch(host)
        host = match["host"] if match else re.sub(r":\d+\Z", "", host)
    return host.removeprefix("www.")


@lru_cache(maxsize=256)
def server(url: str) -> str:
    """Return one form for the address of a server: ``https://mlflow.example/prefix``.

    Case of the host, credentials, a usual port, query and a slash at the end make no difference.
    Returns ``""`` where *url* names no host.
    """
    scheme, separator, _ = url.strip().partition("://")
    if not separator:
        return ""
    host, path = _host_and_path(url.strip())
    return f"{scheme.lower()}://{host}{path.rstrip('/')}" if host else ""


def _host_and_path(url: str) -> tuple[str, str]:
    """Return the host of *url*, with an unusual port, and its path; empty for what is no URL."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", ""
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    return host, parts.path


def is_commit(sha: str) -> bool:
    """Tell whether *sha* is a full SHA of git, in lower case: 40 or 64 hexadecimal digits."""
    return _SHA.fullmatch(sha) is not None


def digest_in(text: str) -> str:
    """Return the digest that *text* is or ends with, as a pod's ``imageID`` does; else ``""``."""
    digest = text.strip().lower().rpartition("@")[2].rpartition("//")[2]
    return digest if _DIGEST.fullmatch(digest) else ""


def commit(
    repository_url: str, sha: str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a commit; ``None`` where *sha* is short, ``-dirty``, or none at all.

    *repository_url* is the address of the repository in any form, or ``""`` where it is not known:
    then it is joined only where no other repository has a commit with that SHA.
    """
    sha = sha.strip().lower()
    return (
        Claim(COMMIT, repository(repository_url), sha, rule, strength) if is_commit(sha) else None
    )


def image(digest: str, rule: str, strength: Strength = Strength.DIGEST) -> Claim | None:
    """Return the claim of an image by its digest: of its index, its manifest or its config.

    *digest* may stand at the end of a reference (``shop/cart@sha256:...``, ``docker://sha256:...``);
    ``None`` where there is none.
    """
    found = digest_in(digest)
    return Claim(IMAGE, "", found, rule, strength) if found else None


def image_repository(reference: str) -> str:
    """Return registry and repository of an image reference: ``docker.io/library/nginx``.

    Returns ``""`` for what is no reference. The grammar is that of
    https://github.com/distribution/reference.
    """
    name = _without_tag(reference.strip().partition("@")[0])
    first, slash, rest = name.partition("/")
    if not (slash and (set(first) & {".", ":"} or first == "localhost" or first != first.lower())):
        first, rest = "docker.io", name
    host = first.lower()
    if host in {"docker.io", "index.docker.io", "registry-1.docker.io"}:
        host, rest = "docker.io", rest if "/" in rest else f"library/{rest}"
    return f"{host}/{rest}" if _PATH.fullmatch(rest) else ""


def _without_tag(name: str) -> str:
    before, colon, after = name.rpartition(":")
    return before if colon and "/" not in after else name


def image_tag(reference: str, rule: str, strength: Strength = Strength.TAG) -> Claim | None:
    """Return the claim of an image by its tag; ``latest`` where *reference* has neither that nor a
    digest. ``None`` where it has a digest only, or is no reference.
    """
    name, at, _ = reference.strip().partition("@")
    where, bare = image_repository(name), _without_tag(name)
    tag = name[len(bare) + 1 :] if name != bare else "" if at else "latest"
    return Claim(IMAGE_TAG, where, tag, rule, strength) if where and _TAG.fullmatch(tag) else None


@lru_cache(maxsize=1024)
def image_keeper(reference: str) -> str:
    """Return what the image *reference* is kept in, as those who run its registry divide it.

    That is its repository. Azure has a registry for each host, and Google's Artifact Registry one
    repository for all images of ``LOCATION-docker.pkg.dev/PROJECT/REPOSITORY``. Returns ``""`` for
    what is no reference.
    """
    name = image_repository(reference)
    host, *path = name.split("/")
    if host.endswith(_ONE_FOR_EACH_HOST):
        return host
    if host.endswith("-docker.pkg.dev"):
        return "/".join((host, *path[:2])) if len(path) > 2 else ""
    return name


def image_place(reference: str, rule: str, strength: Strength = Strength.TAG) -> Claim | None:
    """Return the claim of what the image *reference* is kept in; ``None`` where it is none."""
    return image_keeper_claim(image_keeper(reference), rule, strength)


def image_keeper_claim(keeper: str, rule: str, strength: Strength = Strength.TAG) -> Claim | None:
    """Return the claim of *keeper* itself, in the form of :func:`image_keeper`."""
    return Claim(IMAGE_REPOSITORY, "", keeper, rule, strength) if keeper else None


def cluster(server_url: str, rule: str, strength: Strength = Strength.SHA) -> Claim | None:
    """Return the claim of the cluster whose API server is at *server_url*; ``None`` where that is
    not known.
    """
    where = server(server_url)
    return Claim(CLUSTER, where, API_SERVER, rule, strength) if where else None


def model_version(
    server_url: str, model: str, version: str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a version of a registered model; ``None`` without model or version.

    *server_url* is the tracking server, or ``""`` where it is not known.
    """
    if not (model and version):
        return None
    return Claim(MODEL_VERSION, server(server_url), f"{model}/{version}", rule, strength)


def model_alias(
    server_url: str, model: str, alias: str, rule: str, strength: Strength = Strength.TAG
) -> Claim | None:
    """Return the claim of what an alias of a model points to; ``None`` without model or alias."""
    if not (model and alias):
        return None
    return Claim(MODEL_ALIAS, server(server_url), f"{model}@{alias}", rule, strength)


def logged_model(
    server_url: str, model_id: str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a model that a run logged (``m-...``); ``None`` without an id."""
    return Claim(LOGGED_MODEL, server(server_url), model_id, rule, strength) if model_id else None


def training_run(
    server_url: str, run: str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a run of training by its id on its server; ``None`` without an id."""
    return Claim(RUN, server(server_url), run, rule, strength) if run else None


def ci_run(
    repository_url: str, run: str | int, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a run of CI by its id in its repository; ``None`` where that is none."""
    where = repository(repository_url)
    return Claim(RUN, where, str(run), rule, strength) if where and run else None


def dataset(
    name: str, digest: str, rule: str, strength: Strength = Strength.DIGEST
) -> Claim | None:
    """Return the claim of a data set by its name and digest; ``None`` where one is missing."""
    return Claim(DATASET, "", f"{name}@{digest}", rule, strength) if name and digest else None


def pull_request(
    repository_url: str, number: int | str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a pull request; ``None`` where repository or number is missing."""
    where = repository(repository_url)
    return Claim(PULL_REQUEST, where, str(number), rule, strength) if where and number else None


def git_repository(
    repository_url: str, rule: str, strength: Strength = Strength.SHA
) -> Claim | None:
    """Return the claim of a repository by a name of it; ``None`` where it has none."""
    where = repository(repository_url)
    return Claim(REPOSITORY, "", where, rule, strength) if where else None


def workload(  # noqa: PLR0917 - the parts of one address, in their order
    server_url: str,
    namespace: str,
    kind: str,
    name: str,
    rule: str,
    strength: Strength = Strength.SHA,
) -> Claim | None:
    """Return the claim of a workload: a ``Deployment`` or the like on the API server *server_url*.

    ``None`` where the server is not known.
    """
    where = server(server_url)
    value = f"{namespace}/{kind}/{name}"
    return Claim(WORKLOAD, where, value, rule, strength) if where else None


def unplaced_workload(
    namespace: str, kind: str, name: str, rule: str, strength: Strength = Strength.LABEL
) -> Claim | None:
    """Return the claim of a workload whose API server nobody has told; ``None`` without a name.

    It is joined where just one cluster has a workload of that name, and a guess where several have.
    """
    known = namespace and kind and name
    return Claim(WORKLOAD, "", f"{namespace}/{kind}/{name}", rule, strength) if known else None


def service_address(
    server_url: str, namespace: str, name: str, rule: str, strength: Strength = Strength.LABEL
) -> Claim | None:
    """Return the claim of a Service that is called inside of a cluster, by its name there.

    ``None`` where the API server *server_url*, the namespace or the name is not known.
    """
    where = server(server_url)
    if not (where and namespace and name):
        return None
    return Claim(SERVICE_ADDRESS, where, f"{namespace}/{name}", rule, strength)
