"""Start the program `tracker`; Ctrl-C while its modules load prints no traceback."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the program `tracker`.

    Modules are no garbage. To search them for some, while they load and again when the program
    ends, would take a tenth of the time of `tracker start`.
    """
    gc.disable()
    try:
        from tracker import cli  # late: it takes a tenth of a second

        gc.freeze()
        gc.enable()
        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
