from pathlib import Path

import pytest

from batterysim_bridge.environment import SettingsError
from batterysim_bridge.store.settings import BucketSettings, StoreSettings

S3 = {"BATTERYSIM_STORE": "s3", "BATTERYSIM_S3_BUCKET": "lab-results"}


def test_results_are_in_a_directory_by_default():
    settings = StoreSettings.from_environment({})

    assert settings == StoreSettings(Path("/var/lib/batterysim"), None)


def test_a_bucket_needs_nothing_but_its_name():
    settings = StoreSettings.from_environment(S3)

    assert settings.bucket == BucketSettings("lab-results")


def test_everything_about_a_bucket_can_be_set():
    settings = StoreSettings.from_environment(
        S3
        | {
            "BATTERYSIM_S3_PREFIX": "/cells/eu-1/",
            "BATTERYSIM_S3_ENDPOINT": "http://minio.storage.svc:9000/",
            "BATTERYSIM_S3_ALLOW_HTTP": "true",
            "BATTERYSIM_S3_REGION": "eu-central-1",
            "BATTERYSIM_S3_CA_FILE": "/etc/s3/ca.crt",
        }
    )

    assert settings.bucket == BucketSettings(
        "lab-results",
        "cells/eu-1",
        "http://minio.storage.svc:9000",
        "eu-central-1",
        True,
        Path("/etc/s3/ca.crt"),
    )


def test_what_is_set_for_a_bucket_is_not_read_without_one():
    assert StoreSettings.from_environment({"BATTERYSIM_S3_BUCKET": "NOT A BUCKET"}).bucket is None


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("BATTERYSIM_STORE", "gcs", "directory, s3"),
        ("BATTERYSIM_S3_BUCKET", "", "bucket's name"),
        ("BATTERYSIM_S3_BUCKET", "s3://lab", "bucket's name"),
        ("BATTERYSIM_S3_PREFIX", "../other", "such as"),
        ("BATTERYSIM_S3_PREFIX", "a//b", "such as"),
        ("BATTERYSIM_S3_ENDPOINT", "minio:9000", "a URL such as"),
        ("BATTERYSIM_S3_ENDPOINT", "http://minio:9000", "BATTERYSIM_S3_ALLOW_HTTP"),
        ("BATTERYSIM_S3_ALLOW_HTTP", "yes", "false, true"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value_and_what_to_do(variable, value, advice):
    with pytest.raises(SettingsError, match=variable) as raised:
        StoreSettings.from_environment({**S3, variable: value})

    assert repr(value) in str(raised.value)
    assert advice in str(raised.value)
