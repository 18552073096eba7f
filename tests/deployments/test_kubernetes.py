"""What is shipped for Kubernetes, read as Kubernetes would: no cluster is here to take it."""

from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def resources(checkout: Path) -> dict[str, dict[str, Any]]:
    """The resources for calrissian, by kind."""
    text = (checkout / "deployments" / "kubernetes" / "calrissian.yaml").read_text()
    documents = list(yaml.safe_load_all(text))
    assert all(one["apiVersion"] and one["metadata"] for one in documents)
    return {one["kind"]: one for one in documents}


def test_the_job_runs_as_an_account_that_may_make_pods_and_nothing_else(resources: dict[str, dict[str, Any]]) -> None:
    pod = resources["Job"]["spec"]["template"]["spec"]
    account = resources["ServiceAccount"]["metadata"]["name"]
    binding = resources["RoleBinding"]
    assert pod["serviceAccountName"] == account == binding["subjects"][0]["name"]
    assert binding["roleRef"]["name"] == resources["Role"]["metadata"]["name"]
    allowed = {name: set(rule["verbs"]) for rule in resources["Role"]["rules"] for name in rule["resources"]}
    assert set(allowed) == {"pods", "pods/log"}
    assert {"create", "delete", "watch"} <= allowed["pods"]
    assert allowed["pods/log"] == {"get", "list"}


def test_what_it_reads_and_writes_lies_in_a_claim_that_all_pods_can_write(resources: dict[str, dict[str, Any]]) -> None:
    claim, pod = resources["PersistentVolumeClaim"], resources["Job"]["spec"]["template"]["spec"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    (volume,) = pod["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    (container,) = pod["containers"]
    (mount,) = container["volumeMounts"]
    assert mount["name"] == volume["name"]
    assert all(isinstance(word, str) for word in container["args"])
    places = [word for word in container["args"] if word.startswith("/")]
    assert places
    assert all(place.startswith(f"{mount['mountPath']}/") for place in places)


def test_it_has_limits_and_no_rights_that_it_does_not_need(resources: dict[str, dict[str, Any]]) -> None:
    job = resources["Job"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (0, 6 * 3600)
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert job["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
    assert not container["image"].endswith(":latest")
    assert container["resources"]["limits"]["memory"]
