"""What happens in the clusters of a story: roll-outs, pods, config, jobs, and what goes wrong.

Each takes effect at the present time of the stage, and later steps at later times.
"""

from opsboard.demo.world.stories import cluster_statements as says
from opsboard.demo.world.stories.estate import StoryCluster, digest_of
from opsboard.demo.world.stories.model import EventKey
from opsboard.demo.world.stories.stage import (
    StoryConfig,
    StoryCronJob,
    StoryPod,
    StoryStage,
    StoryWorkload,
)
from opsboard.records import Ref, Status


class ClusterOperations:
    """Changes what runs on *stage*."""

    def __init__(self, stage: StoryStage) -> None:
        self.stage = stage
        self._number = stage.rng.randint(100, 4000)

    def number(self) -> int:
        """Return the next number: of a run, of a deployment, of a job."""
        self._number += 1
        return self._number

    def person(self) -> str:
        return self.stage.rng.choice(self.stage.company.people)

    # --- workloads --------------------------------------------------------------------------------

    def show(self, running: StoryWorkload, actor: str = "") -> Ref:
        """Let the cluster tell of *running* as it is now."""
        return self.stage.put(says.deployment(self.stage.company, running), actor)

    def roll_out(self, running: StoryWorkload, sha: str, actor: str = "") -> EventKey:
        """Give *running* a new revision at the commit *sha*, and replace its pods."""
        stage = self.stage
        running.revision += 1
        running.sha, running.since = sha, stage.now
        running.status, running.reason = Status.RUNNING, "Progressing"
        key = EventKey(self.show(running, actor), stage.now)
        self._replace_pods(running)
        return key

    def _replace_pods(self, running: StoryWorkload) -> None:
        stage, revision, at = self.stage, running.revision, 0.0
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

        stage.queue.call_later(at + 1, settle)

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

    # --- pods -------------------------------------------------------------------------------------

    def add_pod(self, running: StoryWorkload, node: str = "") -> StoryPod:
        """Start a pod of the present revision, on *node* or any."""
        stage, rng = self.stage, self.stage.rng
        hash_ = digest_of(running.service.name, str(running.revision))[7:17]
        pod = StoryPod(
            f"{running.service.name}-{hash_}-{rng.suffix(5)}",
            node or rng.choice(running.cluster.nodes),
            running.revision,
            running.sha,
            stage.now,
        )
        running.pods.append(pod)
        ref = stage.put(says.pod_record(running, pod))
        stage.join(says.workload_ref(running), ref, "workload")
        return pod

    def replace_pod(self, running: StoryWorkload, pod: StoryPod, node: str = "") -> StoryPod:
        """Let *pod* be gone, and another one of the same workload be in its place."""
        self.stage.remove(says.pod_ref(running, pod))
        running.pods.remove(pod)
        return self.add_pod(running, node)

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

    # --- config, jobs, events ---------------------------------------------------------------------

    def change_config(self, config: StoryConfig, manager: str = "") -> EventKey:
        """Change a value in *config*; who reads it goes on with the old one until it restarts."""
        stage = self.stage
        config.changed_at = stage.now
        config.manager = manager or stage.rng.choice(("kubectl-edit", "helm", "argocd-controller"))
        return EventKey(stage.put(says.config_record(config), config.manager), stage.now)

    def reschedule(self, cron: StoryCronJob, schedule: str) -> EventKey:
        """Let *cron* run at other times."""
        cron.schedule = schedule
        return EventKey(self.stage.put(says.cron_job_record(cron), self.person()), self.stage.now)

    def run_job(self, cron: StoryCronJob, *, fails: bool = False, seconds: float = 40.0) -> Ref:
        """Start a Job of *cron*; it ends after so many *seconds*."""
        stage, number, began = self.stage, self.number(), self.stage.now
        cron.last_run_at = began
        stage.put(says.cron_job_record(cron))
        ref = stage.put(says.job_record(cron, number, Status.RUNNING, began, None))
        stage.join(says.cron_job_ref(cron), ref, "workload")
        status = Status.FAILED if fails else Status.OK

        def end() -> None:
            stage.put(says.job_record(cron, number, status, began, stage.now))

        stage.queue.call_later(seconds, end)
        return ref

    def report_node(self, cluster: StoryCluster, node: str, reason: str) -> EventKey:
        """Let *cluster* record an event about one of its nodes."""
        record = says.node_event(cluster, node, reason, self.stage.now)
        return EventKey(self.stage.put(record), self.stage.now)
