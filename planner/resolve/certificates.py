"""TLS as engines do it: the system's trust store, and per registry a folder of certs.d.

Sources: containers-certs.d(5), docs.docker.com/engine/security/certificates, and for their order `dockerCertDir` in
docker/docker_client.go of containers/image, to which Docker Desktop's folder is added.
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
    if folder := certificate_folder(registry):
        _add(context, folder)
    return context


def certificate_folder(registry: str) -> Path | None:
    """The folder with the certificates for a registry: the first that is there. None for what is no plain name."""
    if "/" in registry or registry.startswith("."):
        return None
    home = Path(os.environ.get("HOME") or Path.home())
    places = [*(home / name for name in _HOME_FOLDERS), *map(Path, _SYSTEM_FOLDERS)]
    return next((folder for place in places if (folder := place / registry).is_dir()), None)


def _add(context: ssl.SSLContext, folder: Path) -> None:
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise ValueError(f"{folder} cannot be read ({error.strerror}): make it readable") from error
    for file in files:
        try:
            match file.suffix:
                case ".crt":
                    context.load_verify_locations(file)
                case ".cert":
                    # Without a word about a passphrase, OpenSSL would ask for one on the terminal.
                    context.load_cert_chain(file, file.with_suffix(".key"), password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            what = "certificate of a CA" if file.suffix == ".crt" else "client certificate with its .key beside it"
            raise ValueError(f"{file} cannot be used as a {what}: mend or remove it") from error
