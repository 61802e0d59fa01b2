"""TLS as engines do it: the system's trust store, and per registry the folders certs.d of docker and containers.

Sources: docs.docker.com/engine/security/certificates, containers-certs.d(5).
"""

import os
import ssl
from pathlib import Path

_HOME_FOLDERS = (".config/containers/certs.d", ".docker/certs.d")
_SYSTEM_FOLDERS = ("/etc/containers/certs.d", "/etc/docker/certs.d")


def ssl_context(registry: str, *, insecure: bool) -> ssl.SSLContext:
    """The settings for a registry `host` or `host:port`; with `insecure` nothing is verified.

    SSL_CERT_FILE and SSL_CERT_DIR count. Raises ValueError for a certificate that cannot be used.
    """
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    for folder in folders(registry):
        _add(context, folder)
    return context


def folders(registry: str) -> list[Path]:
    """The folders with certificates for a registry, those of the user first. None for what is no plain name."""
    if "/" in registry or registry.startswith("."):
        return []
    home = Path(os.environ.get("HOME") or Path.home())
    places = [*(home / name for name in _HOME_FOLDERS), *map(Path, _SYSTEM_FOLDERS)]
    return [folder for place in places if (folder := place / registry).is_dir()]


def _add(context: ssl.SSLContext, folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        try:
            match file.suffix:
                case ".crt":
                    context.load_verify_locations(file)
                case ".cert":
                    context.load_cert_chain(file, file.with_suffix(".key"))
        except (ssl.SSLError, OSError) as error:
            what = "certificate of a CA" if file.suffix == ".crt" else "client certificate and its key"
            raise ValueError(
                f"{file.name} in certs.d of {folder.name} cannot be used as a {what}: mend or remove it"
            ) from error
