"""What is destroyed of a batch when its retention period is over, and what stays: table by table of the store, as data.

Source: UU 27/2022 (PDP) art. 44 (1), personal data are destroyed when the retention period of the office's schedule
(jadwal retensi arsip) is over; PP 28/2012, archives are destroyed with approval and a Berita Acara. What the office
decided and wrote is its archive of the change itself: it stays, and with it every signature can be verified.
"""

from expectations.columns import COLUMNS, Privacy

_RECEIVED = tuple(one.name for one in COLUMNS if one.stored and one.privacy is not Privacy.NONE)

# Of these tables the batch's rows stay, for they are counted; these columns become empty.
EMPTIED: dict[str, tuple[str, ...]] = {
    "extract_rows": (*_RECEIVED, "tgl_lhr_raw"),
    "decisions": ("after", "after_2", "basis", "number", "dated", "event", "note"),
    "pair_answers": ("note",),
    "case_answers": ("after", "after_2", "basis", "number", "dated", "note"),
}

# Of these the batch's rows go: what a step noted on its way, with values of residents.
REMOVED = ("rejects", "root_causes", "pair_reasons", "shown_pairs", "reopened", "row_memory")

# In these a person whom the register does not know is named by NIK and birth date: a random number takes the place
# where no other batch, whose data stay, tells of the same person.
RENAMED = ("subjects", "finding_states", "duplicate_members")

# Of these the decisions go that are about such a person; those about two residents hold on.
OF_STRANGERS = ("pair_decisions",)

KEPT: dict[str, str] = {
    "penduduk": "the register itself", "baselines": "files of the register", "reference_lists": "lists of the register",
    "files": "names, hashes and counts of what came", "findings": "codes of rules", "identities": "our own numbers",
    "pairs": "our own numbers and weights", "clusters": "our own numbers", "shown_rows": "our own numbers",
    "recalled": "our own numbers", "steered": "our own numbers", "obstacles": "codes", "duplicate_events": "cases",
    "outcomes": "part of what was signed", "changes": "part of what was signed", "conflicts": "names of elements",
    "history": "what was written to the register, and on whose word", "applied": "digests and counts",
    "steps": "digests and counts",
    "marks": "the store's own chain", "schema_versions": "the store's version",
}  # fmt: skip
