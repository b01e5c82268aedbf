"""What happens in a made-up university network: incidents with what becomes of each."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

SITES = ("library", "physics", "chemistry", "medicine", "law", "stadium", "harbour", "museum", "dormitory", "main-hall")
PEERS = (("AS64500", "the research network"), ("AS64510", "the city exchange"), ("AS64520", "a hospital"))

Deed = Literal["end", "restart", "ack", "close", "note"]


@dataclass(frozen=True)
class Step:
    """What happens to an incident, so many seconds after the step before."""

    after: float
    deed: Deed
    text: str = ""


@dataclass(frozen=True)
class Story:
    """An incident: how it begins and what becomes of it."""

    begins_after: float
    kind: str
    description: str
    level: int
    tags: dict[str, str]
    steps: tuple[Step, ...] = ()
    stateful: bool = True


def next_stories(chance: Random) -> list[Story]:
    """Return the incidents of one fault; some faults cause several."""
    kinds: tuple[Callable[[Random], list[Story]], ...] = (_link, _flapping, _bgp, _power, _ups, _dns, _reboot)
    return chance.choices(kinds, weights=(6, 3, 4, 1, 2, 2, 2))[0](chance)


def _site(chance: Random) -> tuple[str, str]:
    site = chance.choice(SITES)
    return site, f"{site}-gw{chance.randint(1, 2)}"


def _interface(chance: Random) -> str:
    return f"xe-{chance.randint(0, 1)}/0/{chance.randint(0, 7)}"


def _link(chance: Random) -> list[Story]:
    site, host = _site(chance)
    interface, other = _interface(chance), f"core{chance.randint(1, 2)}"
    tags = {"host": host, "site": site, "interface": interface, "problem_type": "link"}
    end = Step(chance.uniform(4, 40), "end", f"{interface} is up again")
    steps = (Step(chance.uniform(2, 8), "ack", "Looking at it"), end) if chance.random() < 0.3 else (end,)
    return [Story(0, "link", f"Link {host} {interface} to {other} is down", 3, tags, steps)]


def _flapping(chance: Random) -> list[Story]:
    site, host = _site(chance)
    interface = _interface(chance)
    tags = {"host": host, "site": site, "interface": interface, "problem_type": "flapping"}
    steps: list[Step] = []
    for _ in range(chance.randint(2, 4)):
        steps.append(Step(chance.uniform(1, 3), "end", f"{interface} is up"))
        steps.append(Step(chance.uniform(1, 3), "restart", f"{interface} is down again"))
    steps.append(Step(chance.uniform(2, 6), "ack", "Dirty fibre? Somebody is on the way"))
    steps.append(Step(chance.uniform(5, 20), "end", f"{interface} has been up for a while"))
    return [Story(0, "flap", f"Link {host} {interface} is flapping", 4, tags, tuple(steps))]


def _bgp(chance: Random) -> list[Story]:
    number, name = chance.choice(PEERS)
    host = f"border{chance.randint(1, 2)}"
    tags = {"host": host, "peer": number, "problem_type": "bgp"}
    steps = (
        Step(chance.uniform(2, 10), "ack", "Called their operations centre"),
        Step(chance.uniform(3, 10), "note", "They are replacing a line card"),
        Step(chance.uniform(5, 30), "end", "Session is established"),
    )
    return [Story(0, "bgp", f"BGP session of {host} with {name} ({number}) is down", 2, tags, steps)]


def _power(chance: Random) -> list[Story]:
    site, host = _site(chance)
    tags = {"site": site, "problem_type": "power"}
    lasts = chance.uniform(15, 45)
    back = Step(lasts, "end", "Power is back")
    outage = Story(0, "power", f"Power is lost at {site}", 1, tags, (Step(2, "ack", "Called the utility"), back))
    ups = {"host": f"ups-{site}", "site": site, "problem_type": "ups"}
    battery = Story(1, "ups", f"UPS of {site} is on battery", 2, ups, (Step(lasts, "end", "Battery is charging"),))
    switches = [
        Story(3, "host", f"{name} does not answer", 3, tags | {"host": name}, (Step(lasts, "end", "It answers"),))
        for name in (host, f"{site}-sw1", f"{site}-sw2")
    ]
    return [outage, battery, *switches]


def _ups(chance: Random) -> list[Story]:
    site, _ = _site(chance)
    tags = {"host": f"ups-{site}", "site": site, "problem_type": "ups"}
    steps = (Step(chance.uniform(5, 15), "ack", "Ordered"), Step(chance.uniform(20, 60), "close", "Replaced"))
    return [Story(0, "battery", f"Battery of the UPS at {site} is worn out", 4, tags, steps)]


def _dns(chance: Random) -> list[Story]:
    host = f"resolver{chance.randint(1, 3)}"
    tags = {"host": host, "problem_type": "dns"}
    steps = (Step(chance.uniform(5, 25), "end", "Answers within 20 ms again"),)
    return [Story(0, "dns", f"{host} takes {chance.randint(2, 9)} s to answer", 2, tags, steps)]


def _reboot(chance: Random) -> list[Story]:
    site, host = _site(chance)
    tags = {"host": host, "site": site, "problem_type": "reboot"}
    return [Story(0, "reboot", f"{host} was restarted", 5, tags, stateful=False)]
