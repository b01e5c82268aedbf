"""`argus migrate`."""

import click

from argus_cli.environment import data_option, settings
from argus_database import migrate as migrations


@click.command("migrate", short_help="Bring the tables of PostgreSQL to the newest version.")
@data_option
def command(data: str | None) -> None:
    """Bring the tables of PostgreSQL to the newest version.

    Safe to repeat, and to run twice at a time.
    """
    migrations.migrate(settings(data).database_url)
    click.echo("The tables are up to date.")
