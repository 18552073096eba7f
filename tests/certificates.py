"""Certificates for servers on loopback, made by the openssl command."""

import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

__all__ = ["certified"]


def certified(folder: Path, names: Sequence[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of these names needs, and what a client needs to trust it; skip without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    key, certificate, settings = folder / "key.pem", folder / "certificate.pem", folder / "settings.cnf"
    alternatives = ",".join(f"DNS:{name}" for name in names)
    settings.write_text(
        "[req]\ndistinguished_name=name\nx509_extensions=ext\nprompt=no\n[name]\nCN=loopback\n"
        f"[ext]\nbasicConstraints=CA:TRUE\nsubjectAltName={alternatives}\n",
        encoding="utf-8",
    )
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", str(settings)]
    subprocess.run(["openssl", *words, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(certificate))
    return server, client
