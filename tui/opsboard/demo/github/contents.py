"""Files and commits. The only files are those of the workflows."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, Final

from opsboard.demo.github.repositories import path_of, stamp
from opsboard.demo.github.responses import FakeGitHubUrls
from opsboard.demo.github.users import node_id, user
from opsboard.demo.world.ci import (
    DemoCommit,
    DemoInputSpec,
    DemoJobSpec,
    DemoRepository,
    DemoWorkflowSpec,
)
from opsboard.demo.world.commits import DemoComparison

_EVENTS: Final = {
    "push": "  push:\n  pull_request:\n",
    "workflow_run": "  workflow_run:\n    workflows: [ci]\n    types: [completed]\n",
    "schedule": '  schedule:\n    - cron: "*/15 * * * *"\n',
}


def file_of(
    links: FakeGitHubUrls, repository: DemoRepository, path: str, ref: str
) -> dict[str, Any] | None:
    """Return the file at *path*, or ``None`` if it is no workflow."""
    flow = next((flow for flow in repository.workflows if path_of(flow) == path), None)
    if flow is None:
        return None
    text = workflow_text(flow.spec).encode()
    sha = hashlib.sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest()
    api, page = links.repository(repository.full_name), links.page(repository.full_name)
    url, git_url = f"{api}/contents/{path}?ref={ref}", f"{api}/git/blobs/{sha}"
    html_url = f"{page}/blob/{ref}/{path}"
    return {
        "name": flow.spec.file,
        "path": path,
        "sha": sha,
        "size": len(text),
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": f"{page}/raw/{ref}/{path}",
        "type": "file",
        "content": base64.encodebytes(text).decode(),
        "encoding": "base64",
        "_links": {"self": url, "git": git_url, "html": html_url},
    }


def workflow_text(spec: DemoWorkflowSpec) -> str:
    """Return *spec* as a workflow file (YAML)."""
    title = spec.run_name.replace("{", "${{ inputs.").replace("}", " }}")
    return "".join(
        (
            f"name: {spec.name}\n",
            f"run-name: {title}\n" if title else "",
            "\non:\n",
            _EVENTS.get(spec.event, ""),
            *_inputs(spec),
            "\njobs:\n",
            *(line for stage in spec.stages for job in stage for line in _job(job)),
        )
    )


def _inputs(spec: DemoWorkflowSpec) -> Iterator[str]:
    if spec.inputs:
        yield "  workflow_dispatch:\n    inputs:\n"
    for one in spec.inputs:
        yield from _input(one)


def _input(one: DemoInputSpec) -> Iterator[str]:
    yield f"      {one.name}:\n        description: {one.description}\n"
    yield f"        type: {one.type}\n"
    if one.default:
        bare = one.type in {"boolean", "number"}
        yield f"        default: {one.default if bare else repr(one.default)}\n"
    if one.required:
        yield "        required: true\n"
    if one.options:
        yield "        options:\n" + "".join(f"          - {value}\n" for value in one.options)


def _job(job: DemoJobSpec) -> Iterator[str]:
    yield f"  {job.name.replace(' ', '-').strip('()').replace('(', '')}:\n"
    yield f"    name: {job.name}\n    runs-on: ubuntu-24.04\n"
    if job.environment:
        yield f"    environment: {job.environment}\n"
    yield "    steps:\n"
    for name in job.steps[1:-1]:
        slug = name.lower().replace(" ", "-")
        yield f"      - name: {name}\n        run: make {slug}\n"


def commit(links: FakeGitHubUrls, repository: DemoRepository, one: DemoCommit) -> dict[str, Any]:
    """Return a commit as ``GET /repos/{owner}/{repo}/commits/{ref}`` does."""
    api, page = links.repository(repository.full_name), links.page(repository.full_name)
    url, tree = f"{api}/commits/{one.sha}", hashlib.sha256(one.sha.encode()).hexdigest()[:40]
    who = {
        "name": one.author.capitalize(),
        "email": f"{one.author}@harbourside.example",
        "date": stamp(one.at),
    }
    return {
        "sha": one.sha,
        "node_id": node_id("C", int(one.sha[:8], 16)),
        "url": url,
        "html_url": f"{page}/commit/{one.sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{api}/git/commits/{one.sha}",
            "author": who,
            "committer": who,
            "message": one.title,
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
        },
        "author": user(links, one.author),
        "committer": user(links, one.author),
        "parents": [],
        "stats": {"total": 0, "additions": 0, "deletions": 0},
        "files": [],
    }


def comparison(
    links: FakeGitHubUrls,
    repository: DemoRepository,
    base: DemoCommit,
    head: DemoCommit,
    found: DemoComparison,
) -> dict[str, Any]:
    """Return how *head* stands to *base*, on a page that lists neither commits nor files."""
    url = f"{links.repository(repository.full_name)}/compare/{base.sha}...{head.sha}"
    page = f"{links.page(repository.full_name)}/compare/{base.sha}...{head.sha}"
    words = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    return {
        "url": url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit(links, repository, base),
        "merge_base_commit": commit(links, repository, found.merge_base),
        "status": words.get((found.ahead > 0, found.behind > 0), "identical"),
        "ahead_by": found.ahead,
        "behind_by": found.behind,
        "total_commits": found.ahead,
        "commits": [],
        "files": [],
    }
