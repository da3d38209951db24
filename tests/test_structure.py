"""The structure of the code: which package may import which, module sizes, names, docstrings."""

from __future__ import annotations

import ast
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
    "__main__": {"cli"},
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


def imports(path: Path) -> set[str]:
    """Return all tracker modules that a file imports, at any level of nesting."""
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
    """Return whether a dotted name is a module or a package of the project."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def name_of(path: Path) -> str:
    """Return the dotted name of a file of the project."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_in_the_allowed_directions(path: Path) -> None:
    """A module imports only packages that its own package may use."""
    package = package_of(name_of(path))
    if not package:
        return  # tracker/__init__.py re-exports public names, from any package
    for module in imports(path):
        if package == "report" and (
            module in EVIDENCE_FOR_REPORT or module.startswith("tracker.evidence.charts")
        ):
            continue
        if package == "store" and module in FILES_FOR_STORE:
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


@pytest.mark.parametrize(
    "path", [*(PACKAGE / "local").glob("*.py"), *(PACKAGE / "domain").glob("*.py")], ids=name_of
)
def test_local_and_domain_load_the_standard_library_only(path: Path) -> None:
    """`local` and `domain` import the standard library only; the settings may load tomlkit."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        loaded = {module.split(".")[0] for module in modules}
        is_late_import = name_of(path) == "tracker.local.settings" and loaded <= {"tomlkit"}
        assert is_late_import or loaded <= {*sys.stdlib_module_names, "tracker"}, (
            f"{name_of(path)} loads {modules}"
        )


VAGUE_NAMES = {
    *("found", "said", "told", "here", "there", "mine", "one", "made", "known", "kept"),
    *("seen", "asked"),
}
"""Participles, pronouns and adverbs that do not describe what a variable holds."""


def bindings(tree: ast.AST) -> list[tuple[int, str]]:
    """Return the line and name of each variable and parameter that a module binds."""
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


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda path: path.stem
)
def test_every_benchmark_can_be_imported(path: Path) -> None:
    """Benchmarks are run by hand, so a name that has moved would go unnoticed."""
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
