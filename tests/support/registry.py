"""A real registry, Debian's docker-registry, on a loopback port, and ways to push to it. Independent of planner."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from tests.support.images import Image, digest, write_layout
from tests.support.oracle_images import StoredImage

Format = Literal["v2s1", "v2s2", "oci"]
Settings = Mapping[str, Any]

_START_SECONDS = 20.0


@dataclass(frozen=True)
class Registry:
    """A running registry. `host` is what stands in references: 127.0.0.1:PORT."""

    host: str
    directory: Path

    def push(self, image: Image, repository: str, tag: str | None = None) -> str:
        """Push an image or index with all it points to, byte for byte; return its digest."""
        for child in image.children:
            self.push(child, repository)
        for blob in image.blobs:
            self.push_blob(blob, repository)
        self.push_manifest(image.body, image.media_type, repository, tag or image.digest)
        return image.digest

    def push_blob(self, blob: bytes, repository: str) -> str:
        upload = self._request("POST", f"/v2/{repository}/blobs/uploads/")
        mark = "&" if "?" in upload else "?"
        self._request("PUT", f"{upload}{mark}digest={digest(blob)}", blob, "application/octet-stream")
        return digest(blob)

    def push_manifest(self, body: bytes, media_type: str, repository: str, reference: str) -> None:
        """Push the bytes of a manifest under a tag or digest, as they are."""
        self._request("PUT", f"/v2/{repository}/manifests/{reference}", body, media_type)

    def push_as(self, image: Image, repository: str, form: Format, *flags: str, tag: str = "latest") -> str:
        """Let skopeo convert an image or index to `form` and push it; return the digest under which it is kept."""
        layout = write_layout(image, self.directory / "layouts" / image.digest.removeprefix("sha256:"))
        destination = f"docker://{self.host}/{repository}:{tag}"
        command = ["skopeo", "--insecure-policy", "copy", "-q", "--all", "--dest-tls-verify=false"]
        command += ["--format", form, *flags]
        subprocess.run([*command, f"oci:{layout}", destination], check=True, timeout=60, stdin=subprocess.DEVNULL)
        return self.digest_of(repository, tag)

    def put(self, image: StoredImage) -> None:
        """Push an image of the oracle under its digests and its tag."""
        for blob in image.blobs.values():
            self.push_blob(blob, image.repository)
        by_digest = [(name, stored) for name, stored in image.manifests.items() if ":" in name]
        # An index is refused before its entries are there.
        for name, stored in sorted(by_digest, key=lambda item: _depth(item[1].body, image)):
            self.push_manifest(stored.body, stored.content_type, image.repository, name)
        tagged = image.manifests[image.tag]
        self.push_manifest(tagged.body, tagged.content_type, image.repository, image.tag)

    def requests(self) -> int:
        """How many requests came so far, if the registry has an access log."""
        return (self.directory / "registry.log").read_bytes().count(b'HTTP/1.1" ')

    def digest_of(self, repository: str, tag: str) -> str:
        """The digest behind a tag, as the registry states it, without any conversion."""
        accept = (
            "application/vnd.docker.distribution.manifest.v1+prettyjws,"
            "application/vnd.docker.distribution.manifest.v2+json,application/vnd.oci.image.manifest.v1+json,"
            "application/vnd.docker.distribution.manifest.list.v2+json,application/vnd.oci.image.index.v1+json"
        )
        request = urllib.request.Request(
            f"http://{self.host}/v2/{repository}/manifests/{tag}", method="HEAD", headers={"Accept": accept}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return str(response.headers["Docker-Content-Digest"])

    def delete(self, repository: str, manifest_digest: str) -> None:
        """Delete a manifest, as a clean-up policy does; its digest is 404 from now on."""
        self._request("DELETE", f"/v2/{repository}/manifests/{manifest_digest}")

    def delete_blob(self, repository: str, blob_digest: str) -> None:
        """Take a blob from a repository, as a clean-up that went too far does."""
        self._request("DELETE", f"/v2/{repository}/blobs/{blob_digest}")

    def _request(self, method: str, path: str, body: bytes = b"", media_type: str = "") -> str:
        url = urljoin(f"http://{self.host}/", path)
        request = urllib.request.Request(url, body or None, method=method)
        if media_type:
            request.add_header("Content-Type", media_type)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return str(response.headers.get("Location", ""))
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {url}: {error.code} {error.read(500)!r}") from error


def _depth(body: bytes, image: StoredImage) -> int:
    """How many levels of entries are below a document."""
    entries = json.loads(body).get("manifests") or []
    known = (image.manifests.get(entry["digest"]) for entry in entries)
    return max((1 + _depth(child.body, image) for child in known if child), default=0)


@contextlib.contextmanager
def running_registry(
    directory: Path, program: str = "docker-registry", schema1: bool = True, settings: Settings | None = None
) -> Iterator[Registry]:
    """Run a registry that stores below `directory`, until the block ends.

    `settings` replaces parts of its configuration, such as `auth`; what stands below `http` is added.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for _ in range(5):  # another process may take the free port first
        host = f"127.0.0.1:{free_port()}"
        process = _start(directory, program, host, schema1, settings or {})
        try:
            if _answers(host, process, "https" if "tls" in (settings or {}).get("http", {}) else "http"):
                yield Registry(host, directory)
                return
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    raise RuntimeError(f"{program} does not start:\n{(directory / 'registry.log').read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(directory: Path, program: str, host: str, schema1: bool, own: Settings) -> subprocess.Popen[bytes]:
    settings: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(directory / "storage")},
            "delete": {"enabled": True},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        "validation": {"manifests": {"urls": {"allow": ["^http://127[.]0[.]0[.]1:"]}}},
        "http": {"addr": host, "secret": "tests"},
        "compatibility": {"schema1": {"enabled": schema1}},
    }
    configuration = directory / "registry.yml"
    settings = {**settings, **own, "http": {**settings["http"], **own.get("http", {})}}
    configuration.write_text(json.dumps(settings))  # JSON is YAML
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
    with (directory / "registry.log").open("ab") as log:
        return subprocess.Popen(
            [program, "serve", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=directory,
        )


def _answers(host: str, process: subprocess.Popen[bytes], scheme: str) -> bool:
    """Whether it is up; who wants a login or a certificate of the client is."""
    anything = ssl._create_unverified_context()
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{scheme}://{host}/v2/", timeout=2, context=anything):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError as error:
            if "alert" in str(error).lower():  # who sends one of TLS is there
                return True
        time.sleep(0.02)
    return False
