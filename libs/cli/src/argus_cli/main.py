"""The `argus` command: its verbs come from the entry points `argus.commands`."""

import logging
from importlib.metadata import EntryPoint, entry_points

import click

from argus_cli.errors import explained

GROUP = "argus.commands"


class Verbs(click.Group):
    """A group whose verbs are found among the installed packages; one is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted(set(super().list_commands(ctx)) | set(_registered()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb."""
        entry = _registered().get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = entry.load()
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; what cannot be helped here becomes one line that says what to do."""
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit:
            raise
        except click.ClickException:
            raise
        except Exception as error:
            known = explained(error)
            if known is None:
                raise
            raise known from error


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Argus Stream: incidents from everywhere, told to the right people.

    Settings come from the environment (ARGUS_DATABASE_URL, ARGUS_KAFKA_BOOTSTRAP_SERVERS, ...); where they are not
    set, from an `argus up` that runs with the data in .argus.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its errors reach us, and become one line


def _registered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
