"""A glue service as its operator runs it: the installed program, unmodified."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.eventually import eventually

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SECONDS_TO_STOP = 10


def environment(**more: str) -> dict[str, str]:
    """Return what a glue service sees of this machine: nothing of Argus Stream's settings, and no proxy."""
    mine = {name: value for name, value in os.environ.items() if not name.upper().startswith(("ARGUS_", "HTTP"))}
    return {**mine, "TZ": "UTC", "PYTHONUNBUFFERED": "1", **more}


@asynccontextmanager
async def running(folder: Path, *command: str | Path, **more: str) -> AsyncIterator[Process]:
    """Run a program in a folder, with what it prints in `<folder>/log`, which is shown where the test fails."""
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *map(str, command), stdin=PIPE, stdout=log, stderr=STDOUT, cwd=folder, env=environment(**more)
        )
    try:
        yield process
    except BaseException:
        sys.stderr.write((folder / "log").read_text(errors="replace")[-5000:])
        raise
    finally:
        await stop(process)


async def stop(process: Process) -> None:
    """End a program, gently at first."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(SECONDS_TO_STOP):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def output(folder: Path, *command: str | Path, **more: str) -> tuple[int, str]:
    """Return how a program ends and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=folder, env=environment(**more)
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode(errors="replace")


async def says(folder: Path, text: str, within: float = 30) -> None:
    """Wait until a running program has printed a text."""
    await eventually(lambda: text in (folder / "log").read_text(errors="replace"), within=within, pause=0.1)
