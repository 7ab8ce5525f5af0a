"""Identities: whatever form a source writes a thing in, it is written in one form here."""

import json
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsboard.records import Build, Claim, Identity, Kind, Strength, stated
from opsboard.records.codec import as_json, from_json, from_plain, to_json, to_plain
from opsboard.records.identity import (
    ci_run,
    commit,
    dataset,
    digest_in,
    image,
    image_repository,
    image_tag,
    model_alias,
    model_version,
    pull_request,
    repository,
    server,
    training_run,
    workload,
)

SHA = "fa2dec5f" * 5
DIGEST = f"sha256:{'9ab0' * 16}"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "https://github.com/Acme/Shop.git",
        "http://GITHUB.com/acme/shop/",
        "https://user:token@github.com:443/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com:22/acme/shop.git",
        "git://github.com/acme/shop",
        "git+https://github.com/acme/shop",
        "github.com/acme/shop",
        "https://www.github.com/acme/shop",
        "https://github.com/acme/shop/tree/main/services/cart",
        "  https://github.com/acme/shop?tab=readme#top ",
        "scm:git:https://github.com/acme/shop.git",
        "ssh://git@ssh.github.com:443/acme/shop.git",
        "ssh://git@GitHub.com:2222/Acme/Shop",
        "GIT@GITHUB.COM:ACME/SHOP.GIT",
        "git@github.com:/acme/shop.git/",
        "SSH://git@GITHUB.COM/acme/shop",
        "https://github.com/acme/shop.git/",
        "https://github.com//acme//shop",
        "https://github.com./acme/shop",
        "git+ssh://git@github.com/acme/shop.git@v1.2#egg=shop",
        "git+https://github.com/acme/shop@refs/heads/main",
        "www.github.com:443/acme/shop",
    ],
)
def test_a_repository_has_one_form(url: str) -> None:
    assert repository(url) == "github.com/acme/shop"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://git.corp:8443/group/sub/app.git", "git.corp:8443/group/sub/app"),
        ("git@gitlab.corp.example:group/sub/app.git", "gitlab.corp.example/group/sub/app"),
        ("ssh://git@git.corp:2222/app", "git.corp/app"),
        ("ssh://git@[::1]:2222/team/app", "[::1]/team/app"),
        ("ssh://git@altssh.gitlab.com:443/group/app.git", "gitlab.com/group/app"),
        ("https://ssh.corp.example:443/group/app", "ssh.corp.example/group/app"),
        ("https://git.corp/git/Acme/App.git/", "git.corp/git/acme/app"),
        ("https://gitlab.corp/a/b/c/app/-/tree/main/x", "gitlab.corp/a/b/c/app"),
        ("https://ghe.corp/acme/app/blob/main/README.md", "ghe.corp/acme/app"),
        ("https://ghe.corp/acme/tree", "ghe.corp/acme/tree"),
        ("https://gitlab.com/group/sub/app", "gitlab.com/group/sub/app"),
        ("https://git.corp/@team/app", "git.corp/@team/app"),
        ("https://user@git.corp/acme/app@v1", "git.corp/acme/app"),
        ("http://localhost:3000/acme/shop", "localhost:3000/acme/shop"),
        ("https://[::1]:3000/acme/shop", "[::1]:3000/acme/shop"),
        ("acme/shop", ""),
        ("shop", ""),
        ("", ""),
        ("https://github.com", ""),
        ("https://github.com/", ""),
        ("https:///acme", ""),
        ("https://host.example:nonsense/acme/shop", ""),
        ("/srv/git/shop.git", ""),
    ],
)
def test_a_repository_keeps_what_makes_it_another(url: str, form: str) -> None:
    assert repository(url) == form
    assert repository(form) == form


_PLACES = st.sampled_from(["github.com", "git.corp", "gitlab.corp.example"])
_NAMES = st.lists(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,6}[a-z]", fullmatch=True), min_size=2, max_size=2
)
_WAYS = st.sampled_from(
    [
        "https://{}/{}",
        "https://u:p@{}:443/{}.git",
        "git@{}:{}.git",
        "ssh://git@{}:2222/{}/",
        "ssh://git@ssh.{}:443/{}.git",
        "git+https://{}/{}@refs/heads/main",
        "{}/{}",
        "HTTPS://WWW.{}/{}/tree/main",
    ]
)


@given(_PLACES, _NAMES, _WAYS, _WAYS)
def test_each_way_to_write_a_repository_comes_to_the_same(
    host: str, names: list[str], one: str, other: str
) -> None:
    path = "/".join(names)
    assume(not path.lower().endswith(".git"))
    known = repository(one.format(host, path))
    assert known == repository(other.format(host, path)) == f"{host}/{path}".lower()
    assert repository(known) == known


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://MLflow.example/", "https://mlflow.example"),
        ("https://mlflow.example:443", "https://mlflow.example"),
        ("http://u:p@mlflow.example:80/prefix/?x=1", "http://mlflow.example/prefix"),
        ("http://mlflow.example:5000", "http://mlflow.example:5000"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
        ("databricks://profile", "databricks://profile"),
        ("mlflow.example", ""),
        ("file:///srv/mlruns", ""),
        ("", ""),
    ],
)
def test_a_server_has_one_form(url: str, form: str) -> None:
    assert server(url) == form


@pytest.mark.parametrize("sha", [SHA, SHA.upper(), f" {SHA}\n", "ab" * 32])
def test_a_full_sha_is_a_commit(sha: str) -> None:
    claim = commit("git@github.com:acme/shop.git", sha, "head_sha")
    assert claim == ("commit", "github.com/acme/shop", sha.strip().lower(), "head_sha", "sha")


@pytest.mark.parametrize(
    "sha", ["", "fa2dec5", f"{SHA}-dirty", f"main/{SHA}", "main", "g" * 40, SHA + "0", DIGEST]
)
def test_anything_else_is_no_commit(sha: str) -> None:
    assert commit("github.com/acme/shop", sha, "a label") is None


def test_a_commit_without_a_known_repository_has_no_scope() -> None:
    claim = commit("", SHA, "a label", Strength.LABEL)
    assert claim is not None
    assert claim.identity == Identity("commit", "", SHA)


@pytest.mark.parametrize(
    "text",
    [
        DIGEST,
        f"shop/cart@{DIGEST}",
        f"registry.example:5000/shop/cart:v1@{DIGEST}",
        f"docker-pullable://shop/cart@{DIGEST}",
        f"docker://{DIGEST}",
        f"containerd://{DIGEST}",
        f" {DIGEST.upper()} ".replace("SHA256", "sha256"),
    ],
)
def test_an_image_is_its_digest(text: str) -> None:
    assert digest_in(text) == DIGEST
    assert image(text, "pod imageID") == ("image", "", DIGEST, "pod imageID", "digest")


@pytest.mark.parametrize("text", ["", "shop/cart:v1", "sha256:9ab0", f"{DIGEST}0", SHA, "sha256:"])
def test_what_has_no_digest_is_no_image(text: str) -> None:
    assert image(text, "pod imageID") is None


@pytest.mark.parametrize(
    ("reference", "where", "tag"),
    [
        ("nginx", "docker.io/library/nginx", "latest"),
        ("nginx:1.27", "docker.io/library/nginx", "1.27"),
        ("bitnami/redis", "docker.io/bitnami/redis", "latest"),
        ("index.docker.io/library/nginx:1", "docker.io/library/nginx", "1"),
        ("docker.io/nginx", "docker.io/library/nginx", "latest"),
        ("registry.example:5000/shop/cart:v56", "registry.example:5000/shop/cart", "v56"),
        ("localhost/cart:dev", "localhost/cart", "dev"),
        ("localhost:5000/cart", "localhost:5000/cart", "latest"),
        (f"ghcr.io/acme/shop:v1@{DIGEST}", "ghcr.io/acme/shop", "v1"),
    ],
)
def test_a_tag_is_in_its_repository(reference: str, where: str, tag: str) -> None:
    assert image_repository(reference) == where
    assert image_tag(reference, "pod spec") == ("image-tag", where, tag, "pod spec", "tag")


@pytest.mark.parametrize(
    "reference",
    ["", ":v1", f"shop/cart@{DIGEST}", "shop/Cart:v1", "shop/cart:", "a b", f"x:{'t' * 129}"],
)
def test_what_is_no_reference_has_no_tag(reference: str) -> None:
    assert image_tag(reference, "pod spec") is None


def test_the_other_things() -> None:
    host = "http://MLflow:5000/"
    assert model_version(host, "fraud", "5", "r") == (
        "model-version", "http://mlflow:5000", "fraud/5", "r", "sha",
    )  # fmt: skip
    assert model_alias("", "fraud", "champion", "r") == (
        "model-alias", "", "fraud@champion", "r", "tag",
    )  # fmt: skip
    assert training_run(host, "ab12", "r") == ("run", "http://mlflow:5000", "ab12", "r", "sha")
    assert ci_run("github.com/Acme/shop", 7, "r") == (
        "run",
        "github.com/acme/shop",
        "7",
        "r",
        "sha",
    )
    assert pull_request("github.com/acme/shop", 9, "r") == (
        "pull-request", "github.com/acme/shop", "9", "r", "sha",
    )  # fmt: skip
    assert dataset("orders", "ab12", "r") == ("dataset", "", "orders@ab12", "r", "digest")
    assert workload("https://k8s:6443", "shop", "Deployment", "cart", "r") == (
        "workload", "https://k8s:6443", "shop/Deployment/cart", "r", "sha",
    )  # fmt: skip


def test_what_is_incomplete_is_left_out() -> None:
    missing = (
        model_version("http://m", "", "5", "r"), model_version("http://m", "fraud", "", "r"),
        model_alias("http://m", "fraud", "", "r"), training_run("http://m", "", "r"),
        ci_run("", 7, "r"), pull_request("", 7, "r"), dataset("orders", "", "r"),
        workload("", "shop", "Deployment", "cart", "r"), image("nginx", "r"),
    )  # fmt: skip
    assert stated(*missing) == ()


def test_each_claim_is_stated_once() -> None:
    one, other = image(DIGEST, "pod imageID"), image_tag("nginx", "pod spec")
    assert stated(one, None, other, one) == (one, other)


def test_the_ranks_of_strength() -> None:
    ranks = [one.rank for one in Strength]
    assert ranks == [0, 1, 2, 3, 4]
    assert [one for one in Strength if one.rank == 0] == [Strength.CANDIDATE]


# --- claims in records ---------------------------------------------------------------------------


def _build(**fields: object) -> Build:
    values = {"source": "gh", "id": "1", "name": "ci #1", "repository": "acme/shop",
              "workflow": "ci", "number": 1, "state": "success"}  # fmt: skip
    return Build(**{**values, **fields})  # type: ignore[arg-type]


def test_claims_survive_the_cache_and_json() -> None:
    build = _build(inputs=stated(commit("github.com/acme/shop", SHA, "GitHub run: head_sha")))
    plain = json.loads(json.dumps(to_plain(build)))
    assert from_plain(Kind.BUILD, plain) == build
    assert from_json(to_json(build)) == build
    assert as_json(build)["inputs"] == [
        {
            "type": "commit",
            "scope": "github.com/acme/shop",
            "value": SHA,
            "rule": "GitHub run: head_sha",
            "strength": "sha",
        }
    ]


def test_a_record_that_states_nothing_is_kept_without_claims() -> None:
    assert not {"inputs", "outputs"} & to_plain(_build()).keys()


def test_hostile_claims_are_cleaned() -> None:
    build = _build(outputs=[["x", "\x1b[2J", "v\n", "\u202er", "label"]])
    (claim,) = build.outputs
    assert not {"\x1b", "\n", "\u202e"} & set("".join(claim))
    assert type(claim) is Claim
    assert claim.strength is Strength.LABEL


@pytest.mark.parametrize("claims", ["text", [["commit", "", SHA, "r", "certain"]], [["commit"]]])
def test_what_is_no_claim_is_refused(claims: object) -> None:
    with pytest.raises((TypeError, ValueError), match=r"Build\.inputs"):
        _build(inputs=claims)


@given(st.text(string.printable, max_size=60))
def test_one_form_is_stable(text: str) -> None:
    for form in (repository, server):
        assert form(form(text)) == form(text)
    where = image_repository(text)
    assert not where or image_repository(where) == where
    assert digest_in(digest_in(text)) == digest_in(text)
