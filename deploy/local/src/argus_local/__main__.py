"""`python -m argus_local`: the commands of the local stack by themselves."""

import click

from argus_local.commands import demo, up

cli = click.Group(commands={"up": up, "demo": demo})

if __name__ == "__main__":
    cli()
