"""Media: ways to reach people, and what a package needs to add one (docs/media.md).

Those that are installed are found by `argus_media.finding`.
"""

from argus_media.errors import AttemptFailed, MediumUnavailable, Undeliverable
from argus_media.interface import Installation, Letter, Medium, Message, OpenMedium
from argus_media.kinds import HIDDEN, SECRET, MediumKind, MediumSettings, secret_settings
from argus_media.plugin import Plugin

__all__ = [
    "HIDDEN", "SECRET", "AttemptFailed", "Installation", "Letter", "Medium", "MediumKind", "MediumSettings",
    "MediumUnavailable", "Message", "OpenMedium", "Plugin", "Undeliverable", "secret_settings",
]  # fmt: skip
