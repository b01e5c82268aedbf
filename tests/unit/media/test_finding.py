"""Media are found by entry points, and one that cannot be used is left out."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from prometheus_client import REGISTRY

from argus_media import MediumKind, MediumSettings, Plugin
from argus_media.bundled.email import PLUGIN as EMAIL
from argus_media.finding import GROUP, chosen, installed, look


class Where(MediumSettings):
    where: str


class Unschemed(MediumSettings):
    """Settings that JSON Schema cannot say."""

    where: str
    what: type = object


def a_plugin(slug):
    return Plugin(MediumKind(slug, "A medium", Where, "where"), open="nowhere:nothing")


class Broken:
    def __init__(self):
        raise KeyError("a library")


class Leaving:
    def __init__(self):
        raise SystemExit(3)


class Point:
    """An entry point of a package."""

    def __init__(self, name, plugin, package="a-package"):
        self.name, self.value, self.group, self._plugin = name, f"{package}:PLUGIN", GROUP, plugin
        self.dist = type("Package", (), {"name": package})

    def load(self):
        return self._plugin() if isinstance(self._plugin, type) else self._plugin


def looked(*points):
    return look(points=lambda *, group: [point for point in points if point.group == group])


def test_a_plugin_of_any_package_is_found_beside_ours():
    found = looked(Point("email", EMAIL, "argus-media"), Point("drum", a_plugin("drum")))

    assert list(found.plugins) == ["email", "drum"]
    assert found.faults == {}


@pytest.mark.parametrize(
    ("plugin", "why"),
    [
        (Broken, "KeyError: 'a library'"),
        (Leaving, "SystemExit: 3"),
        ("no plugin", "TypeError: a-package:PLUGIN is no argus_media.Plugin"),
        (a_plugin("fife"), "ValueError: the slug of a-package:PLUGIN is fife"),
        (Plugin(MediumKind("drum", "Drum", Unschemed, "where"), open="a:b"), "JsonSchema"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_the_reason_and_counted(plugin, why, caplog):
    before = REGISTRY.get_sample_value("argus_media_unusable_total", {"medium": "drum"}) or 0

    found = looked(Point("drum", plugin), Point("flute", a_plugin("flute")))

    assert list(found.plugins) == ["flute"]
    assert why in found.faults["drum"]
    assert why in caplog.text
    assert REGISTRY.get_sample_value("argus_media_unusable_total", {"medium": "drum"}) == before + 1


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_packages_with_one_slug_ours_is_taken_and_else_the_first_by_name_in_every_service(turned):
    points = [
        Point("email", a_plugin("email"), "a-mailer"), Point("email", EMAIL, "argus-media"),
        Point("drum", a_plugin("drum"), "b"), Point("drum", first := a_plugin("drum"), "a"),
    ]  # fmt: skip

    found = looked(*(reversed(points) if turned else points))

    assert found.plugins["email"] is EMAIL
    assert found.plugins["drum"] is first
    assert found.faults == {}


def test_an_entry_point_that_names_nothing_is_left_out():
    assert "drum" in looked(EntryPoint("drum", "nowhere:nothing", GROUP)).faults


def test_all_installed_media_may_be_used_unless_some_are_named(caplog):
    assert chosen(()) == installed()
    assert chosen(("webhook", "nope")).keys() == {"webhook"}
    assert "not installed: nope" in caplog.text


def test_who_finds_the_media_imports_nothing_that_sends():
    look = "import sys; from argus_media.finding import installed; print(*installed()); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True).stdout

    media, modules = (line.split() for line in said.splitlines())
    assert {"email", "webhook"} <= set(media)
    assert not {"argus_dispatch", "aiohttp", "aiokafka", "aiosmtplib", "apprise"} & set(modules)
