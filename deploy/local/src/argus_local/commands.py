"""What the local stack adds to the `argus` command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from argus_local.addresses import GATEWAY, SERVICES
from argus_local.errors import LocalError


@contextmanager
def one_line() -> Iterator[None]:
    """Show what this machine refuses as one line instead of a traceback."""
    try:
        yield
    except LocalError as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=GATEWAY,
    show_default=True,
    help="Port of the one address for everything; 0 takes any free port.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".argus"),
    show_default=True,
    help="Folder in which everything is kept.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that gets addresses, credentials and process ids as JSON, once all answer.",
)
@click.option("--demo/--no-demo", default=True, help="Make a user and a source to try things with.")  # fmt: skip
@click.option("--without", type=click.Choice(SERVICES), multiple=True, help="A service that is not to run; repeatable.")
def up(port: int, data: Path, ready_file: Path | None, demo: bool, without: tuple[str, ...]) -> None:
    """Start everything on this machine, until Ctrl-C.

    Kafka and PostgreSQL are downloaded at the first start, unless ARGUS_KAFKA_BOOTSTRAP_SERVERS and
    ARGUS_DATABASE_URL name others; mail is caught, unless ARGUS_SMTP_HOST is set.
    """
    from argus_local.up import Options, run  # noqa: PLC0415  a second of imports that other commands do not need

    with one_line():
        run(Options(port, data, ready_file, demo, frozenset(without)))


@click.command()
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    default=0.5,
    show_default=True,
    help="Incidents that begin in a second.",
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0),
    default=None,
    help="Seconds after which no more begin; without it, until Ctrl-C.",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".argus"), show_default=True,
              help="Folder of the stack that runs.")  # fmt: skip
def demo(rate: float, seconds: float | None, data: Path) -> None:
    """Send incidents of a made-up university network to the stack that runs here.

    Links, BGP, power, UPS and DNS: they open, flap, are acknowledged and close.
    """
    from argus_local.demo import run  # noqa: PLC0415  imports that other commands do not need

    with one_line():
        run(data, rate, seconds)
