import stat
from pathlib import Path

import pytest

from argus_local.addresses import Backends, addresses_of
from argus_local.data import DataFolder, read_json, write_json
from argus_local.errors import DataInUse, LocalError
from argus_local.report import ready_file, summary

BACKENDS = Backends(kafka="", database="", smtp_host="", smtp_port="", secret_keys="", mail_caught=True)


def test_credentials_are_readable_by_their_owner_alone(tmp_path):
    write_json(tmp_path / "credentials.json", {"admin": {"password": "secret"}})

    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600
    assert read_json(tmp_path / "credentials.json") == {"admin": {"password": "secret"}}


def test_a_file_that_is_missing_or_broken_holds_nothing(tmp_path):
    (tmp_path / "broken.json").write_text('{"admin": ')

    assert read_json(tmp_path / "broken.json") == {}
    assert read_json(tmp_path / "missing.json") == {}


def test_two_stacks_cannot_share_a_folder(tmp_path):
    with DataFolder(tmp_path).held(), pytest.raises(DataInUse, match="another argus up"), DataFolder(tmp_path).held():
        pass


def test_a_folder_is_free_again_after_its_stack(tmp_path):
    for _ in range(2):
        with DataFolder(tmp_path).held():
            pass


def test_a_folder_that_was_made_for_nothing_is_gone_again(tmp_path):
    made, found = DataFolder(tmp_path / "made"), DataFolder(tmp_path / "found")
    found.root.mkdir()
    for folder in (made, found):
        with pytest.raises(LocalError), folder.held():
            raise LocalError("the port is taken")

    assert not made.root.exists()
    assert found.root.exists()


def test_what_is_kept_stays_in_a_new_folder(tmp_path):
    folder = DataFolder(tmp_path / "made")
    with folder.held():
        folder.secret_keys.write_text("key")

    assert folder.secret_keys.exists()


@pytest.mark.parametrize(
    ("given", "option"),
    [(".argus", ""), ("./.argus", ""), ("elsewhere", " --data elsewhere"), ("a b", " --data 'a b'")],
)
def test_commands_are_shown_with_the_folder_that_they_need(given, option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = DataFolder(Path(given))
    accounts = {name: dict.fromkeys(("username", "password", "token", "user_token", "source", "source_token"), "x")
                for name in ("admin", "demo")}  # fmt: skip

    shown = summary(folder, addresses_of(0), BACKENDS, accounts, 1).splitlines()

    assert folder.option == option
    for verb in ("status", "demo"):
        assert any(line.startswith(f"  .venv/bin/argus {verb}{option}  ") for line in shown)


def test_a_full_disk_is_one_line(tmp_path):
    with pytest.raises(LocalError, match="is full: 0 MiB are free") as refused:
        DataFolder(tmp_path).check(lambda _: 10**6)
    assert "\n" not in str(refused.value)


def test_a_log_that_grew_long_is_set_aside(tmp_path):
    folder = DataFolder(tmp_path, longest_log=10)
    folder.logs.mkdir()
    (folder.logs / "store.log").write_text("x" * 11)
    (folder.logs / "api.log").write_text("x" * 9)

    folder.check()

    assert sorted(path.name for path in folder.logs.iterdir()) == ["api.log", "store.log.1"]


def test_what_the_servers_said_is_set_aside_too(tmp_path):
    folder = DataFolder(tmp_path, longest_log=10)
    for server in (folder.kafka, folder.postgres):
        server.mkdir()
        (server / f"{server.name}.out").write_text("x" * 11)

    folder.check()

    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["kafka.out.1", "postgres.out.1"]


@pytest.mark.parametrize(("given", "told"), [("", "argus."), ("mine.", "mine.")])
def test_the_ready_file_tells_the_prefix_that_services_read(given, told, tmp_path, monkeypatch):
    monkeypatch.setenv("ARGUS_PREFIX", given)

    assert ready_file(DataFolder(tmp_path), addresses_of(0), BACKENDS, {}, {})["prefix"] == told
