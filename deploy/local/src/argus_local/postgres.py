"""PostgreSQL from self-contained binaries, as root or not."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from argus_local.account import account
from argus_local.errors import StartFailed
from argus_local.ports import free_port
from argus_local.postgres_binaries import install
from argus_local.programs import Program

USER = "argus"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests: rows survive the death of a process, though not of the machine."""


@dataclass
class Postgres:
    """A PostgreSQL whose tables live in `folder`."""

    folder: Path
    port: int = field(default_factory=free_port)
    hasty: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    """PostgreSQL's own, beside ours."""

    def url(self, database: str = "argus") -> str:
        """Return the address of a database, password included."""
        password = quote((self.folder / "password").read_text(), safe="")
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Install PostgreSQL and initialise its folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._account = account()
        self._home = install(self._account)
        if not (self.folder / "tables").exists():
            self._initialise()
        self._account.own(self.folder)

    def program(self) -> Program:
        """Return the server's command line."""
        settings = SETTINGS | {"port": str(self.port)} | (HASTY if self.hasty else {}) | dict(self.settings)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            "postgres",
            (*self._command("postgres"), "-D", str(self.folder / "tables"), *options),
            log=self.folder / "postgres.out",
            user=self._account.user,
            stop_signal=signal.SIGINT,  # fast: ends transactions, writes everything, goes
            death_signal=signal.SIGQUIT,
        )

    def ready(self) -> bool:
        """Tell whether connections are accepted."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database unless it is there, and return its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if not known:
                source = sql.Identifier(template or "template0")
                statement = sql.SQL("create database {} template {}")
                connection.execute(statement.format(sql.Identifier(name), source))
        return self.url(name)

    def _command(self, program: str) -> tuple[str, ...]:
        return (*self._account.prefix, str(self._home / "bin" / program))

    def _initialise(self) -> None:
        """Initialise beside the final place, so that a break leaves nothing half done there."""
        partial, password = self.folder / "tables.part", self.folder / "password"
        shutil.rmtree(partial, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._account.own(self.folder)
        options = ["-U", USER, "-A", "scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"]
        options += ["--locale-provider=builtin", "--locale=C.UTF-8", *(["--no-sync"] if self.hasty else [])]
        done = subprocess.run(
            [*self._command("initdb"), "-D", str(partial), *options],
            capture_output=True,
            text=True,
            check=False,
            user=self._account.user,
            env={**os.environ, "LC_ALL": "C"},
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
            raise StartFailed(f"PostgreSQL could not be initialised in {self.folder}: {reason[0]}")
        partial.replace(self.folder / "tables")
