"""The glue service of Zabbix, written by others and unmodified, between a stand-in of Zabbix and the whole system."""

import aiohttp

from argus_local.ports import free_port
from tests.pipeline.glue.incidents import becomes, seen, tags_of
from tests.pipeline.glue.process import BIN, output, running
from tests.pipeline.glue.zabbix import TOKEN, Zabbix


def zabbix_configuration(folder, url, source, zabbix, webhook):
    path = folder / "zabbixargus.toml"
    path.write_text(f"""
[argus]
url = "{url}/api/v2"
token = "{source.token}"
[zabbix]
url = "{zabbix.url}"
token = "{TOKEN}"
[webhook]
listen = "127.0.0.1"
port = {webhook}
[reconciliation]
interval = 1
""")
    return path


async def test_the_zabbix_glue_finds_both_its_sides(url, source, tmp_path):
    async with Zabbix().running() as zabbix:
        configuration = zabbix_configuration(tmp_path, url, source, zabbix, free_port())
        code, said = await output(tmp_path, BIN / "zabbix-argus-glue", "--config", configuration, "--verify")

    assert code == 0, said
    assert "Zabbix: OK (version 7.2.5" in said
    assert "Argus: OK (version 2.10.2" in said


async def test_the_zabbix_glue_opens_and_ends_incidents_by_comparison_and_by_webhook(url, source, tmp_path):
    webhook = free_port()
    async with Zabbix().running() as zabbix:
        zabbix.open("101", "Link down on xe-0/0/1", severity=4, component="Network Interface")
        zabbix.open("102", "CPU is hot", severity=2)
        configuration = zabbix_configuration(tmp_path, url, source, zabbix, webhook)
        async with running(tmp_path, BIN / "zabbix-argus-glue", "--config", configuration):
            found = await becomes(url, source, lambda found: len(found) == 2)
            assert (found["101"]["level"], found["102"]["level"]) == (2, 4)
            assert found["101"]["end_time"] == "infinity"
            assert {"host=gw.example.org", "hostgroup=Routers", "component=Network Interface"} <= tags_of(found["101"])

            zabbix.end("101")
            found = await becomes(url, source, lambda found: not found["101"]["open"])
            assert found["102"]["open"]

            zabbix.open("103", "Power lost", severity=5)
            told = [await tell(webhook, zabbix.webhook("103", "Power lost", problem=True)) for _ in range(2)]
            assert "created" in told or told == ["duplicate", "duplicate"], "comparison may have been first"
            assert told[1] == "duplicate"
            assert (await seen(url, source))["103"]["level"] == 1

            zabbix.end("103")
            assert await tell(webhook, zabbix.webhook("103", "Power lost", problem=False)) in {"resolved", "not_found"}
            await becomes(url, source, lambda found: not found["103"]["open"])
            assert await tell(webhook, zabbix.webhook("103", "Power lost", problem=True)) == "duplicate"

    assert "Traceback" not in (tmp_path / "log").read_text()


async def tell(port, body):
    """Post to the glue's webhook, and return what it says became of that."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/webhook", json=body) as answer,
    ):
        return (await answer.json())["status"]
