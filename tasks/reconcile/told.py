"""What people are told of the comparison with earlier extracts: counts alone."""

from expectations.memory import Label
from tasks.steps import Summary


def compared(done: dict[tuple[str, int], Summary]) -> dict[str, int]:
    """Label -> findings, as the extract was first compared; empty for what is no list of the centre's, or an undo.

    ``done``: the batch's finished steps. A paper that was signed stays what it was, whatever arrives later.
    """
    labels = (done.get(("reconcile", 0)) or {}).get("labels") or {}
    return {label.value: int(labels[label.value]) for label in Label} if labels else {}
