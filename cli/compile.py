"""`poolweaver compile`: the rules that manifests become."""

from __future__ import annotations

import click

from cli.inputs import read_inputs
from grammar.parse import parse
from grammar.printer import print_rules
from grammar.tree import Ruleset
from model.rules import LANGUAGE_VERSION
from policy.load import load
from policy.settings import AuthoringSettings


@click.command("compile")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option(
    "--namespace",
    default="kube-system",
    show_default=True,
    help="The setting `namespace`: that of a multusName without one.",
)
def command(paths: tuple[str, ...], recursive: bool, namespace: str) -> None:
    """Print the rules of every SpiderIPPool in PATH, without a store."""
    loaded = load(read_inputs(paths, recursive), AuthoringSettings(namespace))
    blocks = [parse(pool.rule_text).pools[0] for pool in loaded.pools]
    click.echo(print_rules(Ruleset(LANGUAGE_VERSION, tuple(blocks))), nl=False)
    if not blocks:
        click.echo("there is no SpiderIPPool in what was given", err=True)
