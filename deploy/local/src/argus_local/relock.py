"""`python -m argus_local.relock`: resolve the wanted versions anew and write `artifacts.lock`."""

import hashlib
from pathlib import Path

import jgo
from jgo.maven import MavenContext

from argus_local.artifacts import LOCK
from argus_local.cache import tell

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
# Resolved apart: its bill of materials would pull Kafka's own dependencies back to older versions.
LOG = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
POSTGRES = "io.zonky.test.postgres:embedded-postgres-binaries-{platform}:18.4.0"
PLATFORMS = ("linux-amd64", "linux-arm64v8", "darwin-amd64", "darwin-arm64v8")


def main() -> None:
    """Write the lock file beside this module."""
    found = {_coordinates(artifact) for root in (KAFKA, LOG) for artifact in jgo.resolve(root)}
    wanted = [("kafka", coordinates) for coordinates in sorted(found)]
    wanted += [(f"postgres-{each}", POSTGRES.format(platform=each)) for each in PLATFORMS]
    lines = ["# set, coordinates, SHA-256; written by `python -m argus_local.relock`"]
    for name, coordinates in wanted:
        tell(coordinates)
        lines.append(f"{name} {coordinates} {_sha256(coordinates)}")
    (Path(__file__).parent / LOCK).write_text("\n".join(lines) + "\n")


def _coordinates(artifact: jgo.maven.Artifact) -> str:
    return f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"


def _sha256(coordinates: str) -> str:
    group, name, version = coordinates.split(":")
    path = MavenContext().project(group, name).at_version(version).artifact().resolve()
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
