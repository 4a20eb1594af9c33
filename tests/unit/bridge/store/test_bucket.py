"""A bucket that is not as it should be says so, in words that anybody may read."""

import logging
import subprocess
from datetime import timedelta

import pytest

from batterysim_bridge.store import bucket as bucket_module
from batterysim_bridge.store.bucket import Bucket

from ..s3_server import running_s3_server


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(bucket_module, "RETRY_TIMEOUT", timedelta(seconds=0.2))
    monkeypatch.setattr(bucket_module, "MAX_RETRIES", 1)


def test_a_bucket_that_works_is_well(bucket):
    bucket.check()
    bucket.check_writing()

    assert list(bucket.objects("")) == []


def test_a_bucket_that_is_not_there_is_named(bucket_settings):
    bucket = Bucket.connect(bucket_settings.model_copy(update={"bucket": "nowhere"}))

    for use in (bucket.check, bucket.check_writing, lambda: bucket.read("anything")):
        with pytest.raises(OSError, match="NoSuchBucket"):
            use()


def test_wrong_keys_are_refused_and_never_told(bucket_settings, monkeypatch, caplog):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-wrong-secret")
    bucket = Bucket.connect(bucket_settings)

    with pytest.raises(OSError, match="SignatureDoesNotMatch") as refused, caplog.at_level(logging.DEBUG):
        bucket.check()

    assert "a-wrong-secret" not in caplog.text + str(refused.value)
    assert str(bucket_settings.endpoint) in caplog.text
    assert str(bucket_settings.endpoint) not in str(refused.value)


def test_a_server_that_does_not_answer_is_not_well(bucket_settings):
    bucket = Bucket.connect(bucket_settings.model_copy(update={"endpoint": "http://127.0.0.1:1"}))

    with pytest.raises(OSError, match="cannot list check"):
        bucket.check()


def test_a_server_that_overwrites_what_it_should_not_is_refused(bucket, monkeypatch):
    def overwrite(path: str, content: bytes) -> bool:
        return True

    monkeypatch.setattr(bucket, "create", overwrite)

    with pytest.raises(OSError, match="conditional writes"):
        bucket.check_writing()


def test_content_without_encryption_is_not_sent_unless_asked_for(bucket_settings):
    bucket = Bucket.connect(bucket_settings.model_copy(update={"allow_http": False}))

    with pytest.raises(OSError, match="builder error"):
        bucket.create("anything", b"")


def test_an_object_that_changes_while_it_is_read_is_not_mixed(bucket, tmp_path):
    (tmp_path / "old").write_bytes(b"old" * 200_000)
    (tmp_path / "new").write_bytes(b"new" * 200_000)
    bucket.upload("checkpoint", tmp_path / "old", "text/plain")
    found = bucket.find("checkpoint")

    with bucket.open(found) as file:
        assert file.read(3) == b"old"
        bucket.upload("checkpoint", tmp_path / "new", "text/plain")
        with pytest.raises(OSError, match="another one"):
            file.read()


def test_a_certificate_of_ones_own_is_trusted_when_it_is_given(bucket_settings, tmp_path, caplog):
    certificate, key = tmp_path / "ca.crt", tmp_path / "ca.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=s3", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    with running_s3_server(tmp_path, VGW_CERT=str(certificate), VGW_KEY=str(key)) as address:
        encrypted = bucket_settings.model_copy(update={"endpoint": f"https://{address}", "allow_http": False})

        Bucket.connect(encrypted.model_copy(update={"ca_file": certificate})).check_writing()

        with pytest.raises(OSError, match="cannot list check"):
            Bucket.connect(encrypted).check()
    assert "UnknownIssuer" in caplog.text
