"""Write the pinned versions from pyproject.toml: run.txt (the program), dev.txt (tests and checks).

The files hold names, versions and hashes, and no address: `pip install --require-hashes -r` uses
the index that the machine is set up for.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))


def compile_pins(name: str, requirements: list[str], *options: str) -> None:
    """Resolve the requirements and write them, with hashes, to ``name``."""
    flags = "--quiet --generate-hashes --no-header --no-annotate --allow-unsafe --strip-extras"
    flags += " --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options"
    command = [
        sys.executable,
        "-m",
        "piptools",
        "compile",
        *flags.split(),
        *options,
        "-o",
        str(HERE / name),
        "-",
    ]
    subprocess.run(command, input="\n".join(requirements), text=True, check=True, cwd=HERE)


def main() -> None:
    """Development first; the program's own pins are the same versions."""
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    run = project["dependencies"] + groups["build"]
    extras = [line for extra in project["optional-dependencies"].values() for line in extra]
    compile_pins("dev.txt", run + extras + groups["test"] + groups["lint"])
    compile_pins("run.txt", run, "--constraint", "dev.txt")


if __name__ == "__main__":
    main()
