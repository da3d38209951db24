"""The house itself: which room may import which, how large a room is, that public things are documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tracker"
MODULES = sorted(PACKAGE.rglob("*.py"))

GROUND = {"records", "gains", "errors", "times", "claims", "ids", "durable", "settings", "urls", "names"}
"""What everyone may import."""

MAY_IMPORT = {
    **dict.fromkeys(GROUND, GROUND),
    "sources": GROUND | {"sources"},
    "store": GROUND | {"store"},
    "evidence": GROUND | {"evidence"},
    "durable": GROUND,
    "timer": GROUND | {"durable"},
    "report": GROUND | {"report"},
    "analysis": GROUND | {"store", "evidence", "analysis", "demo"},
    "notebook": GROUND | {"store", "evidence", "report", "analysis"},
    "cli": GROUND | {"cli", "sources", "store", "evidence", "report", "timer", "durable", "analysis", "demo"},
    "demo": GROUND,
}
EVIDENCE_FOR_REPORT = {"tracker.evidence.results", "tracker.evidence.verdict"}
"""What report may take from evidence: the result types and the one place that words a verdict."""


def room(module: str) -> str:
    """tracker.store.schema → store; tracker → the package's own name space."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Every tracker module that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively: write the module's whole name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {name for name in names if is_module(name)}
            found |= known | ({node.module} if names - known else set())
    return {name for name in found if name.split(".")[0] == "tracker"}


def is_module(name: str) -> bool:
    """Whether a dotted name is a file or folder of the package."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def name_of(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_in_the_allowed_directions(path: Path) -> None:
    """A module imports only rooms that its own room may know."""
    here = room(name_of(path))
    if not here:
        return  # the package's face hands names on, and may name any room
    for module in imports(path):
        if here == "report" and module in EVIDENCE_FOR_REPORT:
            continue
        there = room(module)
        assert not there or there in MAY_IMPORT[here], f"{name_of(path)} imports {module}, which {here} may not know"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_is_of_a_size_one_can_see(path: Path) -> None:
    """No module has more than 400 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """Each module opens with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_two_modules_import_each_other() -> None:
    """The imports form no circle; the package's face does not count, it loads a room when a name is asked for."""
    arrows = {name_of(path): imports(path) - {name_of(path)} for path in MODULES if room(name_of(path))}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a circle: {' → '.join((*trail, module))}"
        if module not in done:
            for target in arrows.get(module, ()):
                visit(target, (*trail, module))
            done.add(module)

    for module in arrows:
        visit(module, ())


def test_the_timer_knows_only_the_standard_library() -> None:
    """Nothing that takes long to load stands between a developer and a logged entry."""
    heavy = {"sqlalchemy", "pandas", "numpy", "scipy", "plotly", "rich", "alembic", "jinja2", "tomlkit", "click"}
    for name in ("timer.py", "durable.py", "times.py", "records.py", "errors.py", "ids.py", "gains.py"):
        tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {m.split(".")[0] for m in modules} & heavy, f"{name} loads {modules}"
