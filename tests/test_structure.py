"""The structure of the code: which package may import which, module sizes, names, docstrings."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tracker"
MODULES = sorted(PACKAGE.rglob("*.py"))
ALL_CODE = sorted(
    path
    for folder in ("tracker", "tests", "benchmarks", "docs")
    for path in (ROOT / folder).rglob("*.py")
)

EVERYWHERE = {"domain", "claims"}
"""What every package may import."""

MAY_IMPORT = {
    "domain": {"domain"},
    "claims": {"domain", "claims"},
    "local": {"domain", "local"},
    "sources": {*EVERYWHERE, "sources"},
    "store": {*EVERYWHERE, "store"},
    "evidence": {*EVERYWHERE, "evidence"},
    "report": {*EVERYWHERE, "report"},
    "analysis": {*EVERYWHERE, "store", "evidence", "analysis"},
    "demo": EVERYWHERE,
    "notebook": {*EVERYWHERE, "local", "store", "evidence", "report", "analysis"},
    "cli": {
        *EVERYWHERE,
        "cli",
        "local",
        "sources",
        "store",
        "evidence",
        "report",
        "analysis",
        "demo",
    },
}
EVIDENCE_FOR_REPORT = {"tracker.evidence.results", "tracker.evidence.verdict"}
"""What report may import from evidence, beside the data of the charts."""

HEAVY = {
    "sqlalchemy",
    "pandas",
    "numpy",
    "scipy",
    "plotly",
    "rich",
    "alembic",
    "jinja2",
    "tomlkit",
    "click",
}
"""Libraries that the timer's modules must not load."""


def package_of(module: str) -> str:
    """``tracker.store.schema`` → ``store``; ``tracker`` → ``""``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Every tracker module that a file imports, wherever in the file."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively: write the module's whole name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = {name for name in names if is_module(name)}
            modules |= submodules | ({node.module} if names - submodules else set())
    return {name for name in modules if name.split(".")[0] == "tracker"}


def is_module(name: str) -> bool:
    """Whether a dotted name is a file or folder of the package."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def name_of(path: Path) -> str:
    """The dotted name of a file of the project."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_in_the_allowed_directions(path: Path) -> None:
    """A module imports only packages that its own package may use."""
    package = package_of(name_of(path))
    if not package:
        return  # tracker/__init__.py hands the public names on, and may name any package
    for module in imports(path):
        if package == "report" and (
            module in EVIDENCE_FOR_REPORT or module.startswith("tracker.evidence.charts")
        ):
            continue
        target = package_of(module)
        assert not target or target in MAY_IMPORT[package], (
            f"{name_of(path)} imports {module}, which {package} may not use"
        )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_are_of_a_readable_size(path: Path) -> None:
    """No module has more than 400 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_has_a_docstring(path: Path) -> None:
    """Each module begins with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_imports_form_no_cycle() -> None:
    """No module imports itself through others; tracker/__init__.py loads its modules late."""
    arrows = {
        name_of(path): imports(path) - {name_of(path)}
        for path in MODULES
        if package_of(name_of(path))
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a cycle: {' → '.join((*trail, module))}"
        if module not in done:
            for target in arrows.get(module, ()):
                visit(target, (*trail, module))
            done.add(module)

    for module in arrows:
        visit(module, ())


@pytest.mark.parametrize(
    "path", [*(PACKAGE / "local").glob("*.py"), *(PACKAGE / "domain").glob("*.py")], ids=name_of
)
def test_local_and_domain_load_the_standard_library_only(path: Path) -> None:
    """`tracker start` waits for nothing heavier than the standard library."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        loaded = {module.split(".")[0] for module in modules}
        late = name_of(path) == "tracker.local.settings" and loaded <= {"tomlkit"}
        assert late or loaded <= {*sys.stdlib_module_names, "tracker"}, (
            f"{name_of(path)} loads {modules}"
        )


VAGUE_NAMES = {
    *("found", "said", "told", "here", "there", "mine", "one", "made", "known", "kept"),
    *("seen", "asked"),
}
"""Participles, pronouns and adverbs that say nothing of what a variable holds."""


def bindings(tree: ast.AST) -> list[tuple[int, str]]:
    """Every name that a module binds to a variable or a parameter, with its line."""
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append((node.lineno, node.id))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.append((node.lineno, node.name))
    return names


@pytest.mark.parametrize("path", ALL_CODE, ids=name_of)
def test_variables_are_named_for_what_they_hold(path: Path) -> None:
    """No variable or parameter is a bare participle, pronoun or adverb."""
    vague = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for line, name in bindings(ast.parse(path.read_text(encoding="utf-8")))
        if name in VAGUE_NAMES
    ]
    assert not vague


@pytest.mark.parametrize("path", ALL_CODE, ids=name_of)
def test_no_project_import_is_renamed(path: Path) -> None:
    """A module and its functions have names that need no `import … as`."""
    renamed = [
        f"{path.relative_to(ROOT)}:{node.lineno} {alias.name} as {alias.asname}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
        if alias.asname
        and (getattr(node, "module", None) or alias.name).split(".")[0]
        in {"tracker", "benchmarks", "support"}
    ]
    assert not renamed
