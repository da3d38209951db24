"""The structure of the code: which package may import which, module sizes, names, docstrings."""

from __future__ import annotations

import ast
import functools
import importlib
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

SHARED_PACKAGES = {"domain", "claims"}
"""Packages that every other package may import."""

MAY_IMPORT = {
    "domain": {"domain"},
    "pull": {"domain", "pull"},
    "claims": {"domain", "claims"},
    "local": {"domain", "local"},
    "sources": {*SHARED_PACKAGES, "sources"},
    "store": {*SHARED_PACKAGES, "store"},
    "evidence": {*SHARED_PACKAGES, "evidence"},
    "report": {*SHARED_PACKAGES, "report"},
    "calibration": {*SHARED_PACKAGES, "evidence", "calibration"},
    "simulation": {*SHARED_PACKAGES, "evidence", "simulation"},
    "analysis": {*SHARED_PACKAGES, "store", "evidence", "simulation", "calibration", "analysis"},
    "__main__": {"cli", "local"},
    "demo": {*SHARED_PACKAGES, "simulation"},
    "notebook": {*SHARED_PACKAGES, "local", "store", "evidence", "report", "analysis"},
    "cli": {
        *SHARED_PACKAGES,
        "cli",
        "local",
        "sources",
        "pull",
        "store",
        "evidence",
        "report",
        "simulation",
        "analysis",
        "calibration",
        "demo",
    },
}
EVIDENCE_FOR_REPORT = {
    "tracker.evidence.answer",
    "tracker.evidence.assessment",
    "tracker.evidence.grade",
    "tracker.evidence.overview",
    "tracker.evidence.results",
    "tracker.evidence.verdict",
    "tracker.evidence.planning.plan",
    "tracker.evidence.planning.wording",
}
"""Modules of evidence that report may import, besides ``tracker.evidence.charts``."""
FILES_FOR_STORE = {"tracker.local.atomic_files"}
"""Modules of local that store may import, so that files are written in one way."""


def package_of(module: str) -> str:
    """Return the package of a module: ``store`` of ``tracker.store.schema``, "" of ``tracker``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a file's syntax tree, the module first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Return all tracker modules that a file imports, at any level of nesting."""
    modules: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively: write the module's whole name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = {name for name in names if is_module(name)}
            modules |= submodules | ({node.module} if names - submodules else set())
    return frozenset(name for name in modules if name.split(".")[0] == "tracker")


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or a package of the project."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def name_of(path: Path) -> str:
    """Return the dotted name of a file of the project."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def may_import(module: str, target: str) -> bool:
    """Return whether a module may import another."""
    package = package_of(module)
    if not package:
        return True  # tracker/__init__.py re-exports public names, from any package
    if package == "report" and (
        target in EVIDENCE_FOR_REPORT or target.startswith("tracker.evidence.charts")
    ):
        return True
    if package == "store" and target in FILES_FOR_STORE:
        return True
    return not package_of(target) or package_of(target) in MAY_IMPORT[package]


def test_imports_run_in_the_allowed_directions() -> None:
    """A module imports only packages that its own package may use."""
    assert not [
        f"{name_of(path)} imports {target}, which it may not use"
        for path in MODULES
        for target in sorted(imports(path))
        if not may_import(name_of(path), target)
    ]


def test_modules_are_of_a_readable_size() -> None:
    """No module has more than 400 lines."""
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert not {name: size for name, size in sizes.items() if size > 400}


def test_every_module_has_a_docstring() -> None:
    """Each module begins with a docstring."""
    modules = {name_of(path): nodes(path)[0] for path in MODULES}
    assert not [
        name
        for name, module in modules.items()
        if not isinstance(module, ast.Module) or not ast.get_docstring(module)
    ]


def test_imports_form_no_cycle() -> None:
    """No module imports itself through others; tracker/__init__.py loads its modules late."""
    dependencies = {
        name_of(path): imports(path) - {name_of(path)}
        for path in MODULES
        if package_of(name_of(path))
    }
    visited: set[str] = set()

    def visit(module: str, chain: tuple[str, ...]) -> None:
        assert module not in chain, f"a cycle: {' → '.join((*chain, module))}"
        if module not in visited:
            for target in dependencies.get(module, ()):
                visit(target, (*chain, module))
            visited.add(module)

    for module in dependencies:
        visit(module, ())


def top_level_imports(path: Path) -> set[str]:
    """Return the first part of the name of each module that a file imports."""
    modules: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return {module.split(".")[0] for module in modules}


def test_local_and_domain_load_the_standard_library_only() -> None:
    """`local` and `domain` import the standard library only; the settings may load tomlkit."""
    allowed = {*sys.stdlib_module_names, "tracker"}
    late = {"tracker.local.settings": {"tomlkit"}}
    paths = [*(PACKAGE / "local").glob("*.py"), *(PACKAGE / "domain").glob("*.py")]
    assert paths
    foreign = {
        name_of(path): top_level_imports(path) - allowed - late.get(name_of(path), set())
        for path in paths
    }
    assert not {name: modules for name, modules in foreign.items() if modules}


VAGUE_NAMES = {
    *("found", "said", "told", "here", "there", "mine", "one", "made", "known", "kept"),
    *("seen", "asked"),
}
"""Participles, pronouns and adverbs that do not describe what a variable holds."""


def bindings(path: Path) -> list[tuple[int, str]]:
    """Return the line and name of each variable and parameter that a file binds."""
    names: list[tuple[int, str]] = []
    for node in nodes(path):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append((node.lineno, node.id))
        elif isinstance(node, ast.arg):
            names.append((node.lineno, node.arg))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.append((node.lineno, node.name))
    return names


def test_variables_are_named_for_what_they_hold() -> None:
    """No variable or parameter is a bare participle, pronoun or adverb."""
    assert not [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in ALL_CODE
        for line, name in bindings(path)
        if name in VAGUE_NAMES
    ]


def test_no_project_import_is_renamed() -> None:
    """A module and its functions have names that need no `import … as`."""
    assert not [
        f"{path.relative_to(ROOT)}:{node.lineno} {alias.name} as {alias.asname}"
        for path in ALL_CODE
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
        if alias.asname
        and (getattr(node, "module", None) or alias.name).split(".")[0]
        in {"tracker", "benchmarks", "support"}
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda path: path.stem
)
def test_every_benchmark_can_be_imported(path: Path) -> None:
    """Benchmarks are run by hand, so a name that has moved would go unnoticed."""
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
