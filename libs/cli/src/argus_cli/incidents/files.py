"""JSON files that a command is given."""

import json
from pathlib import Path
from typing import Any

from argus_cli.errors import MISUSED, Failure


def json_in(file: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        Failure: it cannot be read, or is none.
    """
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", code=MISUSED) from error
    except (ValueError, RecursionError) as error:
        raise Failure(f"{file} is no JSON: {error}.", code=MISUSED) from error


def json_object(file: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        Failure: it cannot be read, or holds something else.
    """
    said = json_in(file)
    if not isinstance(said, dict):
        raise Failure(f"{file} holds no JSON object.", code=MISUSED)
    return said
