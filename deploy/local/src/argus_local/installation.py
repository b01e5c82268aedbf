"""`python -m argus_local.installation FOLDER`: tables, accounts and topics, each made where it is missing.

A process of its own, so that the supervisor, which stays, carries none of what only the start needs.
"""

import asyncio
import sys
from pathlib import Path

import click

from argus_cli.environment import Settings
from argus_cli.errors import explained
from argus_cli.topics import create
from argus_database.engine import open_database
from argus_database.migrate import migrate
from argus_local.data import DataFolder
from argus_local.newcomer import welcome
from argus_runtime.settings import load

NO_DEMO = "--no-demo"
KEEP_PASSWORDS = "--keep-passwords"


def main() -> None:
    """Make the installation ready for its services."""
    settings = load(Settings)
    data = DataFolder(Path(sys.argv[1]))
    try:
        migrate(settings.database_url)
        asyncio.run(_fill(settings, data, demo=NO_DEMO not in sys.argv))
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        click.echo(" ".join(known.message.split()), err=True)
        raise SystemExit(known.exit_code) from error


async def _fill(settings: Settings, data: DataFolder, *, demo: bool) -> None:
    async with open_database(settings.database_url, application="argus-up") as sessions:
        await welcome(sessions, data, demo=demo, new_passwords=KEEP_PASSWORDS not in sys.argv)
    await create(settings)  # after the demo source, whose topic is among them


if __name__ == "__main__":
    main()
