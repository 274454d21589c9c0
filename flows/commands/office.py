"""What runs, feeds and mends an office: demo, serve, receive, baseline, reference, recover, backup, restore."""

import argparse
import contextlib
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows import settings
from flows.commands.reading import existing_office
from tasks.errors import Exit, Problem, UserError


def demo(arguments: argparse.Namespace) -> int:
    """The whole SOP with fictional people."""
    from flows.demo import demo as run

    return run(settings.office(), auto=arguments.auto)


def serve(_: argparse.Namespace) -> int:
    """Runs the office until Ctrl-C."""
    from flows.recover import mend
    from flows.supervisor import running_office, stop_on_signals

    office = settings.office()
    stop_on_signals()
    office.create()
    office.thresholds()  # a wrong ambang.toml is told now, not by the first batch
    for line in mend(office, datetime.now(UTC)):
        sys.stdout.write(f"{line}\n")
    with running_office(office) as api:
        sys.stdout.write(f"Kantor berjalan: {api.url.removesuffix('/api')} - inbox {office.inbox}. Ctrl-C menutup.\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return Exit.OK


def receive_files(arguments: argparse.Namespace) -> int:
    """Files of the centre get an agenda number and a run."""
    import httpx

    from flows.supervisor import running_api
    from tasks.receipts import told
    from tasks.receive import receive

    office = settings.office()
    api = running_api(office)
    office.thresholds()
    receipt = receive(office, arguments.files, arguments.letter, (datetime.now(UTC), "cli"))
    sys.stdout.write(f"Diterima: agenda {receipt.agenda}\n")
    for facts in receipt.files:
        sys.stdout.write("".join(f"  {line}\n" for line in told(facts)))
    with contextlib.suppress(httpx.HTTPError):  # registered is registered: the inbox watcher starts what has no run
        api.start(receipt.agenda)
    return Exit.OK


def baseline(arguments: argparse.Namespace) -> int:
    """The register is loaded once."""
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.load import load_baseline
    from tasks.private import sha256_of
    from tasks.store import open_store

    must_exist(arguments.file)
    office = settings.office()
    office.create()
    with open_store(office) as con:
        loaded = load_baseline(con, office, arguments.file)
    if loaded:
        with open_ledger(office) as ledger, writing(ledger):
            facts = {"sha256": sha256_of(arguments.file), "residents": loaded}
            append(ledger, datetime.now(UTC), (Kind.BASELINE, "", "sinkron"), facts)
    told = f"{loaded} penduduk dimuat" if loaded else "sudah dimuat; tidak ada perubahan"
    sys.stdout.write(f"Data awal: {told}\n")
    return Exit.OK


def reference(arguments: argparse.Namespace) -> int:
    """A list of NIKs beside the register."""
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.private import sha256_of
    from tasks.reference import load_list
    from tasks.store import open_store

    must_exist(arguments.file)
    office = settings.office()
    office.create()
    with open_store(office) as con:
        count = load_list(con, arguments.kind, arguments.file)
    with open_ledger(office) as ledger, writing(ledger):
        facts = {"list": arguments.kind, "sha256": sha256_of(arguments.file), "niks": count}
        append(ledger, datetime.now(UTC), (Kind.REFERENCE, "", "sinkron"), facts)
    sys.stdout.write(f"Daftar {arguments.kind}: {count} NIK\n")
    return Exit.OK


def must_exist(path: Path) -> None:
    """Raises UserError (USAGE) for a file that is not there."""
    if not path.is_file():
        problem = Problem(path.name, "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
        raise UserError(Exit.USAGE, problem)


def recover_office(arguments: argparse.Namespace) -> int:
    """Runs that stand still go on; ledger and store agree again; with --jam a clock set back counts."""
    from flows.recover import mend, recover, renew_copy, set_clock
    from flows.supervisor import running_api

    office = existing_office()
    lines = [set_clock(office)] if arguments.jam else []
    lines += mend(office, datetime.now(UTC))
    lines += renew_copy(office, datetime.now(UTC))
    try:
        lines += recover(office, running_api(office))
    except UserError:
        lines.append("Server kantor tidak berjalan: jalankan sinkron serve; run yang terhenti dilanjutkan saat itu")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        return Exit.OFFICE
    sys.stdout.write("".join(f"{line}\n" for line in lines) or "Tidak ada yang perlu dipulihkan.\n")
    return Exit.OK


def backup_office(arguments: argparse.Namespace) -> int:
    """The whole office in one encrypted file."""
    from tasks.backup import backup

    office = existing_office()
    done = backup(office, arguments.file.absolute(), datetime.now(UTC))
    keys = "keys/ (kunci agenda ada dalam salinan_kunci)" if office.settings.salinan_kunci else "keys/"
    sys.stdout.write(
        f"Cadangan {arguments.file}: {done['files']} berkas, Buku Agenda sampai entri {done['entries']}, "
        f"SHA-256 {done['sha256']}\nKunci tidak ikut: simpan salinan {keys} di tempat lain.\n"
    )
    return Exit.OK


def restore_office(arguments: argparse.Namespace) -> int:
    """A lost office from its backup."""
    from tasks.backup import restore
    from tasks.report import wib

    office = settings.office()
    done = restore(office, arguments.file, datetime.now(UTC), accept_loss=arguments.terima_kehilangan)
    sys.stdout.write(f"Dipulihkan dari cadangan {wib(done['made'])}: Buku Agenda sampai entri {done['entries']}.\n")
    if done["lost_entries"] or done["lost_marks"]:
        sys.stdout.write(f"Hilang: {done['lost_entries']} entri, {done['lost_marks']} tanda store (tercatat).\n")
    sys.stdout.write("".join(f"Disisihkan: {name}\n" for name in done["aside"]))
    sys.stdout.write("Langkah berikut: sinkron verify, sinkron serve, lalu sinkron recover.\n")
    return Exit.OK
