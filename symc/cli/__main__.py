"""`python -m symc.cli` is the command `symc`."""

from symc.cli.main import main

main()
