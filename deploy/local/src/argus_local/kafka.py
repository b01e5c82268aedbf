"""Apache Kafka in one process, broker and controller together (KRaft)."""

import os
import secrets
import shutil
import socket
import struct
import subprocess
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path

from argus_local import artifacts
from argus_local.errors import StartFailed
from argus_local.java import java
from argus_local.ports import free_port
from argus_local.programs import Program

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "5",  # 50 would cost a first start seconds
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",  # after a crash the old registration must expire first
    "broker.heartbeat.interval.ms": "500",
    "message.max.bytes": "6291456",  # dead letters hold up to 5 MiB
    "replica.fetch.max.bytes": "6291456",
    "socket.request.max.bytes": "104857600",
    "group.min.session.timeout.ms": "1000",
}
LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
QUICK_START = "-XX:TieredStopAtLevel=1"
"""Spares the second compiler, which costs memory and the first minute; benchmarks set it aside."""


@dataclass
class Kafka:
    """A broker whose records live in `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)
    compiler: str = field(default_factory=lambda: os.environ.get("ARGUS_KAFKA_COMPILER", QUICK_START))

    @property
    def bootstrap_servers(self) -> str:
        """The address that clients are given."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Install Kafka, write its settings and format its folder."""
        self._jars = artifacts.install("kafka")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(LOGGING)
        self._configure(self.folder / "log")
        if not (self.folder / "log" / "meta.properties").exists():
            self._format()

    def program(self) -> Program:
        """Return the broker's command line."""
        command = (*self._java("kafka.Kafka", memory="384m"), str(self._settings))
        return Program("kafka", command, log=self.folder / "kafka.out")

    def ready(self) -> bool:
        """Tell whether the broker answers requests, which it does once it is registered."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                return _answers(connection)
        except OSError:
            return False

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    def _configure(self, log: Path) -> None:
        controller = free_port()
        settings = SETTINGS | {
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(log),
        }
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _format(self) -> None:
        """Format beside the final place, so that a break leaves nothing half done there."""
        partial, final = self.folder / "log.part", self.folder / "log"
        shutil.rmtree(partial, ignore_errors=True)
        self._configure(partial)
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "A")
        command = (*self._java("kafka.tools.StorageTool"), "format", "-t", cluster, "-c", str(self._settings))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StartFailed(f"Kafka's folder {final} could not be formatted: {_last_line(done)}")
        shutil.rmtree(final, ignore_errors=True)
        partial.replace(final)
        self._configure(final)

    def _java(self, main: str, memory: str = "128m") -> tuple[str, ...]:
        return (
            str(java()),
            f"-Xmx{memory}",
            "-XX:+UseSerialGC",
            *self.compiler.split(),
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            "-cp",
            ":".join(map(str, self._jars)),
            main,
        )


def _answers(connection: socket.socket) -> bool:
    """Ask for the versions of the protocol (request 18), the one question that needs no agreement."""
    connection.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
    return connection.recv(4) != b""


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[-1] if lines else f"exit {done.returncode}"
