"""Blocks and statements that a PrePostProcessor is made and built in."""

from __future__ import annotations

import libcst as cst

from ov_migrate.syntax import Tree


def common_block(tree: Tree, nodes: list[cst.CSTNode]) -> cst.CSTNode:
    """The innermost block that holds all `nodes` in more than one of its statements, or at least all of them."""
    chains = [[n for n in tree.ancestors(node) if isinstance(n, (cst.IndentedBlock, cst.Module))] for node in nodes]
    return next(block for block in chains[0] if all(block in chain for chain in chains[1:]))


def statement_in(tree: Tree, block: cst.CSTNode, node: cst.CSTNode) -> cst.CSTNode:
    """The statement of `block` that holds `node`."""
    found = node
    while tree.parents[found] is not block:
        found = tree.parents[found]
    return found


def building_statement(tree: Tree, loads: list[cst.Call], start: cst.CSTNode) -> cst.CSTNode:
    """The statement in front of which the model is built: that of the load, or the loop around it; with several loads,
    the one of their common block."""
    statement = tree.block_statement(loads[0])
    if len(loads) > 1:
        statement = statement_in(tree, common_block(tree, list(loads)), loads[0])
    around = set(tree.ancestors(start))
    for parent in tree.ancestors(statement):
        if isinstance(parent, (cst.For, cst.While)) and parent not in around:
            statement = parent
        if isinstance(parent, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            break
    return statement
