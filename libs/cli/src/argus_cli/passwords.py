"""Passwords for a command: as an option, from standard input, or from the environment."""

import functools
import os
from collections.abc import Callable
from typing import Any

import click

from argus_cli.errors import MISUSED, Failure

VARIABLE = "ARGUS_USER_PASSWORD"


def password_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the ways to give a password; the command gets it as `password`, None where none was given."""

    @click.option("--password", help=f"Visible to others on this machine; better: --password-stdin, or {VARIABLE}.")
    @click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
    @functools.wraps(command)
    def with_password(*arguments: Any, password: str | None, password_stdin: bool, **options: Any) -> None:
        command(*arguments, password=_chosen(password, password_stdin), **options)

    return with_password


def _chosen(given: str | None, from_stdin: bool) -> str | None:
    if given is not None and from_stdin:
        raise Failure("--password and --password-stdin exclude each other.", code=MISUSED)
    if from_stdin:
        given = click.get_text_stream("stdin").readline().rstrip("\r\n")
    if given is None:
        return os.environ.get(VARIABLE) or None
    if not given:
        raise Failure("The password is empty.", code=MISUSED)
    return given
