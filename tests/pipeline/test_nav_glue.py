"""The glue service of NAV, written by others and unmodified, between a stand-in of NAV and the whole system."""

import json
from datetime import datetime, timedelta

from tests.pipeline.glue.incidents import becomes, tags_of
from tests.pipeline.glue.nav import STATE_END, STATE_START, STATE_STATELESS
from tests.pipeline.glue.process import BIN, ROOT, output, running, says


def an_alert(pk, message, end="infinity", severity=2):
    start = (datetime.now() - timedelta(minutes=5)).isoformat()  # noqa: DTZ005  NAV's times have no zone
    return {"pk": pk, "message": message, "start": start, "end": end, "severity": severity}


def nav(folder, url, source, *alerts):
    """Configure the glue service and return its command."""
    configuration = {"api": {"url": f"{url}/api/v2", "token": source.token, "timeout": 10}}
    (folder / "navargus.yml").write_text(json.dumps(configuration))
    (folder / "alerts.json").write_text(json.dumps(alerts))
    return (BIN / "python", "-m", "tests.pipeline.glue.nav", folder / "alerts.json")


async def test_the_nav_glue_reaches_the_api(url, source, tmp_path):
    code, said = await output(tmp_path, *nav(tmp_path, url, source), "--test-api", PYTHONPATH=str(ROOT))

    assert code == 0, said
    assert "Argus API is accessible" in said


async def test_the_nav_glue_opens_incidents_as_navs_event_engine_tells(url, source, tmp_path):
    known = [an_alert(1, "sw1 is down"), an_alert(2, "sw2 is down"), an_alert(3, "sw3 rebooted", end=None, severity=4)]
    command = nav(tmp_path, url, source, known[0])

    async with running(tmp_path, *command, PYTHONPATH=str(ROOT)) as glue:
        feed = glue.stdin
        assert feed

        def tell(history, state, **more):
            feed.write(json.dumps({"history": history, "state": state, "message": "…", **more}).encode() + b"\n\n")

        found = await becomes(url, source, lambda found: set(found) == {"1"})
        assert (found["1"]["description"], found["1"]["level"]) == ("sw1 is down", 2)
        assert found["1"]["details_url"].endswith("example.org/event/details/1/")
        assert {"host=sw1.example.org", "location=oslo", "alert_type=boxDown"} <= tags_of(found["1"])

        (tmp_path / "alerts.json").write_text(json.dumps(known))
        tell(2, STATE_START)
        tell(3, STATE_STATELESS)
        found = await becomes(url, source, lambda found: set(found) == {"1", "2", "3"})
        assert (found["2"]["end_time"], found["2"]["stateful"]) == ("infinity", True)
        # argus-api-client leaves out an end that is None, and what has no end is open, as in Argus
        assert (found["3"]["end_time"], found["3"]["stateful"]) == ("infinity", True)

        # NAV's infinity has no zone, that of argus-api-client 0.8 has one: the glue service takes the incident for
        # stateless, whatever the server answers, and leaves it to its next comparison (below) to end it
        tell(2, STATE_END, time=datetime.now().isoformat())  # noqa: DTZ005  NAV's times have no zone
        await says(tmp_path, "Cannot resolve a stateless incident")

    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_the_nav_glue_tells_and_mends_what_was_missed_while_it_was_away(url, source, tmp_path):
    command = nav(tmp_path, url, source, an_alert(1, "sw1 is down"), an_alert(2, "sw2 is down"))
    assert (await output(tmp_path, *command, "--sync", PYTHONPATH=str(ROOT)))[0] == 0
    await becomes(url, source, lambda found: all(each["open"] for each in found.values()) and len(found) == 2)

    ended = (datetime.now() - timedelta(minutes=1)).isoformat()  # noqa: DTZ005  NAV's times have no zone
    command = nav(tmp_path, url, source, an_alert(1, "sw1 is down", end=ended), an_alert(2, "sw2 is down"))
    code, said = await output(tmp_path, *command, "--sync-report", PYTHONPATH=str(ROOT))
    assert code == 0, said
    assert "These incidents are resolved in NAV, but not in Argus" in said
    assert "sw1 is down" in said

    assert (await output(tmp_path, *command, "--sync", PYTHONPATH=str(ROOT)))[0] == 0
    await becomes(url, source, lambda found: not found["1"]["open"] and found["2"]["open"])
