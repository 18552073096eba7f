"""Which finding codes the source can raise, read from the source itself.

Constants are followed from where a finding is made back through parameters, variables, fields, loops and the results of
functions. What cannot be followed is a `*` in the code, and a test says of every such place what it stands for.
"""

import ast
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import TypeAlias

from house import CHECKOUT
from source_scopes import Each, Module, Scope, called_name, fields_of, passed

__all__ = ["ANY", "Source"]

ANY = "*"
SINKS = ("Finding", "CatalogFinding", "Problem")
"""Classes of which each instance tells a finding, by their field `code`."""

_LEAVES = (ast.Constant, ast.Name, ast.expr_context, ast.operator, ast.alias, ast.cmpop, ast.boolop, ast.unaryop)
"""Nodes below which nothing is called or declared."""

Seen: TypeAlias = frozenset[tuple[object, ...]]


class Source:
    """The source below some folders of the checkout.

    Args:
        folders: Names of packages.
    """

    def __init__(self, *folders: str) -> None:
        self.modules: dict[str, Module] = {}
        self.functions: dict[str, list[Scope]] = defaultdict(list)
        self.fields: dict[tuple[str, str], list[str]] = {}
        self.calls: dict[str, list[tuple[Scope, ast.Call]]] = defaultdict(list)
        self._near: dict[str, set[str]] = {}
        for folder in folders:
            for path in sorted((CHECKOUT / folder).rglob("*.py")):
                self._read(path)

    def raised(self) -> dict[str, set[str]]:
        """Return the codes, each with the places that can tell it; a code with a `*` could not be followed whole."""
        found: dict[str, set[str]] = defaultdict(set)
        for sink in SINKS:
            position = next(names.index("code") for (_, name), names in self.fields.items() if name == sink)
            for scope, call in self.calls[sink]:
                value = passed(call, "code", position)
                for code in set() if value is None else self._values(value, scope, frozenset()):
                    if not code.endswith("-"):  # built from a code that is empty where there is nothing to tell
                        found[code].add(scope.module.name)
        return found

    def passed(self, called: str, name: str, position: int, package: str) -> set[str]:
        """Return the texts that are passed for a parameter of what is called so, below a package."""
        found: set[str] = set()
        for scope, call in self.calls[called]:
            value = passed(call, name, position)
            if scope.module.name.startswith(f"{package}.") and value is not None:
                parts = value.values if isinstance(value, ast.JoinedStr) else [value]
                told = [self._values(part, scope, frozenset()) or {ANY} for part in parts]
                found |= {"".join(one) for one in product(*told)}
        return found

    def _read(self, path: Path) -> None:
        name = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")
        self.modules[name] = Module(name, ast.parse(path.read_text(encoding="utf-8")))
        self._visit(self.modules[name].tree, Scope(self.modules[name]), "")

    def _visit(self, node: ast.AST, scope: Scope, owner: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _LEAVES):
                continue
            if isinstance(child, ast.ImportFrom):
                scope.module.imports(child)
            elif isinstance(child, ast.ClassDef):
                self.fields[scope.module.name, child.name] = fields_of(child)
                self._visit(child, Scope(scope.module), child.name)
            elif isinstance(child, ast.FunctionDef):
                inner = Scope(scope.module, child, owner if scope.node is None else "", scope)
                self.functions[owner if child.name == "__init__" else child.name].append(inner)
                self._visit(child, inner, inner.owner)
            else:
                if isinstance(child, ast.Call):
                    name = called_name(child)
                    self.calls[scope.module.names.get(name, ("", name))[1]].append((scope, child))
                self._visit(child, scope, owner)

    def _values(self, value: ast.expr, scope: Scope, seen: Seen) -> set[str]:  # noqa: PLR0911 - a form a line
        match value:
            case ast.Constant(value=constant):
                return set() if constant is None else {str(constant)}
            case ast.JoinedStr(values=parts):
                return {"".join(one) for one in product(*(self._values(part, scope, seen) for part in parts))}
            case ast.FormattedValue(value=inner):
                return self._values(inner, scope, seen)
            case ast.IfExp(body=body, orelse=other):
                return self._values(body, scope, seen) | self._values(other, scope, seen)
            case ast.BoolOp(values=parts):
                return set[str]().union(*(self._values(part, scope, seen) for part in parts))
            case ast.Name(id=name):
                return self._name(name, scope, seen)
            case ast.Attribute():
                return self._attribute(value, scope, seen)
            case ast.Call():
                return self._returned(value, None, scope, seen)
        return {ANY}

    def _name(self, name: str, scope: Scope, seen: Seen) -> set[str]:
        key = (scope, name)
        if key in seen:
            return set()
        seen |= {key}
        bound = scope.assigned.get(name, [])
        found = set[str]().union(*(self._element(value, at, scope, seen) for at, value in bound))
        if scope.takes(name):
            return found | self._passed(scope, name, seen)
        if bound:
            return found
        if scope.outer is not None:
            return self._name(name, scope.outer, seen)
        home, original = scope.module.names.get(name, ("", ""))
        return self._name(original, Scope(self.modules[home]), seen) if home in self.modules else {ANY}

    def _element(  # noqa: PLR0911 - a form a line
        self, value: ast.expr, at: int | None, scope: Scope, seen: Seen
    ) -> set[str]:
        """Return what stands at a place of a tuple; the value itself without one."""
        if isinstance(value, Each):
            return self._yielded(value.iterable, at, scope, seen)
        if at is None:
            return self._values(value, scope, seen)
        match value:
            case ast.Constant(value=None):
                return set()
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if at < len(elements):
                return self._values(elements[at], scope, seen)
            case ast.IfExp(body=body, orelse=other):
                return self._element(body, at, scope, seen) | self._element(other, at, scope, seen)
            case ast.Call():
                return self._returned(value, at, scope, seen)
            case ast.Starred(value=ast.Name(id=name)) | ast.Name(id=name):
                whole = [one for place, one in scope.assigned.get(name, []) if place is None]
                return set[str]().union(*(self._element(one, at, scope, seen) for one in whole)) or {ANY}
        return {ANY}

    def _functions(self, call: ast.Call, module: Module) -> list[Scope]:
        home, original = module.names.get(called_name(call), (module.name, called_name(call)))
        return [one for one in self.functions[original] if one.module.name == home]

    def _returned(self, call: ast.Call, at: int | None, scope: Scope, seen: Seen) -> set[str]:
        functions = self._functions(call, scope.module)
        found: set[str] = set()
        # A function of the same name elsewhere is taken for ours, and then may seem to call itself for ever.
        key = (call, at)
        if key in seen:
            return found
        seen |= {key}
        for function in functions:
            for node in ast.walk(function.node or ast.Pass()):
                if isinstance(node, ast.Return) and node.value is not None:
                    found |= self._element(node.value, at, function, seen)
        return found if functions else {ANY}

    def _yielded(self, iterable: ast.expr, at: int | None, scope: Scope, seen: Seen) -> set[str]:
        found: set[str] = set()
        for function in self._functions(iterable, scope.module) if isinstance(iterable, ast.Call) else ():
            for node in ast.walk(function.node or ast.Pass()):
                if isinstance(node, ast.Yield) and node.value is not None:
                    found |= self._element(node.value, at, function, seen)
                elif isinstance(node, ast.YieldFrom):
                    found |= self._yielded(node.value, at, function, seen)
        return found or {ANY}

    def _passed(self, function: Scope, name: str, seen: Seen) -> set[str]:
        """Return what is passed for a parameter, wherever the function is called."""
        called = function.node.name if function.node else ""
        called = function.owner if called == "__init__" else called
        position = function.positional.index(name) if name in function.positional else None
        found: set[str] = set()
        for scope, call in self.calls[called]:
            if self._reaches(call, scope.module, function, called):
                value = passed(call, name, position) or function.default(name)
                starred = position if isinstance(value, ast.Starred) else None
                found |= set() if value is None else self._element(value, starred, scope, seen)
        return found

    def _reaches(self, call: ast.Call, module: Module, function: Scope, called: str) -> bool:
        if not isinstance(call.func, ast.Attribute):
            if module is function.module:
                return not function.owner or called == function.owner
            return (function.module.name, called) in module.names.values()
        known = module is function.module
        if isinstance(call.func.value, ast.Name):
            if call.func.value.id == "self":
                return bool(function.owner) and known
            home, name = module.names.get(call.func.value.id, ("", ""))
            if f"{home}.{name}" == function.module.name:
                return True
        return bool(function.owner) and (known or function.module.name in self._imported(module))

    def _imported(self, module: Module) -> set[str]:
        """Return the modules that a module imports, and those that they import."""
        if module.name not in self._near:
            found: set[str] = {module.name}
            for _ in range(2):
                for one in found & self.modules.keys():
                    names = self.modules[one].names.values()
                    found = found | {home for home, _ in names} | {f"{home}.{name}" for home, name in names}
            self._near[module.name] = found
        return self._near[module.name]

    def _attribute(self, value: ast.Attribute, scope: Scope, seen: Seen) -> set[str]:
        """Return what the field of that name is made with, in every class that the module can know."""
        kind = scope.annotation(value.value)
        key = (scope.module, kind, ast.unparse(value))
        if (kind or scope.owner) in SINKS or key in seen:
            return set()  # a finding that is passed on
        seen |= {key}
        found: set[str] = set()
        for (home, owner), names in self.fields.items():
            if value.attr not in names or owner in SINKS or (kind and kind != owner):
                continue
            if home in self._imported(scope.module):
                found |= self._made_with(owner, home, value.attr, seen)
        return found or {ANY}

    def _made_with(self, owner: str, home: str, name: str, seen: Seen) -> set[str]:
        found: set[str] = set()
        for scope, call in self.calls[owner]:
            if scope.module.name == home or (home, owner) in scope.module.names.values():
                argument = passed(call, name, self.fields[home, owner].index(name))
                found |= set() if argument is None else self._values(argument, scope, seen)
        return found
