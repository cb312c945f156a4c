"""The command group: finds its commands by module name and turns errors into exit codes.

0 all agree, 1 some differ or are invalid, 2 bad usage or input, 3 an engine failed.
"""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import NoReturn

import click
from sigma.exceptions import SigmaError

from converter.errors import ConversionError
from harness.errors import HarnessError
from harness.events.errors import LogError
from sigma.sigmaproof.errors import SigmaFileError

from . import commands


class _Commands(click.Group):
    """Import a command only when it is asked for, as each pulls in other packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{commands.__name__}.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name}.command is no command")
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sigmaproof")
def group() -> None:
    """Port detection rules between SIEMs and show that the port still detects the same."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; bad input ends in one line on standard error and exit code 2."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code."""
    try:
        code = group.main(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except (ConversionError, LogError, SigmaError, SigmaFileError, OSError) as error:
        click.echo(f"error: {error}", err=True)
        return 2
    return code if isinstance(code, int) else 0
