"""Run the command line with `python -m harness`."""

from harness.cli import main

main()
