"""`poolweaver get`: objects as kubectl prints them."""

from __future__ import annotations

import json

import click

from cli.kinds import CLUSTER_SCOPED, DEFAULT_NAMESPACE, parse_targets, resource_name
from cli.label_query import parse_query, selects
from cli.listing import Item, items_of, rows_of
from cli.stores import now_seconds, opened
from cli.tables import table
from cli.yaml_text import yaml_text
from model.errors import NotFoundError
from model.naming import did_you_mean, nearest


@click.command("get")
@click.argument("kind")
@click.argument("name", required=False)
@click.option("--namespace", "-n", default=DEFAULT_NAMESPACE, help="Only this namespace.")
@click.option("--all-namespaces", "-A", is_flag=True, help="Every namespace.")
@click.option(
    "--selector", "-l", default="", metavar="QUERY", help="Only objects with these labels."
)
@click.option(
    "--output", "-o", type=click.Choice(["table", "wide", "yaml", "json", "name"]), default="table"
)
@click.pass_context
def command(
    context: click.Context,
    kind: str,
    name: str | None,
    namespace: str,
    all_namespaces: bool,
    selector: str,
    output: str,
) -> None:
    """List objects of KIND, or print the one called NAME."""
    kind, names = parse_targets(kind, [name] if name else [])
    name = names[0] if names else None
    scope = None if all_namespaces or kind in CLUSTER_SCOPED else namespace
    with opened(context) as store:
        items = items_of(store, kind, scope)
        if name is not None:
            items = [_named(items, kind, name, scope)]
        query = parse_query(selector)
        items = [item for item in items if selects(query, item.labels)]
        if output in ("table", "wide"):
            _print_table(
                kind, items, scope, output == "wide", rows_of(store, kind, items, now_seconds())
            )
            return
    _print_documents(kind, items, output, single=name is not None)


def _named(items: list[Item], kind: str, name: str, scope: str | None) -> Item:
    for item in items:
        if item.name == name:
            return item
    near = nearest(name, [item.name for item in items])
    place = f" in namespace `{scope}`" if scope else ""
    raise NotFoundError(
        f"there is no {resource_name(kind, name)}{place}",
        did_you_mean(near, "list all without a name"),
    )


def _print_table(
    kind: str, items: list[Item], scope: str | None, wide: bool, rows: list[dict[str, str]]
) -> None:
    if not rows:
        click.echo(f"No resources found{f' in {scope} namespace' if scope else ''}.", err=True)
        return
    headings = [h for h in rows[0] if wide or not h.startswith("+")]
    body = [[row[heading] for heading in headings] for row in rows]
    headings = [heading.removeprefix("+") for heading in headings]
    if scope is None and kind not in CLUSTER_SCOPED:
        headings.insert(0, "NAMESPACE")
        body = [[item.namespace, *cells] for item, cells in zip(items, body, strict=True)]
    click.echo(table(headings, body))


def _print_documents(kind: str, items: list[Item], output: str, single: bool) -> None:
    if output == "name":
        for item in items:
            click.echo(resource_name(kind, item.name))
        return
    documents = [item.document for item in items]
    value: object = (
        documents[0] if single else {"apiVersion": "v1", "kind": "List", "items": documents}
    )
    if output == "json":
        click.echo(json.dumps(value, indent=4, ensure_ascii=False))
    else:
        click.echo(yaml_text(value), nl=False)
