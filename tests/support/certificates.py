"""Certificates for tests, made by openssl: a CA of one's own, and what it signs."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.tools import require_tool

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """A CA that no machine trusts. `pair.certificate` is what a client must be given to trust it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.pair = self_signed(folder, "ca")

    def sign(self, name: str, *alternatives: str) -> Pair:
        """A certificate for a server or client; `alternatives` are such as `IP:127.0.0.1`."""
        pair, request = _pair(self._folder, name), self._folder / f"{name}.csr"
        _openssl("req", "-new", *_NEW_KEY, "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request)
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(alternatives or ('DNS:' + name,))}\n")
        signer = ("-CA", self.pair.certificate, "-CAkey", self.pair.key, "-CAcreateserial")
        signed = ("-days", "2", "-extfile", extensions, "-out", pair.certificate)
        _openssl("x509", "-req", "-in", request, *signer, *signed)
        return pair


def self_signed(folder: Path, name: str, *alternatives: str, rsa: bool = False) -> Pair:
    """A certificate that nobody else vouches for."""
    pair = _pair(folder, name)
    key = ("-newkey", "rsa:2048", "-nodes") if rsa else _NEW_KEY
    names = ("-addext", f"subjectAltName={','.join(alternatives)}") if alternatives else ()
    files = ("-keyout", pair.key, "-out", pair.certificate)
    _openssl("req", "-x509", *key, "-days", "2", "-subj", f"/CN={name}", *names, *files)
    return pair


def _pair(folder: Path, name: str) -> Pair:
    return Pair(folder / f"{name}.crt", folder / f"{name}.key")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run([require_tool("openssl"), *arguments], check=True, capture_output=True, timeout=60)
