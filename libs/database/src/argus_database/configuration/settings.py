"""The settings of destinations, as their medium takes them."""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from argus_database.configuration.errors import Refused
from argus_media import HIDDEN, MediumKind, secret_settings

log = logging.getLogger(__name__)

NOTHING_HIDDEN = f"{HIDDEN} stands for a secret that is kept, and none is."


def checked_settings(medium: MediumKind, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as the medium takes them.

    Raises:
        Refused: it failed at them, or a secret is to be kept that is not there.
        ValidationError: it does not take them.
    """
    for name in secret_settings(medium.settings):
        if said.get(name) == HIDDEN:
            raise Refused(name, NOTHING_HIDDEN)
    try:
        return medium.settings.model_validate(dict(said)).model_dump(mode="json")
    except ValidationError:
        raise
    except Exception as error:  # a medium of somebody else's may fail in any way
        log.exception("medium %s cannot check settings", medium.slug)
        raise Refused("settings", f"{medium.name} cannot take these settings.") from error
