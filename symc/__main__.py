"""python -m symc: the command line."""

from symc.cli import main

main()
