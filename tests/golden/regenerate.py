"""Writes ``sample.json`` anew from the committed samples: ``python tests/golden/regenerate.py``. Read the diff."""

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]


def main() -> None:
    """One run of the sample batch in a throw-away office."""
    from office_kit.samples import golden_facts, run_sample

    with tempfile.TemporaryDirectory() as folder:
        facts = golden_facts(run_sample(Path(folder) / "kantor"))
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    (HERE / "sample.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
