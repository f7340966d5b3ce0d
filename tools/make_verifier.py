"""Writes tools/verify_ledger.py: the verifier and the modules it follows from, in one file.

The sources are the ones the service itself runs. What the file may import is the standard
library alone; a name that two modules give to different things stops the writing.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = REPOSITORY / "tenants"
START = "auctionhouse.bidding.verifier.main"
TARGET = REPOSITORY / "tools" / "verify_ledger.py"
HEAD = '''"""Check what an auction house published about its bids, without asking anybody.

Run `python verify_ledger.py FILE...` with a lot's downloaded ledger, receipts of bids, the
published heads of a sale and the house's published keys. It needs Python 3.11 or newer and
nothing else. Written by `make verifier` from the very modules that decide bids; changes to this
file are lost.
"""
'''


class CannotJoin(Exception):
    """The modules cannot stand in one file; the text says why."""


@dataclass
class Joined:
    """Modules in the order they need each other, and what they import from elsewhere."""

    bodies: dict[str, str] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    named: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def add(self, module: str) -> None:
        """Add a module after those it imports."""
        if module in self.bodies:
            return
        source = SOURCES.joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8")
        tree = ast.parse(source)
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in sorted(imports, key=ast.unparse):
            self._follow(module, node)
        for name in _defined(tree):
            if self.owners.setdefault(name, module) != module:
                raise CannotJoin(f"{name} is defined in {module} and in {self.owners[name]}")
        docstring = tree.body[:1] if ast.get_docstring(tree) else []
        self.bodies[module] = _without(source, [*docstring, *imports])

    def _follow(self, module: str, node: ast.Import | ast.ImportFrom) -> None:
        if any(alias.asname for alias in node.names):
            raise CannotJoin(f"{module} renames what it imports")
        if isinstance(node, ast.Import):
            self.plain |= {alias.name for alias in node.names}
            return
        source = node.module or ""
        if source.startswith("auctionhouse."):
            self.add(source)
        else:
            self.named.setdefault(source, set()).update(alias.name for alias in node.names)

    def text(self) -> str:
        """Return the one file."""
        strangers = {name.partition(".")[0] for name in (*self.plain, *self.named)}
        if not strangers <= set(sys.stdlib_module_names):
            raise CannotJoin(f"not in the standard library: {strangers}")
        imports = [f"import {name}" for name in sorted(self.plain)]
        for source in sorted(self.named):
            names = ", ".join(sorted(self.named[source], key=_by_kind))
            imports.append(f"from {source} import {names}")
        parts = [_part(module, body) for module, body in self.bodies.items()]
        return HEAD + "\n" + "\n".join(imports) + "\n\n" + "\n\n\n".join(parts) + "\n"


def _part(module: str, body: str) -> str:
    """Return a module's body under its name, spaced as the formatter does."""
    gap = "\n\n\n" if body.startswith(("@", "class ", "def ")) else "\n\n"
    return f"# From {module}{gap}{body}"


def _by_kind(name: str) -> tuple[int, str]:
    """Sort constants, then classes, then functions, as the formatter does."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _without(source: str, nodes: list[ast.stmt]) -> str:
    lines = source.splitlines()
    for node in nodes:
        for place in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[place] = ""
    return "\n".join(lines).strip()


def joined() -> str:
    """Return the verifier as one file; raises CannotJoin."""
    modules = Joined()
    modules.add(START)
    return modules.text()


if __name__ == "__main__":
    TARGET.write_text(joined(), "utf-8")
    print(f"{TARGET.relative_to(REPOSITORY)} written")
