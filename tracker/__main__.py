"""Start the program `tracker`; Ctrl-C while its modules load prints no traceback."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the program `tracker`."""
    try:
        from tracker import cli  # late: it takes a tenth of a second

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
