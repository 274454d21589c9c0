"""Destroying what a batch was made from, once its retention period is over: asked for, approved like any other
change-set, done once. What was decided and written stays (expectations.retention), and so does every signature.

Order on disk: store, ledger, then keys and files; ``destroy`` finishes the last part, as often as needed.
"""  # noqa: D205 (one sentence that does not fit a line)

import json
import secrets
from datetime import datetime

import duckdb

from expectations.approvals import Separation
from expectations.retention import EMPTIED, OF_STRANGERS, REMOVED, RENAMED
from tasks.approvals.case import Case
from tasks.approvals.docket import PURGE, SYSTEM, docket, fully_approved
from tasks.approvals.waiting import open_batches
from tasks.errors import DigestMismatchError, Exit, NotApprovedError, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, check_clock, entries, writing
from tasks.office import WIB, Office
from tasks.privacy import scrub
from tasks.retention.destroy import check_folders
from tasks.retention.due import check_there, retained_until, written_on
from tasks.retention.inventory import digest_of, inventory, linked
from tasks.steps import Summary, find, finish, finished
from tasks.store import transaction
from tasks.tree import UNDO_MARK, commit
from tasks.write.conflicts import VOID, check_not_void

PURGED = "purged"
MAX_REASON = 500
MARK = "-P"  # between a batch's agenda number and the number of the request to destroy it


def propose_purge(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office, asked: tuple[str, str, datetime]
) -> Case:
    """The request to destroy a batch, for the chain to approve; the open one when there is one.

    ``asked``: (batch, reason in words, now). Case agenda "<batch>-P<n>", round 1. Raises UserError: USAGE when the
    batch is unknown, open, destroyed, too young or needed by open work, or no reason is given; OFFICE without a
    retention period or a folder of keys that is not there.
    """
    agenda, reason, now = asked[0], scrub(asked[1].strip())[:MAX_REASON], asked[2]
    check_may(con, ledger, office, (agenda, now))
    if not reason:
        raise UserError(Exit.USAGE, Problem("alasan pemusnahan", "kosong", "alasan dalam kata", "tuliskan alasannya"))
    with writing(ledger):
        found = _open_case(con, ledger, agenda)
        if found is None:
            with transaction(con):
                found = _build(con, office, agenda, reason)
        record_purge_request(ledger, found.agenda, finished(con, found.agenda)[PURGE, found.round], now)
    return found


def check_may(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office, about: tuple[str, datetime]
) -> None:
    """Raises UserError with all that stands in the way of destroying a batch; ``about``: (batch, now).

    Asked when it is requested, at every gate, and once more in the transaction that destroys.
    """
    agenda, now = about
    place = f"agenda {scrub(agenda)}"
    written = written_on(ledger, agenda) if entries(ledger, agenda, Kind.RECEIVED) else None
    if written is None:
        received, allowed = "belum ditulis, atau bukan penerimaan", "penerimaan yang sudah selesai"
        raise UserError(Exit.USAGE, Problem(place, received, allowed, "lihat: sinkron purge"))
    check_there(ledger, agenda)
    wrong, until = [], retained_until(office, written)
    if now.astimezone(WIB).date() < until:
        received = f"ditulis {written:%d-%m-%Y}, masa simpannya {office.settings.retensi_tahun} tahun"
        wrong.append(Problem(place, received, f"mulai {until:%d-%m-%Y}", "tunggu sampai hari itu"))
    if needing := _needing(con, ledger, agenda):
        received = f"masih dipakai {', '.join(needing)}"
        wrong.append(Problem(place, received, "tanpa pekerjaan terbuka", "selesaikan itu dahulu"))
    if links := linked(office, agenda):
        received = f"tautan ke tempat lain: {', '.join(path.name for path in links)}"
        wrong.append(Problem(place, received, "berkas kantor sendiri", "ganti tautan itu dengan berkasnya"))
    if wrong:
        raise UserError(Exit.USAGE, *wrong)
    check_folders(office)


def _needing(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, agenda: str) -> list[str]:
    """Open work that rests on a batch: its undos, and batches whose drafts take its decisions over."""
    drafted = con.execute(
        """select distinct agenda from recalled where earlier = ?1
        union select distinct agenda from steered where earlier = ?1 and dropped is null""",
        [agenda],
    ).fetchall()
    resting = {name for (name,) in drafted}
    return [
        one.agenda for one in open_batches(ledger)
        if one.agenda.startswith(f"{agenda}{UNDO_MARK}") or one.agenda in resting or agenda in one.current.rests_on
    ]  # fmt: skip


def _open_case(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, agenda: str) -> Case | None:
    rows = con.execute(
        """select s.agenda, s.round, s.summary from steps s
        where s.step = ?1 and not exists (select 1 from steps d where d.agenda = s.agenda and d.step in (?2, ?3))
        order by s.agenda""",
        [PURGE, PURGED, VOID],
    ).fetchall()
    for name, round_no, text in rows:
        request = json.loads(text)
        if request["destroys"] == agenda and docket(ledger, name).is_open:
            return Case(name, round_no, request["digest"])
    return None


def _build(con: duckdb.DuckDBPyConnection, office: Office, agenda: str, reason: str) -> Case:
    """Stores a new request."""
    earlier = con.execute(
        "select count(*) from steps where step = ? and starts_with(agenda, ? || ?)", [PURGE, agenda, MARK]
    ).fetchall()[0][0]
    name = f"{agenda}{MARK}{earlier + 1}"
    listed = inventory(con, office, (name, agenda))
    request = {
        "destroys": agenda, "reason": reason, "digest": digest_of(listed), "files": len(listed["files"]),
        "rows": listed["rows"]["extract_rows"], "changes": sum(listed["rows"].values()),
        "cases": _waiting(con, agenda),
    }  # fmt: skip
    finish(con, name, (PURGE, 1), request)
    return Case(name, 1, str(request["digest"]))


def _waiting(con: duckdb.DuckDBPyConnection, agenda: str) -> int:
    """Cases that this batch opened and that nobody answered: with its data they end, whatever their answer was."""
    found = con.execute("select count(*) from cases where agenda = ? and closed_on is null", [agenda]).fetchall()
    return int(found[0][0])


def still_stands(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office, about: tuple[Case, datetime]
) -> bool:
    """Whether people may still decide about a request: what lies there is what it lists, and nothing came between.

    ``about``: (case, now). Raises UserError (OFFICE) when a folder of keys is not there.
    """
    case, now = about
    request = find(con, case.agenda, PURGE, case.round)
    if request is None or digest_of(inventory(con, office, (case.agenda, request["destroys"]))) != case.digest:
        return False
    try:
        check_may(con, ledger, office, (request["destroys"], now))
    except UserError as error:
        if error.exit_code is not Exit.USAGE:
            raise
        return False
    return True


def purge(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office,
    about: tuple[Case, datetime, Separation],
) -> tuple[Summary, bool]:  # fmt: skip
    """Empties the store of an approved batch's data and enters it; returns (summary, newly). Again: changes nothing.

    ``about``: (case, now, the office's separation of duties). Summary: {destroys, digest, round, files, rows}. The keys
    and files go by ``destroy`` afterwards. Raises as ``apply`` does, and then nothing is changed.
    """
    case, now, _ = about
    with writing(ledger):  # nobody withdraws a signature between the check and the commit
        check_clock(ledger, now)
        done = find(con, case.agenda, PURGED)
        newly = done is None
        if done is None:
            with transaction(con):
                done = _empty(con, ledger, office, about)
        record_purged(ledger, case.agenda, done, now)
    return done, newly


def _empty(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, office: Office,
    about: tuple[Case, datetime, Separation],
) -> Summary:  # fmt: skip
    case, now, separation = about
    check_not_void(con, ledger, case)
    if not still_stands(con, ledger, office, (case, now)):
        raise DigestMismatchError(f"isi {case.agenda} berubah sesudah disetujui; tidak ada yang dimusnahkan")
    if not fully_approved(ledger, case, separation):
        raise NotApprovedError(f"pemusnahan {case.agenda} belum disetujui lengkap; tidak ada yang dimusnahkan")
    request = finished(con, case.agenda)[PURGE, case.round]
    agenda = request["destroys"]
    forget(con, agenda)
    for name, columns in EMPTIED.items():
        con.execute(f"update {name} set {', '.join(f'{one} = null' for one in columns)} where agenda = ?", [agenda])
    for name in REMOVED:
        con.execute(f"delete from {name} where agenda = ?", [agenda])
    summary = {name: request[name] for name in ("destroys", "digest", "files", "rows", "cases")}
    summary["round"] = case.round
    return finish(con, case.agenda, (PURGED, 0), summary)


def forget(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Whom only destroyed batches tell of has no NIK or name in the office's memory any more.

    The salt of what takes the place is kept nowhere.
    """
    con.execute("create or replace temp table gone as select ? as agenda union all select summary ->> 'destroys' "
                "from steps where step = ?", [agenda, PURGED])  # fmt: skip
    con.execute(
        """create or replace temp table forgotten as
        select distinct subject, 'H' || left(sha256(?1 || subject), 32) as told from subjects
        where agenda = ?2 and subject not like 'P%'
          and subject not in (select subject from subjects where agenda not in (from gone))""",
        [secrets.token_hex(32), agenda],
    )
    for name in RENAMED:
        con.execute(f"update {name} set subject = f.told from forgotten f where f.subject = {name}.subject")
    for name in OF_STRANGERS:
        con.execute(f"""delete from {name} where {_stranger("left", name)} or {_stranger("right", name)}""", [agenda])
    con.execute("drop table temp.forgotten")
    con.execute("drop table temp.gone")


def _stranger(side: str, table: str) -> str:
    """SQL: this side of a decision is nobody of the register, and no batch that is still there tells of them."""
    living = "select nik from extract_rows where nik is not null and agenda not in (from gone)"
    nik = f"{table}.{side}_nik"
    return f"""{table}.{side}_resident is null and ({nik} is null and {table}.agenda = $1
      or {nik} not in ({living}) and {nik} not in (select nik from penduduk where nik is not null))"""


def record_purge_request(ledger: LedgerConnection, agenda: str, request: Summary, now: datetime) -> bool:
    """The ledger's entries for a requested destruction, once, in the caller's transaction; whether added now."""
    if entries(ledger, agenda, Kind.PURGE):
        return False
    asked = {key: request[key] for key in ("destroys", "reason", "digest")}
    proposed = {"round": 1, "step": PURGE, "staff": True} | {key: request[key] for key in ("digest", "rows", "changes")}
    append(ledger, now, (Kind.PURGE, agenda, SYSTEM), asked)
    append(ledger, now, (Kind.PROPOSED, agenda, SYSTEM), proposed)
    return True


def record_purged(ledger: LedgerConnection, agenda: str, summary: Summary, now: datetime) -> bool:
    """The ledger's entry for what was destroyed, once, in the caller's transaction; whether it was added now."""
    if entries(ledger, agenda, Kind.PURGED):
        return False
    append(ledger, now, (Kind.PURGED, agenda, SYSTEM), summary | commit(ledger, agenda))
    return True
