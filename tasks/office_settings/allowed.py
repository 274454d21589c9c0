"""What may stand at each name of ``kantor.toml``, declared once: the test, and how it is told."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from expectations.approvals import LEVELS, Separation
from tasks.office_settings.sections import Letterhead, Shape, Signature, Signing, Watching
from tasks.resolve.dask_fan import CLOSED, is_closed

LONGEST = 200  # letters of one text on a letterhead
LEAST_YEARS, MOST_YEARS = 1, 100  # of retention
LEAST_MIB, MOST_MIB = 64, 2**24  # of memory; DuckDB hardly starts with less
AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")


@dataclass(frozen=True)
class Allowed:
    """``fits``: whether a value may stand there; ``told``: what may, in Indonesian.

    ``shown``: whether a value that does not fit is repeated in the message; never one that may hold a secret.
    """

    fits: Callable[[Any], bool]
    told: str
    shown: bool = True

    def or_empty(self) -> "Allowed":
        """The same, or an empty text: not chosen."""
        return Allowed(lambda value: value == "" or self.fits(value), self.told, self.shown)


def _matching(pattern: str, told: str) -> Allowed:
    return Allowed(lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, told)


def _whole(least: int, most: int) -> Allowed:
    def fits(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return Allowed(fits, f"bilangan bulat {least} sampai {most}")


def _one_of(kind: type[StrEnum]) -> Allowed:
    return Allowed(lambda value: value in list(kind), " atau ".join(f'"{one}"' for one in kind))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and value.isprintable()


TEXT = Allowed(_is_text, f"teks dalam tanda kutip, satu baris, sampai {LONGEST} huruf")
MAIL = Allowed(
    lambda value: _is_text(value) and all(re.fullmatch(r"\s*[^@\s]+@[^@\s]+\s*", one) for one in value.split(";")),
    "alamat surel, beberapa dipisah titik koma",
)
PATH = Allowed(lambda value: isinstance(value, str) and Path(value).is_absolute(), 'jalur lengkap, "/..."')
PLACE = _matching(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?", "https://nama-host, tanpa jalur")
MEMORY = _whole(LEAST_MIB, MOST_MIB)
WEBHOOK = Allowed(  # a bot's token stands in such an address
    lambda value: _is_text(value) and value.startswith(("http://", "https://")),
    "alamat http:// atau https://",
    shown=False,
)

ALLOWED: dict[str, dict[str, Allowed]] = {
    "": {
        "jangkar": PATH,
        "pemisahan": _one_of(Separation),
        "penerima": Allowed(
            lambda value: isinstance(value, list) and all(AGE_RECIPIENT.fullmatch(str(one)) for one in value),
            'daftar kunci umum age, ["age1..."]',
        ),
        "salinan_kunci": PATH,
        "retensi_tahun": _whole(LEAST_YEARS, MOST_YEARS),
    },
    "kop": {one.name: TEXT for one in fields(Letterhead)},
    "tanda_tangan": {one.name: TEXT for one in fields(Signing)} | {"cara": _one_of(Signature)},
    "pemberitahuan": {
        "surel": _matching(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", "host:port relay surel").or_empty(),
        "dari": TEXT,
        "webhook": WEBHOOK.or_empty(),
        "blok": _matching(r"[a-z0-9-]{1,60}/[a-z0-9-]{1,60}", "jenis/nama, misalnya slack-webhook/kantor").or_empty(),
        "bentuk": _one_of(Shape),
    },
    "pemberitahuan.alamat": dict.fromkeys(LEVELS, MAIL),
    "pemberitahuan.obrolan": dict.fromkeys(LEVELS, TEXT),
    "pintu": {
        "wajib": Allowed(lambda value: isinstance(value, bool), "true atau false"),
        "alamat": PLACE.or_empty(),
        "dasbor": PLACE.or_empty(),
        "port": _whole(1024, 65534),  # the next one is the dashboard's
    },
    "mesin": {
        "memori_mib": Allowed(
            lambda value: MEMORY.fits(value) or (value == 0 and not isinstance(value, bool)), f"0, atau {MEMORY.told}"
        ),
        "sementara": PATH.or_empty(),
        "pekerja": _whole(1, 8),  # each batch that is worked on is a process
        "serentak": _whole(1, 16),
        "dask": Allowed(lambda value: isinstance(value, str) and is_closed(value), CLOSED).or_empty(),
    },
}

# [pintu.orang] names people, so its names are judged too.
PERSON = re.compile(r"[0-9]{18}")
WATCHING = _one_of(Watching)
