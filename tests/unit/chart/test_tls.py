"""With a certificate the bridge has TLS, and everything that calls it trusts its authority."""

import json

import pytest

CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TLS = {"bridge": {"tls": {"secretName": "bridge-tls"}}}
WITH_CA = {"bridge": {"tls": {"secretName": "bridge-tls", "ca": CA}}}


def named(manifests, kind, name):
    (found,) = [item for item in manifests if (item["kind"], item["metadata"]["name"]) == (kind, name)]
    return found


def container(manifests, component, kind="Deployment"):
    found = named(manifests, kind, f"batterysim-{component}")["spec"]
    spec = found["template"]["spec"] if kind == "Deployment" else found
    return spec["containers"][0]


def variables(manifests, component, kind="Deployment"):
    return {item["name"]: item for item in container(manifests, component, kind).get("env", [])}


def test_there_is_none_without_a_certificate(render):
    manifests = render()

    assert "BATTERYSIM_TLS_DIR" not in variables(manifests, "bridge")
    assert "BATTERYSIM_BRIDGE_CA" not in variables(manifests, "operator")
    assert container(manifests, "bridge")["readinessProbe"]["httpGet"]["scheme"] == "HTTP"


def test_the_bridge_has_the_certificate_and_is_probed_by_https(render):
    bridge = container(render(**TLS), "bridge")

    (mount,) = [item for item in bridge["volumeMounts"] if item["name"] == "tls"]
    assert variables(render(**TLS), "bridge")["BATTERYSIM_TLS_DIR"]["value"] == mount["mountPath"]
    probes = ("startupProbe", "livenessProbe", "readinessProbe")
    assert {bridge[probe]["httpGet"]["scheme"] for probe in probes} == {"HTTPS"}


def test_the_bridges_address_is_https(render):
    manifests = render(**TLS)

    url = "https://batterysim-bridge.batterysim-system.svc:8084"
    assert variables(manifests, "bridge")["BATTERYSIM_BRIDGE_URL"]["value"] == url
    assert json.loads(variables(manifests, "operator")["BATTERYSIM_RUNNER"]["value"])["bridgeUrl"] == url
    assert container(manifests, "test", "Pod")["command"][-1] == f"{url}/readyz"
    proxy = named(manifests, "Role", "batterysim-bridge-proxy")
    assert proxy["rules"][0]["resourceNames"] == ["https:batterysim-bridge:8084"]


@pytest.mark.parametrize(("component", "kind"), [("operator", "Deployment"), ("test", "Pod")])
def test_callers_trust_the_authority_that_is_given_or_that_of_the_secret(render, component, kind):
    given = variables(render(**WITH_CA), component, kind)["BATTERYSIM_BRIDGE_CA"]
    found = variables(render(**TLS), component, kind)["BATTERYSIM_BRIDGE_CA"]

    assert given["value"] == CA
    assert found["valueFrom"]["secretKeyRef"] == {"name": "bridge-tls", "key": "ca.crt", "optional": True}


def test_shared_runners_elsewhere_have_to_be_given_it(render, refusal):
    shared = {"sharedRunners": [{"namespace": "lab"}]}

    assert "bridge.tls.ca" in refusal(**TLS, **shared)
    runner = variables(render(**WITH_CA, **shared), "shared-runner")
    assert runner["BATTERYSIM_BRIDGE_CA"]["value"] == CA


def test_cert_manager_makes_the_secret(render):
    issuer = {"name": "ca", "kind": "ClusterIssuer"}
    manifests = render(bridge={"tls": {"certManager": {"issuerRef": issuer, "dnsNames": ["b.example.org"]}}})

    certificate = named(manifests, "Certificate", "batterysim-bridge")["spec"]
    assert certificate["issuerRef"] == issuer
    assert {"batterysim-bridge.batterysim-system.svc", "b.example.org"} <= set(certificate["dnsNames"])
    volumes = named(manifests, "Deployment", "batterysim-bridge")["spec"]["template"]["spec"]["volumes"]
    (volume,) = [item for item in volumes if item["name"] == "tls"]
    assert volume["secret"]["secretName"] == certificate["secretName"] == "batterysim-bridge-tls"


def test_the_job_managers_port_has_none(render):
    served = {**TLS["bridge"], "jobManager": {"enabled": True, "namespace": "runs"}}
    service = named(render(bridge=served), "Service", "battery-simulation-service")

    assert "appProtocol" not in service["spec"]["ports"][0]
