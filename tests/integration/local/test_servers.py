import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from argus_local.kafka import Kafka
from argus_local.ports import is_free
from argus_local.postgres import Postgres
from argus_local.server import running
from tests.eventually import eventually_blocking

SERVERS = pytest.mark.parametrize("server_type", [Kafka, Postgres])


@SERVERS
def test_a_server_comes_back_on_its_port_after_a_kill_and_leaves_it_when_it_stops(server_type, tmp_path):
    with running(server_type(tmp_path)) as server:
        port = server.server.port
        server.kill()
        assert not server.server.ready()

        server.start()

        assert server.server.port == port
        assert server.server.ready()
    assert is_free(port)


STARTER = """
import sys, time
from pathlib import Path
from argus_local.{module} import {name}
from argus_local.server import running
with running({name}(Path(sys.argv[1]), port=int(sys.argv[2]))) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


@SERVERS
def test_a_server_dies_with_the_process_that_started_it(server_type, tmp_path, free_port):
    script = STARTER.format(module=server_type.__name__.lower(), name=server_type.__name__)
    command = [sys.executable, "-c", script, str(tmp_path), str(free_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()

    eventually_blocking(lambda: not _alive(pid), within=10)
    eventually_blocking(lambda: is_free(free_port), within=10)
    with running(server_type(tmp_path, port=free_port)) as server:
        assert server.server.ready()


def test_rows_survive_the_death_of_postgres(tmp_path):
    server = Postgres(tmp_path)
    with running(server) as process:
        url = server.create_database("argus")
        with psycopg.connect(url) as connection:
            connection.execute("create table numbers as select generate_series(1, 1000) as number")
        process.kill()
        process.start()

        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from numbers").fetchone() == (1000,)


def test_creating_a_database_twice_is_harmless(tmp_path):
    server = Postgres(tmp_path)
    with running(server):
        assert server.create_database("argus") == server.create_database("argus")


def test_each_test_gets_a_database_of_its_own(postgres_server, migrated_database):
    one, other = (postgres_server.create(template=migrated_database) for _ in range(2))
    with psycopg.connect(postgres_server.url_of(one)) as connection:
        connection.execute("create table mine ()")

    with psycopg.connect(postgres_server.url_of(other)) as connection:
        assert connection.execute("select to_regclass('mine')").fetchone() == (None,)


def test_interrupting_a_test_run_leaves_no_server_behind(tmp_path):
    test = tmp_path / "test_waiting.py"
    test.write_text(
        "import signal, time\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started us may ignore it\n"
        "def test_waits(kafka_server, postgres_server):\n"
        f"    folder = Path({str(tmp_path)!r})\n    (folder / 'part').write_text(kafka_server)\n"
        "    (folder / 'part').rename(folder / 'ready')\n    time.sleep(600)\n"
    )
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", str(test)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ARGUS_TEST_")}
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL) as run:
        try:
            eventually_blocking((tmp_path / "ready").exists, within=60)
            port = int((tmp_path / "ready").read_text().split(":")[1])
            run.send_signal(signal.SIGINT)
            run.wait(30)
        finally:
            run.kill()

    assert is_free(port)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
