"""The verbs. Adding one is one file beside this and one row here."""

from __future__ import annotations

import click

from symc.registry import Registry

VERBS: Registry[click.Command] = Registry(
    "verb",
    [
        ("scan", "symc.cli.scan:scan"),
        ("distill", "symc.cli.distill:distill"),
        ("fit", "symc.cli.fit:fit"),
        ("build", "symc.cli.build:build"),
        ("inspect", "symc.cli.inspect:inspect"),
        ("verify", "symc.cli.verify:verify"),
        ("reverify", "symc.cli.reverify:reverify"),
        ("monitor", "symc.cli.monitor:monitor"),
        ("pack", "symc.cli.pack:pack"),
        ("report", "symc.cli.report:report"),
        ("sign", "symc.cli.sign:sign"),
        ("diff", "symc.cli.diff:diff"),
        ("cost", "symc.cli.cost:cost"),
        ("doctor", "symc.cli.doctor:doctor"),
    ],
)
