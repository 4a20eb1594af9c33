"""An authority of one's own, and certificates by it, as openssl makes them."""

import subprocess
from pathlib import Path
from typing import NamedTuple

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificate(NamedTuple):
    """Files in PEM."""

    certificate: Path
    key: Path


def make_authority(directory: Path) -> Certificate:
    """Make a certificate that can sign others."""
    made = Certificate(directory / "ca.crt", directory / "ca.key")
    _openssl(
        *("req", "-x509", *_KEY, "-subj", "/CN=test authority", "-days", "1"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),  # Python 3.13 asks for it
        *("-keyout", str(made.key), "-out", str(made.certificate)),
    )
    return made


def make_certificate(directory: Path, authority: Certificate, *names: str) -> Certificate:
    """Make tls.crt and tls.key, signed for some names: DNS:localhost, IP:127.0.0.1."""
    made = Certificate(directory / "tls.crt", directory / "tls.key")
    _openssl(
        *("req", "-x509", *_KEY, "-subj", "/CN=bridge", "-days", "1"),
        *("-CA", str(authority.certificate), "-CAkey", str(authority.key)),
        *("-addext", f"subjectAltName={','.join(names)}", "-addext", "basicConstraints=critical,CA:FALSE"),
        *("-keyout", str(made.key), "-out", str(made.certificate)),
    )
    return made


def _openssl(*arguments: str) -> None:
    subprocess.run(("openssl", *arguments), check=True, capture_output=True)
