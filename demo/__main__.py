"""Run the demo server: ``python -m demo --port 0`` prints its address and serves."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from demo.data import OFFERINGS, SEED
from demo.faults import Faults
from demo.server import build, listen, serve


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m demo",
        description="An embedded demo Waldur. Sign in as staff, owner, manager or nobody, "
        "password demo.",
    )
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options.add_argument("--offerings", type=_count, default=OFFERINGS, metavar="N")
    options.add_argument("--seed", type=int, default=SEED, metavar="N")
    options.add_argument(
        "--latency", type=float, default=0, metavar="MILLISECONDS", help="added to every answer"
    )
    options.add_argument(
        "--slow", action="store_true", help="each field costs what it costs a real server"
    )
    options.add_argument("--faults", type=Path, metavar="FILE.json", help="what goes wrong")
    options.add_argument("--control", action="store_true", help="serve /demo-control/ as well")
    options.add_argument("--gzip", action="store_true", help="compress, as a proxy may do")
    options.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input ends"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to end; the exit status is 0 then."""
    options = parser().parse_args(arguments)
    try:
        faults = Faults.load(options.faults) if options.faults else None
        listener, url = listen(options.host, options.port)
    except (OSError, ValueError) as error:
        print(f"python -m demo: {error}", file=sys.stderr)
        return 2
    demo = build(
        offerings=options.offerings,
        seed=options.seed,
        latency=options.latency,
        slow=options.slow,
        faults=faults,
        control=options.control,
        gzip=options.gzip,
    )
    asyncio.run(
        serve(
            demo,
            listener,
            announce=lambda: print(f"READY {url}", flush=True),
            with_parent=options.exit_with_parent,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
