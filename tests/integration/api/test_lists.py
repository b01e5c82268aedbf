"""Lists of incidents: what each parameter selects, and what that takes (specification 2.5.1, 8.4)."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from argus_api.repositories import searching, where
from argus_database.configuration.filters import add_filter
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.sources import add_source
from argus_database.configuration.timeslots import add_timeslot
from argus_schemas.configuration import Filter
from tests.integration.api.rows import an_event, an_incident

V2 = "/api/v2/incidents/"


@pytest.fixture
def listed(http, people):
    """The pks of a list, as alice, following its pages."""

    async def read(who="alice", **query):
        pks, url = [], f"{V2}?{urlencode(query)}"
        while url:
            page = await http.get(url, headers=people[who])
            assert page.status_code == 200, page.text
            pks += [incident["pk"] for incident in page.json()["results"]]
            url = page.json()["next"]
        return pks

    return read


@pytest.mark.rule(70)
async def test_what_tells_of_a_token_that_expires_is_selected_by_either_value(sessions, people, listed):
    async with sessions.begin() as session:
        argus = (await add_source(session, "argus", "argus")).id
    expiring = await an_incident(sessions, argus, tags=["problem_type=token_expiry"])
    await an_incident(sessions, argus, tags=["problem_type=test"])
    await an_incident(sessions, people.pks["nav"], tags=["problem_type=token_expiry"])
    for value in ("true", "false", "1"):
        assert await listed(token_expiry=value) == [expiring]
    assert len(await listed(token_expiry="")) == 3


@pytest.mark.rule(71)
@pytest.mark.parametrize("looked_at", [1, 4, 1000])
async def test_words_are_found_in_incidents_and_their_events(sessions, people, listed, monkeypatch, looked_at):
    monkeypatch.setattr(searching, "LOOKED_AT", looked_at)
    nav = people.pks["nav"]
    old = await an_incident(sessions, nav, description="Router DOWN", search_text=" Cable cut")
    for minute in range(1, 9):
        await an_incident(sessions, nav, description="Nothing to see", minutes=minute)
    new = await an_incident(sessions, nav, description="Switch down", search_text=" power_lost 100%", minutes=9)

    assert await listed(search="router") == [old]
    assert await listed(search="cable") == [old]
    assert await listed(search="Router,cable") == [old]
    assert await listed(search="cut router") == [old]
    assert await listed(search="router switch") == []
    assert await listed(search="unknown") == []
    assert await listed(search="down") == [new, old]
    assert await listed(search='"cable cut"') == [old]
    assert await listed(search='"cut cable"') == []
    assert await listed(search="power_lost") == [new]
    assert await listed(search="powerXlost") == []
    assert await listed(search="100%") == [new]
    assert await listed(search="down", page_size="1") == [new, old]
    assert await listed(search="down", level__lte="2") == []


async def test_a_short_word_is_found_page_by_page_wherever_it_is(http, sessions, people, listed, monkeypatch):
    monkeypatch.setattr(searching, "LOOKED_AT_FOR_SHORT", 3)
    nav = people.pks["nav"]
    pks = [
        await an_incident(sessions, nav, description="5G down" if number % 4 == 0 else "4G", minutes=number)
        for number in range(12)
    ]
    assert await listed(search="5g") == [pks[8], pks[4], pks[0]]
    assert await listed(search="5g", page_size="1") == [pks[8], pks[4], pks[0]]
    assert await listed(search="6g") == []

    first = (await http.get(f"{V2}?search=5g", headers=people["alice"])).json()
    assert (first["results"], first["previous"]) == ([], None)
    second = (await http.get(first["next"], headers=people["alice"])).json()
    assert [incident["pk"] for incident in second["results"]] == [pks[8]]
    back = (await http.get(second["previous"], headers=people["alice"])).json()
    assert back["results"] == []


@pytest.mark.rule(68, 69)
async def test_a_profile_selects_what_any_of_its_filters_does(http, sessions, people, listed):
    nav, alice = people.pks["nav"], people.pks["alice"]
    bad = await an_incident(sessions, nav, level=1, minutes=2)
    tagged = await an_incident(sessions, nav, level=5, tags=["a=1"], minutes=1)
    await an_incident(sessions, nav, level=5)
    async with sessions.begin() as session:
        filters = [
            await add_filter(session, alice, "bad", Filter(maxlevel=1)),
            await add_filter(session, alice, "tagged", Filter(tags=("a=1",))),
        ]
        timeslot = await add_timeslot(session, alice, "always", [])
        profile = await add_profile(
            session, alice, timeslots=[timeslot.id], filters=[each.id for each in filters], name="p"
        )
    assert await listed(notificationprofile_pk=profile.id) == [bad, tagged]
    assert await listed("bob", notificationprofile_pk=profile.id) == []
    assert await listed(notificationprofile_pk="9" * 30) == []
    assert await listed(filter_pk=filters[1].id) == [tagged]
    refused = await http.get(f"{V2}?notificationprofile_pk=x", headers=people["alice"])
    assert refused.json() == {"notificationprofile_pk": ["Enter a whole number."]}


async def test_what_ended_before_it_started_is_found_by_its_end(sessions, people, listed):
    nav = people.pks["nav"]
    now, day = datetime.now(UTC), timedelta(days=1)
    backwards = await an_incident(sessions, nav, start_time=now - day, ended=now - 9 * day)
    await an_incident(sessions, nav, start_time=now - 2 * day, ended=now - day)
    assert await listed(end_time__lte=(now - 5 * day).isoformat()) == [backwards]


def selects(incident, now, name, value):
    """Say slowly and plainly whether a parameter selects an incident."""
    ended, started, stateful = incident["ended"], incident["start_time"], incident["stateful"]
    is_open = stateful and (ended is None or ended > now)
    acked = any(expiry is None or expiry > now for expiry in incident["acked"])
    yes = value == "true"
    match name:
        case "open":
            return is_open if yes else stateful and not is_open
        case "acked":
            return acked == yes
        case "stateful":
            return stateful == yes
        case "ticket":
            return bool(incident["ticket_url"]) == yes
        case "hide_closed_acked":
            return not (yes and stateful and not is_open and acked)
        case "level__lte":
            return incident["level"] <= float(value)
        case "tags":
            return value in incident["tags"]
        case "source__id__in":
            return str(incident["source"]) in value.split(",")
        case "duration__gte":
            lasted = (ended if ended and ended <= now else now) - started
            return stateful and lasted >= timedelta(minutes=min(float(value), 1e9))
        case "start_time__gte":
            return started >= datetime.fromisoformat(value)
        case "end_time__gte":
            return stateful and (ended is None or ended >= datetime.fromisoformat(value))
        case "end_time__lte":
            return stateful and ended is not None and ended <= datetime.fromisoformat(value)
        case "search":
            return value in incident["description"]
    raise AssertionError(name)


def any_incident(chance, now, sources):
    started = now - timedelta(minutes=chance.randrange(1, 40) * 10 + 5)
    ends = [None, None, started - timedelta(minutes=7), started + timedelta(minutes=33), now + timedelta(days=1)]
    stateful = chance.random() < 0.85
    return {
        "source": chance.choice(sources), "start_time": started, "stateful": stateful,
        "ended": chance.choice(ends) if stateful else None, "level": chance.randint(1, 5),
        "ticket_url": chance.choice(["", "http://t.example.org/1"]), "tags": chance.sample(["a=1", "a=2", "b=1"], 2),
        "acked": chance.choice([[], [], [None], [now - timedelta(days=1)], [now + timedelta(days=1)]]),
        "description": chance.choice(["alpha beta", "beta", "gamma"]),
    }  # fmt: skip


def any_query(chance, now, sources):
    then = (now - timedelta(minutes=chance.randrange(1, 40) * 10)).isoformat()
    both = ["true", "false"]
    values = {
        "open": both, "acked": both, "stateful": both, "ticket": both, "hide_closed_acked": both,
        "level__lte": ["0", "1", "3.5", "5", "7"], "tags": ["a=1", "b=1", "c=1"],
        "source__id__in": [str(sources[0]), f"{sources[0]},{sources[1]}", "4711"],
        "duration__gte": ["10", "33", "200", "-5", "1e15"], "start_time__gte": [then], "end_time__gte": [then],
        "end_time__lte": [then], "search": ["alpha", "eta", "nothing"],
    }  # fmt: skip
    return {name: chance.choice(values[name]) for name in chance.sample(list(values), chance.randint(1, 4))}


@pytest.mark.parametrize("seed", range(3))
async def test_any_parameters_together_select_what_each_does(sessions, people, listed, monkeypatch, seed):
    monkeypatch.setattr(searching, "LOOKED_AT", 8)
    monkeypatch.setattr(where, "MOST_JOINS", seed)
    chance, now = random.Random(seed), datetime.now(UTC)
    sources = [people.pks["nav"], people.pks["zabbix"]]
    incidents = {}
    for _ in range(50):
        incident = any_incident(chance, now, sources)
        pk = await an_incident(sessions, **incident)
        incidents[pk] = incident
    newest = sorted(incidents, key=lambda pk: (incidents[pk]["start_time"], pk), reverse=True)

    for _ in range(60):
        query = any_query(chance, now, sources)
        wanted = [pk for pk in newest if all(selects(incidents[pk], now, *condition) for condition in query.items())]
        assert await listed(**query, page_size=str(chance.choice([3, 7, 100]))) == wanted, query


@pytest.mark.parametrize("query", ["", "open=true", "search=box", "search=nothing", "level__lte=3&tags=a=1"])
@pytest.mark.parametrize("path", [V2, "/api/v3/incidents/"])
async def test_a_list_takes_as_many_statements_for_a_hundred_as_for_one(
    http, people, sessions, statements, path, query
):
    counts = []
    for more in (1, 9, 90):
        for number in range(more):
            await an_incident(sessions, people.pks["nav"], tags=["a=1"], acked=[None], minutes=number)
        await http.get(path, headers=people["alice"])  # so that the token is known
        with statements() as executed:
            page = await http.get(f"{path}?{query}", headers=people["alice"])
        counts.append(len(executed))
    assert counts[0] == counts[1] == counts[2] <= 2
    assert len(page.json()["results"]) == (0 if "nothing" in query else 100)


async def test_events_and_acks_take_as_many_statements_for_a_hundred_as_for_one(http, people, sessions, statements):
    pk = await an_incident(sessions, people.pks["nav"])
    counts = []
    for more in (1, 9, 90):
        await an_incident(sessions, people.pks["nav"], acked=[None] * more)
        for _ in range(more):
            await an_event(sessions, pk, "OTH", people.pks["alice"])
        await http.get(V2, headers=people["alice"])  # so that the token is known
        with statements() as executed:
            for path in (f"{V2}{pk}/events/", f"{V2}{pk}/acks/", f"{V2}events/", f"{V2}{pk}/", f"{V2}{pk}/tags/"):
                assert (await http.get(path, headers=people["alice"])).status_code == 200
        counts.append(len(executed))
    assert counts[0] == counts[1] == counts[2] == 2 + 2 + 1 + 1 + 2


@pytest.mark.parametrize("asked", [f"tags={','.join(f'k{n}=v' for n in range(400))}", f"search={'+'.join('a' * 4000)}"])
async def test_a_list_by_hundreds_of_tags_or_words_is_soon_answered(http, people, sessions, asked):
    pk = await an_incident(sessions, people.pks["nav"], tags=[f"k{n}=v" for n in range(400)], description="a")
    await an_incident(
        sessions, people.pks["nav"], tags=[f"k{n}=v" for n in range(399)], description="b", search_text="b"
    )
    async with asyncio.timeout(5):  # planned as joins, they took PostgreSQL minutes
        page = (await http.get(f"{V2}?{asked}", headers=people["alice"])).json()
    assert [each["pk"] for each in page["results"]] == [pk]


async def test_more_words_than_anybody_types_are_refused(http, people):
    words = "+".join(f"w{number}" for number in range(101))
    refused = await http.get(f"{V2}?search={words}", headers=people["alice"])
    assert (refused.status_code, refused.json()) == (400, {"search": ["Ensure that there are no more than 100 words."]})


@pytest.mark.rule(81)
async def test_a_count_echoes_the_query(http, people, sessions, listed):
    for level in (1, 2, 3):
        await an_incident(sessions, people.pks["nav"], level=level)
    for query, count in (("open=true", 3), ("level__lte=2", 2), ("search=box", 3), ("search=xy&open=true", 0)):
        counted = (await http.get(f"{V2}?count&{query}&x=1&x=2", headers=people["alice"])).json()
        params = dict(each.split("=") for each in query.split("&")) | {"count": "", "x": "2"}
        assert counted == {"count": count, "params": params}


HOSTILE = (
    "\x00",
    "9" * 400,
    "-1",
    "1e999",
    "1e1000000",
    "nan",
    "[]",
    "null",
    "\ud800",
    "' OR 1=1 --",
    "%",
    "\\",
    ",",
    "=",
    "\u0661",
)


@pytest.mark.parametrize("path", [V2, f"{V2}mine/", f"{V2}17/", "/api/v3/incidents/", f"{V2}events/", f"{V2}17/acks/"])
async def test_no_value_of_any_parameter_is_a_fault(http, people, path):
    names = (
        "open acked stateful ticket hide_closed_acked token_expiry tags duration__gte filter_pk notificationprofile_pk "
        "id__in source__id__in source__name__in source__type__in level__lte source_incident_id start_time__gte "
        "start_time__lte end_time__gte end_time__lte end_time__isnull search page_size cursor count format"
    )
    for name in names.split():
        for value in HOSTILE:
            encoded = "".join(f"%{byte:02x}" for byte in value.encode("utf-8", "surrogatepass"))
            response = await http.get(f"{path}?{name}={encoded}", headers=people["alice"])
            assert response.status_code in {200, 400, 404}, (name, value, response.text)
