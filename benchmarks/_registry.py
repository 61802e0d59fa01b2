"""What benchmarks/registries.py asks for: a registry full of manifests, files that pin them, and a slow way to it."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.support.images import Image, build_image, build_index
from tests.support.registry import Registry, free_port

REPOSITORY = "bench"


def fill(registry: Registry, count: int) -> tuple[list[str], list[str]]:
    """Push so many indexes, one in twenty with zstd layers; return their digests and those of their entries."""
    images = [build_image({"hello": b"hello\n"}, compression="zstd"), *[build_image({"hello": b"hello\n"})] * 19]
    for blob in (*images[0].blobs, *images[1].blobs):
        registry.push_blob(blob, REPOSITORY)
    children = [_numbered(images[number % len(images)], number) for number in range(count)]
    indexes = [build_index([(child, "linux/amd64")]) for child in children]
    for each in (*children, *indexes):
        registry.push_manifest(each.body, each.media_type, REPOSITORY, each.digest)
    return [each.digest for each in indexes], [each.digest for each in children]


def _numbered(image: Image, number: int) -> Image:
    document = json.loads(image.body) | {"annotations": {"number": str(number)}}
    return replace(image, body=json.dumps(document).encode())


def write_inventory(folder: Path, host: str, digests: Sequence[str], references: int, per_file: int = 100) -> Path:
    """Compose files with so many references, all digests in turn, and a host that is to be upgraded."""
    for first in range(0, references, per_file):
        lines = ["services:"]
        for number in range(first, min(first + per_file, references)):
            pinned = f"{host}/{REPOSITORY}@{digests[number % len(digests)]}"
            lines.append(f"  s{number}:\n    image: {pinned}")
        place = folder / f"team-{first // per_file:03}" / "compose.yml"
        place.parent.mkdir(parents=True)
        place.write_text("\n".join(lines) + "\n")
    (folder / "planner.toml").write_text(
        '[[hosts]]\nname = "web-[01:20]"\nengine = "docker 20.10.24"\ntarget = "docker 29.0.0"\n'
    )
    return folder


@contextlib.contextmanager
def delayed(host: str, milliseconds: int) -> Iterator[str]:
    """A way to `host` on which every answer is late by so much; yields its own host."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "benchmarks._registry", address, host, str(milliseconds)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        _await(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _await(address: str) -> None:
    import socket

    host, port = address.split(":")
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("the slow way does not start")


async def _serve(listen: str, upstream: str, milliseconds: int) -> None:
    """Pass bytes on, those of answers later; the order is kept."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = upstream.split(":")
        up_reader, up_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_copy(reader, up_writer, 0), _copy(up_reader, writer, milliseconds / 1000))

    host, port = listen.split(":")
    server = await asyncio.start_server(meet, host, int(port))
    async with server:
        await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            if seconds:
                loop.call_later(seconds, writer.write, data)
            else:
                writer.write(data)
                await writer.drain()
        await asyncio.sleep(seconds)
        writer.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], int(sys.argv[3])))
