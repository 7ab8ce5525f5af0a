"""The demo reads the protobuf that kubectl sends, and says plainly what of it it does not know."""

from base64 import b85decode
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.demo.kubernetes.protobuf import MAGIC, read_protobuf
from opsboard.demo.kubernetes.responses import FakeKubernetesError
from tests.demo.kubernetes.cluster_client import ClusterClock, get

HEADERS = {"Content-Type": "application/vnd.kubernetes.protobuf"}

JOB = b85decode(
    "YdCWN3J(ehVqtV+XfJj#5(7$aViMv43XK5@0&Ou802%^qY$5<E05SkL073v_D+(cFa&K;GZ(=TMbz)_5Ze?_3b1rF"
    "bFKKRbbYX6EX<>9_5(aHyZgpX7YDx+RLvn9!N^fEs4P<g@W^^rWZ*FOHZ*n3eG&E#6Ff(K@EnzohW-T;jW@RlnV=`"
    "tfFkv-jVKrtoVq!63DhOg>bYo~Qb}=vk62$>B!T|~p3IGxS8UP{yDgZJ7H~>Nb60HFeatZ`=VRLH|G;(EUX>)XPc`"
    "j&Sa$;|Fa&u{9WiDlSVQp}1WiM@PFJy9QW^^rWZ*FOHZ*n?wbYWs_WhwwV5DE)dNlrvhS6@UySyK`LH#!aq22w>(P"
    "f}D81ZH(?Y(fBP0CE6;0RV^r0FVIyq5%LJ1x{slWpW@MG5|saWO8X{bV>kH09XKE0B8V$0RV~t0Ga_2WMyVyb!>Dk"
    "b7N>_WOZz1a>4-s8VDc&C;%`3Ish5~A^-"
)
"""What kubectl 1.37 has sent for ``create job m1 --from=cronjob/drift-monitor -n ml``."""

REVIEW = b85decode(
    "YdCWN3Ni{8VRdw9Z*pmRVRUJ4ZZ2y$b1rFbFLp5!7gJ?yW>a-yYGq?|L1SZOb8}K<c4=jI5<dzM3IGxS8UP{yDgZJ"
    "7H~>Nb5+Mp73Ic6x5(Z;(Wnpw>8U<oubYo~D04fA(Z(?&Y06G8~2nYZY02%-w02%-y00"
)
"""What it has sent for ``auth can-i create jobs.batch -n ml``."""


def test_a_job_of_kubectl_is_read_whole() -> None:
    container: dict[str, Any] = {
        "name": "task",
        "image": "registry.harbourside.example/ml/drift-monitor:stable",
        "env": [{"name": "WINDOW_DAYS", "value": "7"}, {"name": "REPORT", "value": "full"}],
        "resources": {},
    }
    made = read_protobuf(JOB)
    (owner,) = made["metadata"].pop("ownerReferences")
    assert (owner["kind"], owner["name"], owner["controller"]) == ("CronJob", "drift-monitor", True)
    assert made["metadata"] == {
        "name": "m1",
        "namespace": "ml",
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
    }
    assert made["spec"]["template"]["spec"] == {
        "containers": [container],
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 30,
        "serviceAccountName": "drift",
        "schedulerName": "default-scheduler",
    }


async def test_it_is_made(api: httpx.AsyncClient, clock: ClusterClock) -> None:
    jobs = "apis/batch/v1/namespaces/ml/jobs"
    answer = await api.post(jobs, content=JOB, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    clock.forward(90)
    job = await get(api, f"{jobs}/m1")
    assert job["status"]["succeeded"] == 1
    assert job["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}


@pytest.mark.parametrize(("who", "allowed"), [({}, True), ({"Impersonate-User": "v"}, False)])
async def test_who_may_is_answered(
    api: httpx.AsyncClient, who: dict[str, str], allowed: bool
) -> None:
    path = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = await api.post(path, content=REVIEW, headers={**HEADERS, **who})
    assert answer.status_code == 201
    assert answer.json()["status"]["allowed"] is allowed


def _message(number: int, value: bytes) -> bytes:
    """Return a field whose value is a text or a message, shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def _envelope(version: str, kind: str, raw: bytes) -> bytes:
    about = _message(1, version.encode()) + _message(2, kind.encode())
    return MAGIC + _message(1, about) + _message(2, raw)


REFUSED = {
    "another kind": (_envelope("apps/v1", "Deployment", b""), "reads a Deployment as JSON only"),
    "a field that is not known": (
        _envelope("batch/v1", "Job", _message(2, _message(11, b"x"))),
        "does not know field 11 of spec",
    ),
    "no envelope": (b"{}", "not Kubernetes' protobuf"),
    "too short": (JOB[:-40], "ends too early"),
    "an odd wire type": (MAGIC + bytes([1 << 3 | 7]), "no wire type 7"),
    "a number for a text": (
        _envelope("batch/v1", "Job", _message(1, bytes([1 << 3, 5]))),
        "name is a number",
    ),
}


@pytest.mark.parametrize(("body", "says"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_known_is_said(api: httpx.AsyncClient, body: bytes, says: str) -> None:
    answer = await api.post("apis/batch/v1/namespaces/ml/jobs", content=body, headers=HEADERS)
    assert answer.status_code in {400, 415}
    assert says in answer.json()["message"]


@given(st.one_of(st.binary(), st.binary().map(lambda body: MAGIC + body)))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_protobuf(body), dict)
    except (FakeKubernetesError, ValueError):
        return


@given(st.integers(0, len(JOB) - 1), st.integers(0, 255))
def test_a_byte_that_is_another_does_no_harm(at: int, byte: int) -> None:
    test_any_bytes_are_read_or_refused.hypothesis.inner_test(  # type: ignore[attr-defined]
        JOB[:at] + bytes([byte]) + JOB[at + 1 :]
    )
