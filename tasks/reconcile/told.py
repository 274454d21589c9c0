"""What people are told of the comparison with earlier extracts: counts alone."""

from expectations.memory import Label
from tasks.steps import Summary


def compared(done: dict[tuple[str, int], Summary]) -> dict[str, int]:
    """Label -> findings, as the extract was first compared; empty for what is no list of the centre's, or an undo.

    ``done``: the batch's finished steps. A paper that was signed stays what it was, whatever arrives later.
    """
    labels = (done.get(("reconcile", 0)) or {}).get("labels") or {}
    return {label.value: int(labels[label.value]) for label in Label} if labels else {}


def warnings(done: dict[tuple[str, int], Summary]) -> list[str]:
    """Why absence from this extract is not told as an end: lists that may be torn off, files that name no list."""
    told = done.get(("reconcile", 0)) or {}
    torn = [
        f"daftar {doubt['series']} mungkin tidak utuh: dari {doubt['waited']} temuan daftar yang lalu yang belum "
        f"ditangani kantor hanya {doubt['again']} ada lagi; periksa berkasnya. Yang tidak ada tetap terbuka sampai "
        "daftar berikutnya (daftar yang jumlah barisnya disebut surat pengantar dipercaya langsung)"
        for doubt in told.get("doubts") or ()
    ]
    unnamed = told.get("unnamed") or 0
    nameless = f"nama {unnamed} berkas tidak menyebut daftar apa: yang tidak ada di dalamnya tidak dianggap selesai"
    return torn + [nameless] * bool(unnamed)
