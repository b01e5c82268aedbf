"""Apprise, as its services see it, and what keeps it from reaching too far."""

import colorsys
import importlib
import json
import socket
import subprocess
from ipaddress import ip_network

import pytest
import requests

from argus_dispatch.media.addresses import ForbiddenAddress
from argus_dispatch.media.apprise import LONGEST_WAIT, service_of
from argus_dispatch.media.guard import ForbiddenFile, Guard
from argus_media import Undeliverable
from tests.builders import an_incident
from tests.contract.media.receivers import a_medium, a_web_server, send

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
async def receiver():
    async with a_web_server("apprise") as made:
        yield made


async def test_a_service_gets_title_text_and_kind(receiver):
    async with a_medium("apprise", receiver) as medium:
        await send(medium, receiver, incident=an_incident(level=3))

    said = json.loads(receiver.bodies[0])
    assert said["title"] == "[Argus] 'Incident start': Box down, nav1 @ 2026-11-25 12:00:00+00:00"
    assert said["type"] == "warning"
    for part in ("A new incident started.", "Box down", "Level: Moderate (3)", "/incidents/49/", "profile prof asks"):
        assert part in said["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254"])
async def test_a_service_at_an_address_that_is_not_public_is_not_reached(receiver, host):
    receiver.address = f"http://{host}:{receiver.port}/hook"
    async with a_medium("apprise", receiver, webhook_allow="") as medium:
        with pytest.raises(Undeliverable, match="not a public address"):
            await send(medium, receiver)

    assert receiver.ids == []


async def test_an_address_of_no_service_is_dead(receiver):
    receiver.destination = lambda: {"destination_url": "https://www.example.org/"}
    async with a_medium("apprise", receiver) as medium:
        with pytest.raises(Undeliverable, match="no service"):
            await send(medium, receiver)


def test_an_address_can_ask_neither_for_long_waits_nor_for_unchecked_certificates():
    service = service_of("jsons://example.org/?rto=9999&cto=9999&verify=no")

    assert service.socket_read_timeout == service.socket_connect_timeout == LONGEST_WAIT
    assert service.verify_certificate


async def test_a_guarded_library_connects_to_allowed_addresses_alone_wherever_it_is_sent(receiver):
    with Guard(LOOPBACK).on() as refused:
        socket.create_connection(("127.0.0.1", receiver.port)).close()
        with pytest.raises(ForbiddenAddress):
            socket.create_connection(("169.254.169.254", 80))

    assert refused == ["169.254.169.254 is not a public address"]


def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"x", ("10.0.0.1", 514))


def a_local_socket():
    with socket.socket(socket.AF_UNIX) as made:
        made.connect("/dev/log")


def a_name_that_nobody_resolved():
    with socket.socket() as made:
        made.connect(("localhost", 80))


def a_program():
    subprocess.run(["true"], check=False)


def the_web():
    requests.get("http://[::1]:1/", timeout=1)


@pytest.mark.parametrize("act", [udp, a_local_socket, a_name_that_nobody_resolved, a_program, the_web])
def test_what_a_guard_cannot_check_or_follow_is_refused(act):
    with Guard(()).on() as refused, pytest.raises(OSError):  # noqa: PT011  how a library shows it is its affair
        act()

    assert refused


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "../../etc/hostname", b"/etc/passwd"])
def test_under_a_guard_no_file_of_this_machine_is_read(path):
    with Guard(()).on(), pytest.raises(ForbiddenFile):
        open(path)  # noqa: PTH123, SIM115


def test_under_a_guard_modules_are_still_imported():
    with Guard(()).on():
        importlib.reload(colorsys)


@pytest.mark.parametrize("parameter", ["template=/etc/passwd", "TEMPLATE=http://10.0.0.1/", "attach=/etc/passwd"])
async def test_an_address_names_no_files(receiver, parameter):
    address = f"https://discord.com/api/webhooks/1234/abcd?{parameter}"
    receiver.destination = lambda: {"destination_url": address}
    async with a_medium("apprise", receiver) as medium:
        with pytest.raises(Undeliverable, match="no files"):
            await send(medium, receiver)


def test_without_a_guard_everything_goes_on():
    with Guard(()).on():
        pass

    subprocess.run(["true"], check=True)
