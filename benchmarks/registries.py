"""20,000 references to 2,000 digests: planner by HTTP and by skopeo, against xargs, curl, a bare loop and wrk."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks._registry import REPOSITORY, delayed, fill, write_inventory
from tests.support.registry import Registry, running_registry

DIGESTS = int(os.environ.get("BENCH_DIGESTS", "2000"))
REFERENCES = 10 * DIGESTS
AT_A_TIME = 8
COUNTED = {"log": {"level": "warn", "accesslog": {"disabled": False}}}
DELAY = 50  # milliseconds
PLANNER = str(Path(sys.executable).with_name("planner"))
TYPES = (
    *("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"),
    *("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"),
)
# The least that a client over planner's own HTTP library does for the same: ask, read, verify.
BARE = """
import asyncio, hashlib, sys, aiohttp
from planner.resolve.registry_api import ACCEPT
async def main():
    urls = iter(sys.stdin.read().split())
    async with aiohttp.ClientSession() as session:
        async def work():
            for url in urls:
                async with session.get(url, headers=[("Accept", kind) for kind in ACCEPT]) as response:
                    body = await response.read()
                    assert hashlib.sha256(body).hexdigest() == url.rpartition(":")[2]
        await asyncio.gather(*(work() for _ in range(int(sys.argv[1]))))
asyncio.run(main())
"""
# planner's stage alone: no files, no verdicts, no reports, no cache.
STAGE = """
import sys
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.resolve import resolve
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
references = [parse_reference(line) for line in sys.stdin.read().split()]
http = HttpResolver(Credentials())
count = int(sys.argv[1])
found = resolve(references, http, frozenset({Platform("linux", "amd64")}), count, per_registry=count)
http.close()
assert all(resolution.manifest for resolution in found.values())
"""


@dataclass(frozen=True)
class Done:
    """A process that ended: seconds, and the largest resident size in MB."""

    seconds: float
    memory: float


def main() -> None:
    missing = [tool for tool in ("skopeo", "docker-registry", "xargs", "curl") if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed, and needed: {', '.join(missing)} (see CONTRIBUTING.md)")
    with tempfile.TemporaryDirectory() as folder, running_registry(Path(folder) / "r", settings=COUNTED) as registry:
        digests, children = fill(registry, DIGESTS)
        print(f"{REFERENCES:,} references, {len(digests):,} digests, {len(children):,} entries of indexes")
        print(f"{AT_A_TIME} at a time, {os.cpu_count()} processors, registry on the same machine")
        measure(Path(folder) / "near", registry, registry.host, digests, children)
        with delayed(registry.host, DELAY) as host:
            print(f"\nevery answer {DELAY} ms later")
            measure(Path(folder) / "far", registry, host, digests, children)


def measure(folder: Path, registry: Registry, host: str, digests: list[str], children: list[str]) -> None:
    infra = write_inventory(folder / "infra", host, digests, REFERENCES)
    every = [*digests, *children]
    names = "\n".join(f"{host}/{REPOSITORY}@{digest}" for digest in every)
    urls = "\n".join(f"http://{host}/v2/{REPOSITORY}/manifests/{digest}" for digest in every)

    before = registry.requests()
    http = show("planner scan --resolver http", scan(infra, folder / "http", "--resolver", "http"))
    print(f"  requests {registry.requests() - before:,} (digests and entries: {len(every):,})")
    before = registry.requests()
    show("the same again, from the cache", scan(infra, folder / "http", "--resolver", "http"))
    print(f"  requests {registry.requests() - before:,}")
    stage = show("planner's resolve stage alone, http", python(STAGE, "\n".join(names.split()[: len(digests)])))
    bare = show("bare loop over the same library", python(BARE, urls))
    print(f"  speed of the stage: {bare.seconds / stage.seconds:.2f} of the bare loop")
    curl = show("curl --parallel", run(["curl", "-sZ", "--parallel-max", str(AT_A_TIME), "-K", "-"], curl_config(urls)))
    xargs = ["xargs", "-P", str(AT_A_TIME), "-n", "1", "skopeo", "inspect", "--raw", "--tls-verify=false"]
    bare_skopeo = show("xargs -P skopeo inspect", run(xargs, "\n".join(f"docker://{n}" for n in names.split())))
    skopeo = show("planner scan (skopeo)", scan(infra, folder / "skopeo"))
    for name, other in (("planner by skopeo", skopeo), ("xargs and skopeo", bare_skopeo), ("curl", curl)):
        print(f"  planner by http is {other.seconds / http.seconds:.2f} times as fast as {name}")
    ceiling(folder, host, urls)


def show(name: str, done: Done) -> Done:
    print(f"{name:<38} {done.seconds:7.2f} s  {done.memory:5.0f} MB")
    return done


def scan(infra: Path, home: Path, *flags: str) -> Done:
    """A whole scan with its report, over a cache in `home`."""
    command = [PLANNER, "scan", str(infra), "--format", "csv", "-o", "-", "--fail-on", "never", *flags]
    return run(command, "", {"PLANNER_CACHE_DIR": str(home)})


def python(code: str, lines: str) -> Done:
    return run([sys.executable, "-c", code, str(AT_A_TIME)], lines)


def run(command: list[str], text: str, variables: dict[str, str] | None = None) -> Done:
    """Run a command to its end; it must succeed."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        quiet = subprocess.DEVNULL
        environment = {**os.environ, **(variables or {})}
        process = subprocess.Popen(command, stdin=given, stdout=quiet, stderr=quiet, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed with exit code {process.returncode}")
    return Done(time.perf_counter() - started, usage.ru_maxrss / 1024)


def curl_config(urls: str) -> str:
    accept = "".join(f'header = "Accept: {kind}"\n' for kind in TYPES)
    return accept + "".join(f'url = "{url}"\noutput = "{os.devnull}"\n' for url in urls.split())


def ceiling(folder: Path, host: str, urls: str) -> None:
    """What the registry can give at all: wrk asks for one manifest after the other."""
    if not shutil.which("wrk"):
        print("wrk                                    not installed: no ceiling (apt-get install wrk)")
        return
    script = folder / "wrk.lua"
    paths = ",".join(f'"{url.partition(host)[2]}"' for url in urls.split())
    script.write_text(
        f"local paths = {{{paths}}}\nlocal n = 0\nlocal headers = {{Accept = '{', '.join(TYPES)}'}}\n"
        "request = function() n = n % #paths + 1; return wrk.format('GET', paths[n], headers) end\n"
    )
    command = ["wrk", "-t", "1", "-c", str(AT_A_TIME), "-d", "5s", "-s", str(script), f"http://{host}/"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    rate = next(line.split()[1] for line in found.splitlines() if line.startswith("Requests/sec"))
    seconds = len(urls.split()) / float(rate)
    print(f"{'wrk, the ceiling':<38} {seconds:7.2f} s for as many ({float(rate):,.0f} a second)")


if __name__ == "__main__":
    main()
