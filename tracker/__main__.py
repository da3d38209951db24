"""Start the program `tracker`; Ctrl-C while its modules load prints no traceback."""

from __future__ import annotations

import gc
import os
import sys

GC_THRESHOLDS = (100_000, 10, 10)
"""Objects made since the last garbage collection, and collections until an older generation's."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the program `tracker`; `tracker mark` without the command line's libraries.

    Garbage collection is off while modules load, and modules are exempt from the one at the end:
    both would take a tenth of the time of `tracker start` and free nothing. In between it is rare:
    with the default thresholds it takes a twelfth of the time of `tracker check`.
    """
    gc.disable()
    try:
        if sys.argv[1:2] == ["mark"] and not {"-h", "--help"} & set(sys.argv):
            from tracker.local import mark  # late: other commands do not need it

            mark.main(sys.argv[2:])
        if "_TRACKER_COMPLETE" in os.environ:
            from tracker.local import completion  # late: without click, for the Tab key

            if (words := completion.answer(os.environ)) is not None:
                sys.stdout.buffer.write(words.encode(errors="surrogateescape"))
                sys.exit(0)
        from tracker import cli  # late: it takes a tenth of a second

        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()
        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
