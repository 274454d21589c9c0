"""One peer on one set, as a process of its own: `python -m bench.linkage.peer ENGINE CONFIG MODEL OUT PEOPLE [BASELINE]`."""

import sys
import warnings
from importlib import import_module
from pathlib import Path


def main(engine: str, config: str, model: str, *paths: str) -> None:
    """Calls the engine's module; what it writes is described in bench/linkage/engines.py."""
    warnings.simplefilter("ignore")
    out, people, *baseline = (Path(path) for path in paths)
    import_module(f"bench.linkage.peer_{engine}").run(config, model, people, baseline[0] if baseline else None, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
