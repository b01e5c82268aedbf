"""docs/rules.md, from the tests: which rule of Argus is proved where, and which we changed on purpose."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = {
    "Metadata, health, errors": range(1, 12),
    "Authentication": range(12, 33),
    "Incident creation": range(33, 59),
    "Incident list and filters": range(59, 85),
    "Incident update": range(85, 98),
    "Events": range(98, 113),
    "Acks": range(113, 122),
    "Bulk": range(122, 135),
    "Tags": range(135, 143),
    "Sources and heartbeat": range(143, 156),
    "Special incidents and commands": range(156, 164),
    "Filters": range(164, 178),
    "Timeslots and profiles": range(178, 187),
    "Matching": range(187, 196),
    "Destinations": range(196, 206),
    "Planned maintenance": range(206, 212),
    "Web pages": range(212, 231),
}
LATER = frozenset(range(212, 231))
"""Not built yet."""


@dataclass(frozen=True, order=True)
class Proof:
    """A test that proves a rule, and what we do otherwise."""

    path: str
    test: str
    changed: str


def proofs() -> dict[int, list[Proof]]:
    """Return the tests of each rule, as their marks name them."""
    found: dict[int, set[Proof]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for test, mark in _marks(ast.parse(path.read_text())):
            numbers = [each.value for each in mark.args if isinstance(each, ast.Constant) and type(each.value) is int]
            changed = next((str(ast.literal_eval(word.value)) for word in mark.keywords if word.arg == "changed"), "")
            for number in numbers:
                found[number].add(Proof(str(path.relative_to(ROOT)), test, changed))
    return {number: sorted(tests) for number, tests in found.items()}


def _marks(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for test in ast.walk(module):
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
            for mark in (each for decorator in test.decorator_list for each in ast.walk(decorator)):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule":
                    yield test.name, mark


def missing() -> list[int]:
    """Return the rules that no test proves though they should be proved by now."""
    return sorted({number for numbers in RULES.values() for number in numbers} - LATER - proofs().keys())


def page() -> str:
    """Return docs/rules.md."""
    found = proofs()
    head = [
        "# Which rule of Argus has which test",
        "",
        "Made from the tests' marks (`@pytest.mark.rule`) by `make docs`. The numbers are those of the behaviours that",
        "clients of Argus 2.10 rely on; the name of a test says what its rule is. The last column names the point of",
        "[differences.md](differences.md) where we do otherwise on purpose.",
    ]
    return "\n".join([*head, *(line for name in RULES for line in _section(name, found))]) + "\n"


def _section(name: str, found: dict[int, list[Proof]]) -> list[str]:
    rows = [_row(number, found.get(number, [])) for number in RULES[name]]
    return ["", f"## {name}", "", "| rule | tests | changed |", "|---|---|---|", *rows]


def _row(number: int, tests: list[Proof]) -> str:
    proved = "<br>".join(f"{each.test.removeprefix('test_').replace('_', ' ')} (`{each.path}`)" for each in tests)
    changed = ", ".join(sorted({each.changed.removeprefix("6.") for each in tests if each.changed}))
    return f"| {number} | {proved or ('not built yet' if number in LATER else '**none**')} | {changed} |"
