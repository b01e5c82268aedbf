"""What a verification counts and finds."""

from collections import Counter
from dataclasses import dataclass, field

MOST_SHOWN = 50


@dataclass(slots=True)
class Findings:
    """Counts of what was compared, and a line for each disagreement."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Note a disagreement."""
        self.lines.append(line)

    def shown(self) -> list[str]:
        """Return the lines, not too many of them."""
        more = len(self.lines) - MOST_SHOWN
        return [*self.lines[:MOST_SHOWN], *([f"… and {more} more"] if more > 0 else [])]
