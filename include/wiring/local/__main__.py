"""`python -m include.wiring.local demo | up | stop`: the commands behind `make`."""

import os
import signal
import sys
from types import FrameType

from rich.console import Console

from include.postmarket.model.errors import PostmarketError
from include.wiring.local import demo, up
from include.wiring.local.place import find_place
from include.wiring.local.running import alone, stop_leftovers


def main(words: list[str]) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed with a message, 2 not understood."""
    if len(words) != 1 or words[0] not in {"demo", "up", "stop"}:
        print("usage: python -m include.wiring.local demo | up | stop", file=sys.stderr)  # noqa: T201 - a usage line
        return 2
    console = Console(soft_wrap=False)
    signal.signal(signal.SIGTERM, _stop)  # asked to end: stop what was started, as Ctrl-C does
    try:
        place = find_place(os.environ)
        if words[0] == "demo":
            demo.run(place, os.environ, console)
        elif words[0] == "up":
            up.run(place, os.environ, console)
        else:
            with alone(place):
                stop_leftovers(place)
    except PostmarketError as error:
        console.print(f"\n[bold red]Stopped:[/] {error.what}", soft_wrap=True, highlight=False)
        console.print(f"  where: {error.where}\n  to do: {error.todo}", soft_wrap=True, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nstopped by you; everything that was started has been stopped")
        return 130
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
