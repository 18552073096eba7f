"""The source of the platform as `raised` reads it: modules, functions, and what their names are bound to."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["Each", "Module", "Scope", "called_name", "fields_of", "passed"]


class Each(ast.expr):
    """What a loop takes from an iterable."""

    def __init__(self, iterable: ast.expr) -> None:
        super().__init__()
        self.iterable = iterable


@dataclass(eq=False)
class Module:
    """A parsed file, and where its names come from: by local name, the module and the name there."""

    name: str
    tree: ast.Module
    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def imports(self, node: ast.ImportFrom) -> None:
        """Note what a line brings in."""
        if node.module:
            self.names |= {one.asname or one.name: (node.module, one.name) for one in node.names}


@dataclass(eq=False)
class Scope:
    """A module, or a function in it, with the class and the function that it stands in."""

    module: Module
    node: ast.FunctionDef | None = None
    owner: str = ""
    outer: "Scope | None" = None

    @cached_property
    def assigned(self) -> dict[str, list[tuple[int | None, ast.expr]]]:
        """What each name is bound to, and at which place of a tuple."""
        found: dict[str, list[tuple[int | None, ast.expr]]] = defaultdict(list)
        for node in ast.walk(self.node or self.module.tree):
            for target, value in _bindings(node):
                for name, at in _targets(target):
                    found[name].append((at, value))
        return found

    @cached_property
    def positional(self) -> list[str]:
        """Names of the parameters that are passed by position."""
        if self.node is None:
            return []
        names = [one.arg for one in (*self.node.args.posonlyargs, *self.node.args.args)]
        return names[1:] if self.owner and names[:1] in (["self"], ["cls"]) else names

    def takes(self, name: str) -> bool:
        """Whether a parameter is called so."""
        keywords = self.node.args.kwonlyargs if self.node else []
        return name in self.positional or any(one.arg == name for one in keywords)

    def default(self, name: str) -> ast.expr | None:
        """The default of a parameter."""
        if self.node is None:
            return None
        given = self.node.args
        found = dict(zip(reversed(self.positional), reversed(given.defaults), strict=False))
        found |= {one.arg: value for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}
        return found.get(name)

    def annotation(self, value: ast.expr) -> str:
        """Name of the class that a parameter is annotated with; empty if `value` is no such parameter."""
        arguments = (*self.node.args.args, *self.node.args.kwonlyargs) if self.node else ()
        for one in arguments:
            if isinstance(value, ast.Name) and one.arg == value.id and isinstance(one.annotation, ast.Name):
                return one.annotation.id
        return ""


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.comprehension):
        if not isinstance(node.iter, ast.Tuple | ast.List):
            yield node.target, Each(node.iter)
            return
        for element in node.iter.elts:
            inner = element.value if isinstance(element, ast.Starred) else element
            yield node.target, inner.elt if isinstance(inner, ast.GeneratorExp) else inner


def _targets(target: ast.expr) -> Iterator[tuple[str, int | None]]:
    if isinstance(target, ast.Name):
        yield target.id, None
    elif isinstance(target, ast.Tuple):
        yield from ((one.id, at) for at, one in enumerate(target.elts) if isinstance(one, ast.Name))


def called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def passed(call: ast.Call, name: str, position: int | None) -> ast.expr | None:
    """Return what a call passes for a parameter; of a starred tuple, the tuple."""
    for one in call.keywords:
        if one.arg == name:
            return one.value
    if position is None or position >= len(call.args):
        return None
    return next((one for one in call.args[:position] if isinstance(one, ast.Starred)), call.args[position])


def fields_of(node: ast.ClassDef) -> list[str]:
    """Return the fields of a class by position: those that are declared as texts, or set from a parameter."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            return [argument.arg for argument in one.args.args[1:]]
    declared = [one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    texts = ("str", "_Public")
    return [ast.unparse(one.target) if ast.unparse(one.annotation) in texts else "" for one in declared]
