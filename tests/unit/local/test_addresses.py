import socket

import pytest

from argus_local.addresses import (
    GATEWAY,
    HTTP,
    KAFKA,
    METRICS,
    POSTGRES,
    SERVICES,
    SMTP,
    Addresses,
    Backends,
    addresses_of,
    given,
)
from argus_local.errors import PortInUse
from argus_runtime.settings import ServiceSettings

BACKENDS = Backends(
    kafka="127.0.0.1:9092",
    database="postgresql://argus:secret@127.0.0.1/argus",
    smtp_host="127.0.0.1",
    smtp_port="2525",
    secret_keys="key",
    mail_caught=True,
)
USUAL = {KAFKA, POSTGRES, SMTP, *HTTP.values(), *METRICS.values()}


def ports_of(addresses: Addresses) -> list[int]:
    servers = [addresses.gateway, addresses.kafka, addresses.postgres, addresses.smtp]
    return [*servers, *addresses.http.values(), *addresses.metrics.values()]


def test_a_taken_port_is_refused_in_one_line_that_says_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]

        with pytest.raises(PortInUse, match=f"port {taken} is taken by another program; choose one: --port"):
            addresses_of(taken)


def test_all_addresses_of_a_stack_differ(monkeypatch):
    monkeypatch.setattr("random.sample", lambda ports, many: ports[:many])  # chance would hide it nearly always

    ports = ports_of(addresses_of(0))

    assert len(set(ports)) == len(ports) == 11


@pytest.mark.parametrize("wanted", [0, GATEWAY + 80])
def test_a_stack_beside_another_takes_no_port_that_the_other_may_need_again(wanted):
    assert not USUAL & set(ports_of(addresses_of(wanted, lambda _port: True)))


def test_who_has_the_usual_address_has_the_usual_ports_where_they_are_free():
    ports = set(ports_of(addresses_of(GATEWAY, lambda port: port != METRICS["store"])))

    assert ports >= USUAL - {METRICS["store"]}
    assert METRICS["store"] not in ports
    assert len(ports) == 11


def test_each_service_is_told_its_own_ports_and_where_the_servers_are(monkeypatch):
    addresses = addresses_of(0)
    for name, value in BACKENDS.environment_of("ingest", addresses).items():
        monkeypatch.setenv(name, value)

    settings = ServiceSettings()

    assert settings.bootstrap_servers == "127.0.0.1:9092"
    assert settings.metrics_port == addresses.metrics["ingest"]
    assert "ARGUS_HTTP_PORT" not in BACKENDS.environment_of("store", addresses)


def test_only_services_that_answer_requests_have_an_http_port():
    with_http = [name for name in SERVICES if "ARGUS_HTTP_PORT" in BACKENDS.environment_of(name, addresses_of(0))]

    assert with_http == ["ingest", "api"]


def test_only_settings_that_services_read_without_the_prefix_are_taken_so(monkeypatch):
    for name in ("ARGUS_DATABASE_URL", "ARGUS_SMTP_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/argus")
    monkeypatch.setenv("SMTP_HOST", "mail.example.org")

    assert given("DATABASE_URL") == "postgresql://elsewhere/argus"
    assert given("SMTP_HOST") is None
