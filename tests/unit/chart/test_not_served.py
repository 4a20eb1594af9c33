"""A simulation in a namespace that is not served has no status to say so, so the API server warns."""

import cel


def policies(manifests):
    return {item["kind"]: item["spec"] for item in manifests if "ValidatingAdmissionPolicy" in item["kind"]}


def test_where_all_namespaces_are_served_nothing_warns(render):
    assert policies(render()) == {}


def test_a_user_of_another_namespace_is_warned_and_not_refused(render):
    found = policies(render(watchNamespaces=["lab", "plant"]))

    constraints = found["ValidatingAdmissionPolicy"]["matchConstraints"]
    assert constraints["namespaceSelector"]["matchExpressions"] == [
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["lab", "plant"]}
    ]
    (validation,) = found["ValidatingAdmissionPolicy"]["validations"]
    said = cel.evaluate(validation["messageExpression"], {"request": {"namespace": "other"}})
    assert said == (
        "namespace 'other' is not served by release batterysim-system/batterysim, but lab, plant "
        "(watchNamespaces): unless another release serves it, this simulation is not run and gets no status"
    )
    assert found["ValidatingAdmissionPolicy"]["failurePolicy"] == "Ignore"
    assert found["ValidatingAdmissionPolicyBinding"]["validationActions"] == ["Warn"]


def test_it_can_be_left_out(render):
    assert policies(render(watchNamespaces=["lab"], notServedPolicy={"create": False})) == {}
