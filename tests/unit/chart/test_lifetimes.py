"""The lifetimes in the values are those that the bridge reads."""

from datetime import timedelta

from batterysim_bridge.settings import Settings
from batterysim_bridge.upkeep.lifetime import Lifetimes
from batterysim_bridge.upkeep.settings import LifetimeSettings


def lifetimes(manifests) -> Lifetimes:
    return settings_of(manifests).read()


def settings_of(manifests) -> LifetimeSettings:
    (bridge,) = (
        item
        for item in manifests
        if item["kind"] == "Deployment" and item["metadata"]["name"] == "batterysim-bridge"
    )
    (container,) = bridge["spec"]["template"]["spec"]["containers"]
    settings = Settings.from_environment(
        {item["name"]: item["value"] for item in container["env"] if "value" in item}
    )
    return settings.lifetimes


def test_by_default_only_the_job_managers_are_deleted_after_a_day(render):
    assert lifetimes(render()) == Lifetimes(by_creator={"job-manager": timedelta(days=1)})


def test_values_arrive_whole(render):
    values = {
        "defaultSeconds": 31536000,
        "namespaces": {"lab": 31536000, "archive": 0},
        "jobManagerSeconds": 0,
        "maxEndedPerNamespace": 1000000,
    }

    assert lifetimes(render(lifetimes=values)) == Lifetimes(
        default=timedelta(days=365),
        by_namespace={"lab": timedelta(days=365), "archive": None},
        by_creator={"job-manager": None},
        max_ended=1_000_000,
    )


def test_sweeps_have_their_own_and_stay_by_default(render):
    assert settings_of(render()).sweeps.read() == Lifetimes()
    values = {"sweeps": {"defaultSeconds": 604800, "namespaces": {"lab": 3600}, "maxEndedPerNamespace": 50}}

    found = settings_of(render(lifetimes=values))

    assert found.sweeps.read() == Lifetimes(
        default=timedelta(days=7), by_namespace={"lab": timedelta(hours=1)}, max_ended=50
    )
    assert found.read().default is None
