"""Only with the policy, nobody but the bridge writes who has submitted a simulation."""


def policies(manifests):
    return {item["kind"]: item["spec"] for item in manifests if "ValidatingAdmissionPolicy" in item["kind"]}


def test_there_is_none_by_default(render):
    assert policies(render()) == {}


def test_the_account_of_the_bridge_may_write_it(render):
    values = {"submittedByPolicy": {"create": True}, "bridge": {"serviceAccount": {"name": "own"}}}
    found = policies(render(**values))

    (validation,) = found["ValidatingAdmissionPolicy"]["validations"]
    assert "'system:serviceaccount:batterysim-system:own'" in validation["expression"]
    assert found["ValidatingAdmissionPolicyBinding"] == {
        "policyName": "batterysim-submitted-by",
        "validationActions": ["Deny"],
    }
