"""What can be done to the things of a story, and what sources then say of it, step by step.

Each takes effect at the present time of the stage, and later steps at later times.
"""

from collections.abc import Callable
from datetime import datetime

from opsboard.demo.world.stories import statements as says
from opsboard.demo.world.stories.estate import digest_of
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.stage import (
    StoryModel,
    StoryPod,
    StoryStage,
    StoryVersion,
    StoryWorkload,
)
from opsboard.records import Ref, Status


class StoryOperations:
    """The hands of a story: builds, roll-outs, config, models, and what goes wrong."""

    def __init__(self, stage: StoryStage) -> None:
        self.stage = stage
        self._number = stage.rng.randint(100, 4000)

    def number(self) -> int:
        """Return the next number: of a run, of a deployment."""
        self._number += 1
        return self._number

    def person(self) -> str:
        return self.stage.rng.choice(self.stage.company.people)

    # --- GitHub -----------------------------------------------------------------------------------

    def run_build(
        self,
        repository: str,
        sha: str,
        *,
        branch: str = "main",
        fails: bool = False,
        seconds: float = 0.0,
    ) -> EventKey:
        """Run CI for a commit; it takes some minutes, or so many *seconds*."""
        stage, number, actor = self.stage, self.number(), self.person()
        began = stage.now

        def state(word: str, ended: datetime | None) -> None:
            run = says.CiRun(repository, number, sha, branch, actor, began)
            stage.put(says.build(run, word, ended), actor)

        state("in_progress", None)
        stage.queue.call_later(
            seconds or stage.rng.uniform(90, 420),
            lambda: state("failure" if fails else "success", stage.now),
        )
        return EventKey(says.build_ref(repository, number), began)

    # --- Kubernetes -------------------------------------------------------------------------------

    def release(
        self,
        running: StoryWorkload,
        sha: str,
        *,
        model_version: str = "",
        then: Callable[[], None] = lambda: None,
    ) -> list[EventKey]:
        """Roll out the commit *sha*; return the transitions that are this one happening.

        *then* is called when the new pods are there.
        """
        stage = self.stage
        running.revision += 1
        running.sha, running.since = sha, stage.now
        running.model_version = model_version or running.model_version
        running.status, running.reason = Status.RUNNING, "Progressing"
        github = [self._tell_github(running)] if running.service.by_github else []
        told = [EventKey(self.show(running), stage.now), *github]
        self._replace_pods(running, then)
        return told

    def _tell_github(self, running: StoryWorkload) -> EventKey:
        stage, number, began = self.stage, self.number(), self.stage.now
        actor = self.person()

        def state(word: str) -> None:
            stage.put(says.github_deployment(running, number, word, began, stage.now), actor)

        state("in_progress")
        stage.queue.call_later(stage.rng.uniform(30, 120), lambda: state("success"))
        return EventKey(says.github_ref(running), began)

    def _replace_pods(self, running: StoryWorkload, then: Callable[[], None]) -> None:
        stage = self.stage
        revision = running.revision
        at = 0.0
        for old in list(running.pods):
            at += stage.rng.uniform(2, 9)

            def replace(old: StoryPod = old) -> None:
                if running.revision == revision and old in running.pods:
                    stage.remove(says.pod_ref(running, old))
                    running.pods.remove(old)
                    self.add_pod(running)
                    self.show(running)

            stage.queue.call_later(at, replace)

        def settle() -> None:
            if running.revision == revision and running.status is Status.RUNNING:
                running.status, running.reason = Status.OK, ""
                self.show(running)
            then()

        stage.queue.call_later(at + 1, settle)

    def add_pod(self, running: StoryWorkload, node: str = "") -> StoryPod:
        """Start a pod of the present revision, on *node* or any."""
        stage, rng = self.stage, self.stage.rng
        hash_ = digest_of(running.service.name, str(running.revision))[7:17]
        pod = StoryPod(
            f"{running.service.name}-{hash_}-{rng.suffix(5)}",
            node or rng.choice(running.cluster.nodes),
            running.revision,
            stage.now,
        )
        running.pods.append(pod)
        ref = stage.put(says.pod_record(running, pod))
        stage.join(says.workload_ref(running), ref, "workload")
        return pod

    def show(self, running: StoryWorkload, actor: str = "") -> Ref:
        """Let the cluster tell of *running* as it is now."""
        return self.stage.put(says.deployment(self.stage.company, running), actor)

    def scale(self, running: StoryWorkload, replicas: int) -> EventKey:
        """Ask for so many *replicas*; new pods follow, and surplus ones go."""
        running.replicas = replicas
        key = EventKey(self.show(running, self.person()), self.stage.now)

        def follow() -> None:
            while len(running.pods) > replicas:
                self.stage.remove(says.pod_ref(running, running.pods.pop()))
            while len(running.pods) < replicas:
                self.add_pod(running)
            self.show(running)

        self.stage.queue.call_later(3, follow)
        return key

    def fail_pod(self, running: StoryWorkload, pod: StoryPod, reason: str, message: str) -> Ref:
        """Let *pod* be in trouble from now on."""
        pod.status, pod.reason, pod.message = Status.FAILED, reason, message
        pod.restarts += reason == "CrashLoopBackOff"
        return self.stage.put(says.pod_record(running, pod))

    def fail(self, running: StoryWorkload, reason: str, message: str) -> Ref:
        """Let *running* be down: its pods first, then itself."""
        for pod in running.pods:
            self.fail_pod(running, pod, reason, message)
        running.status, running.reason, running.message = Status.FAILED, reason, message
        return self.show(running)

    # --- MLflow -----------------------------------------------------------------------------------

    def register(self, model: StoryModel, *, digest: str = "", sha: str = "") -> StoryVersion:
        """Register a new version of *model*, trained on data with that *digest*."""
        stage, last = self.stage, model.versions[-1]
        version = StoryVersion(
            number=str(int(last.number) + 1),
            run=stage.rng.hex(32),
            sha=sha or last.sha,
            dataset=last.dataset,
            digest=digest or last.digest,
            at=stage.now,
        )
        model.versions.append(version)
        stage.put(says.version_record(stage.company, model, version), self.person())
        stage.put(says.model_record(stage.company, model, stage.now))
        return version

    def move_alias(self, model: StoryModel, alias: str, number: str) -> EventKey:
        """Point *alias* of *model* to the version *number*."""
        stage = self.stage
        before = model.aliases.get(alias, "")
        model.aliases[alias] = number
        ref = stage.put(says.model_record(stage.company, model, stage.now), self.person())
        stage.join(says.version_ref(model.name, number), ref, "model-version")
        for version in model.versions:
            if version.number in {before, number}:
                stage.put(says.version_record(stage.company, model, version))
        return EventKey(ref, stage.now)

    def measure(self, model: StoryModel, number: str, value: float) -> Ref:
        """Log a measure of drift of a version."""
        stage = self.stage
        record = says.drift_record(stage.company, model.name, number, value, stage.now)
        stage.join(says.version_ref(model.name, number), record.ref, "model-version")
        return stage.put(record)
