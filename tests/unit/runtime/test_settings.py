import subprocess
import sys
from base64 import urlsafe_b64encode

import pytest
from pydantic import Field, SecretStr, ValidationError

from argus_runtime.settings import DatabaseSettings, KafkaSettings, SecretSettings, ServiceSettings, load

KEY = urlsafe_b64encode(bytes(range(32))).decode()


class Settings(DatabaseSettings, SecretSettings, ServiceSettings):
    """All that a service may read."""

    smtp_password: SecretStr = SecretStr("")
    """What the mail server wants."""

    pause: float = Field(1.5, gt=0)
    """Seconds
    of rest."""


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "ARGUS_DATABASE_URL", "ARGUS_KAFKA_BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(name, raising=False)


def test_a_setting_comes_from_its_variable(monkeypatch):
    monkeypatch.setenv("ARGUS_PREFIX", "here.")
    monkeypatch.setenv("ARGUS_KAFKA_SESSION_TIMEOUT", "3")

    settings = load(Settings)

    assert (settings.prefix, settings.session_timeout) == ("here.", 3)


def test_the_common_names_are_read_where_ours_are_absent(monkeypatch):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "common:1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://common/a")
    monkeypatch.setenv("ARGUS_DATABASE_URL", "postgresql://ours/a")

    settings = load(Settings)

    assert (settings.bootstrap_servers, settings.database_url) == ("common:1", "postgresql://ours/a")


def test_tests_give_settings_by_name():
    assert KafkaSettings(bootstrap_servers="a:1", prefix="t.").bootstrap_servers == "a:1"


@pytest.mark.parametrize("brokers", ["kafka", "a:1, b:2", "[::1]:9092", "10.0.0.1:9092,kafka-1.example.org:19092"])
def test_brokers_are_named_in_many_ways(monkeypatch, brokers):
    monkeypatch.setenv("ARGUS_KAFKA_BOOTSTRAP_SERVERS", brokers)

    assert load(Settings).bootstrap_servers == brokers


@pytest.mark.parametrize(
    "url", ["postgresql:///argus", "postgresql+psycopg://a:b@c:5/d?e=f", "postgresql+asyncpg://c/d"]
)
def test_databases_are_named_in_many_ways(monkeypatch, url):
    monkeypatch.setenv("ARGUS_DATABASE_URL", url)

    assert load(Settings).database_url == url


def test_an_empty_variable_counts_as_absent(monkeypatch):
    monkeypatch.setenv("ARGUS_PREFIX", "")

    assert load(Settings).prefix == "argus."


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        setattr(Settings(), "prefix", "other.")  # noqa: B010  mypy refuses the plain way


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ARGUS_METRICS_PORT", "many"),
        ("ARGUS_TIME_ZONE", "Europe/Atlantis"),
        ("ARGUS_SECRET_KEYS", "hunter2"),
        ("ARGUS_SECRET_KEYS", "aHVudGVyMg=="),
        ("ARGUS_PREFIX", "with space"),
        ("ARGUS_LOG_LEVEL", "loud"),
        ("ARGUS_KAFKA_HEARTBEAT", "0"),
        ("ARGUS_KAFKA_HEARTBEAT", "20"),
        ("ARGUS_KAFKA_HEARTBEAT", "3.4"),
        ("ARGUS_KAFKA_BOOTSTRAP_SERVERS", "localhost:abc"),
        ("ARGUS_KAFKA_BOOTSTRAP_SERVERS", "a:1,,b:2"),
        ("ARGUS_DATABASE_URL", "localhost/argus"),
        ("ARGUS_DATABASE_URL", "mysql://argus:hunter2@localhost/argus"),
    ],
)
def test_a_bad_value_ends_the_process_with_one_line_that_names_the_variable(monkeypatch, capsys, variable, value):
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as ended:
        load(Settings)

    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{variable}: ")


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("ARGUS_LOG_LEVEL", "loud", "'debug', 'info', 'warning', 'error' or 'critical'"),
        ("ARGUS_KAFKA_HEARTBEAT", "20", "should be at most a third of ARGUS_KAFKA_SESSION_TIMEOUT, here 3.33333"),
        ("ARGUS_KAFKA_BOOTSTRAP_SERVERS", "a:x", "should be brokers as `host:port`, separated by commas"),
        ("ARGUS_PREFIX", "a b", "should be letters, digits, `.`, `_` and `-`, at most 40"),
        ("ARGUS_DATABASE_URL", "mysql://a", "should be `postgresql://user:password@host:port/database`"),
        ("ARGUS_TIME_ZONE", "Europe/Atlantis", "there is no time zone 'Europe/Atlantis'"),
    ],
)
def test_a_refusal_says_in_plain_words_what_is_wanted(monkeypatch, capsys, variable, value, wanted):
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit):
        load(Settings)

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{variable}: ")
    assert line.endswith(wanted)


def test_a_shorter_session_needs_a_quicker_heartbeat(monkeypatch, capsys):
    monkeypatch.setenv("ARGUS_KAFKA_SESSION_TIMEOUT", "2")
    with pytest.raises(SystemExit):
        load(Settings)
    assert capsys.readouterr().err.startswith("ARGUS_KAFKA_HEARTBEAT: ")

    monkeypatch.setenv("ARGUS_KAFKA_HEARTBEAT", "0.6")
    assert load(Settings).heartbeat == 0.6


def test_a_log_level_is_written_in_any_case(monkeypatch):
    monkeypatch.setenv("ARGUS_LOG_LEVEL", "Warning")

    assert load(Settings).log_level == "warning"


def test_a_value_that_should_be_json_and_is_not_is_refused_like_others(monkeypatch, capsys):
    class WithJson(ServiceSettings):
        counts: dict[str, int] = Field(default_factory=dict)

    monkeypatch.setenv("ARGUS_COUNTS", "{bad")
    with pytest.raises(SystemExit) as ended:
        load(WithJson)

    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ARGUS_COUNTS: is no JSON: ")


def test_a_bad_key_is_never_shown(monkeypatch, capsys):
    monkeypatch.setenv("ARGUS_SECRET_KEYS", "aHVudGVyMg==")

    with pytest.raises(SystemExit):
        load(Settings)

    assert "aHVudGVyMg" not in capsys.readouterr().err


def test_the_text_of_settings_shows_no_secret():
    settings = Settings(
        database_url="postgresql+psycopg://argus:pa55@db:1/argus", secret_keys=KEY, smtp_password=SecretStr("pa55")
    )

    for text in (repr(settings), str(settings)):
        assert "pa55" not in text
        assert KEY not in text
        assert repr(bytes(range(32)))[2:20] not in text
        assert "argus:***@db:1" in text


def test_the_first_of_several_keys_encrypts():
    old, new = KEY, urlsafe_b64encode(bytes(32)).decode()
    token = Settings(secret_keys=old).secrets().encrypt("text", "place")

    both = Settings(secret_keys=f"{new},{old}").secrets()

    assert both.decrypt(token, "place") == "text"
    assert both.encrypt("text", "place").split(":")[1] != token.split(":")[1]


def test_a_service_with_bad_settings_exits_with_2_and_no_traceback():
    code = "from argus_runtime import lifecycle, settings; lifecycle.main(None, settings.ServiceSettings)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"ARGUS_METRICS_PORT": "99999"}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr == "ARGUS_METRICS_PORT: Input should be less than or equal to 65535\n"
