"""What DuckDB says about a damaged, full, read-only or foreign store, in words a person can act on.

Told by DuckDB's own texts, because one class stands for many things: InvalidInputException is a damaged block, a
wrong key, and a wrong value in a query. Seen with 1.5.5, whose default cipher (AES-GCM-256) authenticates every block
and every record of the log: a changed byte in use is an error, never other data. What no cipher notices is a log that
is cut off or gone, and an older store put in place: the anchors do (tasks.store). Not noticed: a whole genuine block of
256 KiB from another place or time, because DuckDB does not authenticate where a block belongs.
"""

import re
from collections.abc import Iterator

from tasks.anchors import Anchor
from tasks.errors import Exit, Problem, UserError, disk_says

STORE, LOG = "store.duckdb", "store.duckdb.wal"
BUSY = "Could not set lock"
RESTORE = "pindahkan store.duckdb, store.duckdb.wal dan ledger.sqlite ke folder lain, lalu: sinkron restore CADANGAN"
_WHOLE = "berkas utuh, seperti terakhir ditulis"

# In this order: a failure to replay the log quotes the damage, and an invalidated database its first error.
_TELLING: tuple[tuple[re.Pattern[str], Problem], ...] = (
    (
        re.compile("No space left on device|File too large|Disk quota exceeded|max_temp_directory_size"),
        Problem(
            "disk kantor", "penuh: store tidak dapat ditulis", "tempat kosong di disk",
            "beri tempat, lalu ulangi perintah ini; yang sudah tersimpan utuh, langkah yang terputus tidak tersimpan",
        ),
    ),
    (
        re.compile("Out of Memory Error|failed to allocate data of size|could not allocate block of size"),
        Problem(
            "memori DuckDB", "terlalu kecil untuk langkah ini",
            "memori_mib yang lebih besar dalam kantor.toml, bagian [mesin]",
            "naikkan memori_mib, lalu ulangi; yang sudah tersimpan utuh, langkah yang terputus tidak tersimpan",
        ),
    ),
    (
        re.compile(r"(Read-only file system|Permission denied|Operation not permitted|opened in read-only mode)"),
        Problem(
            "disk kantor", "hanya dapat dibaca: store tidak dapat ditulis", "folder kantor yang dapat ditulis",
            "periksa izin folder dan disknya, lalu ulangi perintah ini; tidak ada yang hilang",
        ),
    ),
    (
        re.compile("Wrong encryption key"),
        Problem(
            STORE, "kunci tidak cocok", "kunci yang dipakai saat store dibuat",
            "pulihkan keys/office.key (atau SINKRON_KEY) dari cadangan kunci",
        ),
    ),
    (
        re.compile("is not encrypted"),
        Problem(STORE, "tidak terenkripsi: bukan store kantor ini", "store yang dibuat Sinkron", RESTORE),
    ),
    (
        re.compile("Failure while replaying WAL|WAL does not match"),
        Problem(LOG, "log tulis rusak, atau bukan pasangan store.duckdb ini", _WHOLE, RESTORE),
    ),
    (
        re.compile(
            "AES tag|[Cc]orrupt|Could not read enough bytes|not a valid DuckDB database|Serialization Error"
            "|not recognized by this version"
        ),
        Problem(STORE, "berkas rusak", _WHOLE, RESTORE),
    ),
    (
        re.compile("has been invalidated|INTERNAL Error"),
        Problem(STORE, "DuckDB berhenti karena galat dalam, yang sudah tersimpan tetap", "store yang dapat dibaca",
                f"ulangi perintah ini; bila terjadi lagi, {RESTORE}"),
    ),
)  # fmt: skip


def told(error: BaseException) -> UserError | None:
    """What is wrong with the store when ``error``, or what it stems from, says so; None for every other error."""
    for cause in _chain(error):
        if isinstance(cause, UserError):
            return None
        text = str(cause)
        for pattern, problem in _TELLING:
            if _speaks_of_a_database(cause) and pattern.search(text):
                return UserError(Exit.OFFICE, problem)
    return None


def _speaks_of_a_database(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in {"duckdb", "_duckdb", "pyarrow"}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def unwritable(error: OSError) -> UserError:
    """The disk refuses a new store."""
    allowed, step = (
        "folder kantor yang dapat ditulis",
        "beri tempat atau izin menulis, lalu ulangi; tidak ada yang hilang",
    )
    return UserError(Exit.OFFICE, Problem("folder kantor", disk_says(error), allowed, step))


def busy(seconds: float) -> UserError:
    """Another process holds the store for longer than anybody should."""
    return UserError(
        Exit.OFFICE,
        Problem(
            STORE, f"dipakai proses lain lebih dari {seconds:.0f} detik", "satu proses penulis",
            "tutup program yang membuka store; analis memakai published/sinkron.duckdb",
        ),
    )  # fmt: skip


def behind(known: Anchor, received: str) -> UserError:
    """The store lacks what the second file knows to be written."""
    return UserError(
        Exit.OFFICE,
        Problem(
            STORE, f"{received}; jangkar mencatat tanda {known.number} pada {known.at}",
            "store yang memuat semua yang sudah ditulis", RESTORE,
        ),
    )  # fmt: skip


def orphaned(log_only: bool) -> UserError:  # noqa: FBT001 (two faces of one fault)
    """The log without its store, or a store whose second file is gone."""
    if log_only:
        problem = Problem(STORE, "hilang, log tulisnya (store.duckdb.wal) masih ada", "keduanya bersama", RESTORE)
    else:
        problem = Problem("berkas jangkar", "hilang, store.duckdb sudah berisi", "berkas jangkar kantor ini",
                          "pulihkan berkas jangkar dari cadangan, atau sambungkan disknya")  # fmt: skip
    return UserError(Exit.OFFICE, problem)
