"""What every ticket plugin promises, proved on servers that answer as the documentation of each system says."""

import logging
from collections.abc import AsyncIterator

import pytest

from argus_tickets import (
    NotConfigured,
    TicketError,
    TicketPlugin,
    TicketRefused,
    TicketSystemUnavailable,
    load,
)
from argus_tickets.guarded import Guarded
from tests.contract.tickets.behaviours import (
    GZIPPED,
    answers,
    breaks_off,
    floods,
    hangs,
    redirects_away,
    redirects_without_end,
    repeats_the_secret,
)
from tests.contract.tickets.systems import SYSTEMS, TOKEN, System, facts


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture(params=sorted(SYSTEMS))
async def system(request: pytest.FixtureRequest) -> AsyncIterator[System]:
    async with SYSTEMS[request.param]().running() as made:
        yield made


@pytest.fixture
def plugin(system: System) -> TicketPlugin:
    return system.plugin()


async def test_a_ticket_is_opened_and_its_page_is_returned(system, plugin):
    assert await plugin.create_ticket(facts()) == system.page
    assert len(system.requests) == 1


async def test_a_ticket_tells_what_happened_where_and_who_asked_for_it(system, plugin):
    await plugin.create_ticket(facts(description="Box"))

    said = str(system.bodies).replace("\\", "")
    for fact in ("Box", "nav1", "host=a.example.org", "https://argus.example.org/incidents/49", "Alice Example"):
        assert fact in said


async def test_titles_and_bodies_follow_the_templates(system):
    plugin = system.plugin(title_template="[$tag_host] $description", body_template="see $argus_url${tag_none}")

    await plugin.create_ticket(facts())

    said = str(system.bodies)
    assert "[a.example.org] Box down" in said
    assert "'see https://argus.example.org/incidents/49'" in said


async def test_a_title_is_one_line_that_is_not_too_long_and_never_empty(system, plugin):
    await plugin.create_ticket(facts(description="Box\r\nBcc: all@example.org " + "x" * 5000))
    await plugin.create_ticket(facts(description=""))

    titles = [_title(body) for body in system.bodies]
    assert titles[0].startswith("Box Bcc: all@example.org x")
    assert len(titles[0]) <= 255
    assert titles[1] == "Incident 49"


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
async def test_a_refusal_is_told_with_its_reason(system, plugin, status):
    system.behaviour = answers(status, {"message": "no such project"})

    with pytest.raises(TicketRefused, match="no such project") as refused:
        await plugin.create_ticket(facts())
    assert refused.value.status == 403


@pytest.mark.parametrize("status", [401, 408, 429, 500, 502, 503])
async def test_what_may_pass_is_unavailable(system, plugin, status):
    system.behaviour = answers(status, {"message": "later"})

    with pytest.raises(TicketSystemUnavailable) as unavailable:
        await plugin.create_ticket(facts())
    assert unavailable.value.status == 503


async def test_a_connection_that_breaks_off_is_unavailable(system, plugin):
    system.behaviour = breaks_off

    with pytest.raises(TicketSystemUnavailable):
        await plugin.create_ticket(facts())


async def test_a_system_that_is_away_is_unavailable(system):
    system.port += 1  # nobody is there; fixtures have the ports that are somebody's

    with pytest.raises(TicketSystemUnavailable):
        await system.plugin().create_ticket(facts())


async def test_a_system_that_says_nothing_is_unavailable_in_time(system, plugin):
    system.behaviour = hangs

    with pytest.raises(TicketSystemUnavailable, match="did not answer"):
        await Guarded(plugin, system.slug, seconds=0.2).create_ticket(facts())


@pytest.mark.parametrize(
    "behaviour",
    [
        answers(200, b"<html>welcome</html>"),
        answers(201, b""),
        answers(201, {}),
        answers(201, []),
        answers(201, b"[" * 100_000),
        answers(201, {"html_url": None, "web_url": 5.5, "key": {}, "id": "../admin"}),
        answers(201, {"html_url": "javascript:alert(1)", "web_url": "javascript:alert(1)", "id": "javascript:"}),
        answers(201, {"html_url": "//evil.example", "web_url": "ftp://x", "id": True}),
        answers(201, {"html_url": "https://", "web_url": "https://[", "id": -1}),
        answers(201, {"html_url": "https://a/\nb", "web_url": "https://a/" + "b" * 3000, "id": "1\n"}),
        answers(204, b""),
        answers(304, b""),
        answers(201, GZIPPED, **{"Content-Encoding": "gzip"}),
        floods,
        redirects_away,
        redirects_without_end,
        answers(301, b"", Location="/somewhere"),
        answers(307, b"", Location="http://[/"),
        answers(307, b"", Location="file:///etc/passwd"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_a_bad_gateway(system, plugin, behaviour):
    system.behaviour = behaviour

    with pytest.raises(TicketError) as fault:
        await plugin.create_ticket(facts())
    assert fault.value.status == 502


async def test_a_redirect_within_the_same_host_is_followed_with_the_request(system, plugin):
    system.behaviour = system.move

    assert await plugin.create_ticket(facts()) == system.page
    assert len(system.requests) == 2


async def test_no_secret_is_in_an_error_a_log_or_a_text_form(system, plugin, caplog):
    caplog.set_level(logging.DEBUG)
    system.behaviour = repeats_the_secret

    with pytest.raises(TicketRefused) as refused:
        await plugin.create_ticket(facts())

    assert "***" in str(refused.value)
    assert len(str(refused.value)) < 500
    assert TOKEN not in str(refused.value) + caplog.text + repr(plugin) + repr(system.settings())


async def test_nothing_that_an_incident_says_is_markup(system, plugin):
    hostile = (
        "**x** [a](http://evil.example) <img src=x> @everyone {code} /close\n/close h1. !http://evil.example/a.png!"
    )

    await plugin.create_ticket(facts(description=hostile))

    if system.slug == "rt":
        assert system.bodies[0]["ContentType"] == "text/plain"
        return
    body = _body(system.bodies[0])
    line = next(line for line in body.splitlines() if "x" in line)
    assert "evil" in line, "it stays on its line"
    assert r"\*\*x\*\*" in line
    assert r"\[a\]" in line
    if system.slug == "jira":
        assert r"\{code\}" in line
        assert r"\!http" in line
    else:
        assert r"\<img" in line
        assert "@everyone" not in line


async def test_settings_that_lack_a_secret_or_a_part_are_named(system):
    settings = system.settings()
    for name, nothing in (("authentication_secret", {}), ("information", {}), ("endpoint", "")):
        with pytest.raises(NotConfigured, match=f'Please update the setting "TICKET_{name.upper()}"') as wrong:
            load(system.slug, settings.model_copy(update={f"ticket_{name}": nothing}))
        assert wrong.value.status == 400


@pytest.mark.parametrize(
    "information",
    [
        {"title_template": "$nothing"},
        {"title_template": "$"},
        {"body_template": 5.5},
        {"labels_set": "one"},
        {"labels_mapping": [5]},
        {"labels_mapping": {"a": "b"}},
        {"custom_fields_set": []},
        {"custom_fields_mapping": {"Host": ["host"]}},
    ],
)
async def test_information_of_the_wrong_form_is_refused_before_anything_is_asked(system, information):
    with pytest.raises(NotConfigured, match="TICKET_INFORMATION"):
        system.plugin(**information)
    assert system.requests == []


def _title(body):
    said = body.get("fields", body)
    return said.get("title") or said.get("summary") or said["Subject"]


def _body(body):
    said = body.get("fields", body)
    return said.get("body") or said.get("description") or said["Content"]
