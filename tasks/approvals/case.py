"""What people decide about: one change-set of one round, by its digest; and the code they retype from paper."""

from dataclasses import dataclass

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O, U
LENGTH, BITS = 8, 5
READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


@dataclass(frozen=True)
class Case:
    """One change-set. ``agenda``: "2026-0001", of an undo "2026-0001-U1"; ``digest``: hex SHA-256."""

    agenda: str
    round: int
    digest: str

    @property
    def code(self) -> str:
        """The *kode berkas*, 40 bits of the digest: "K7Q2-9XMT". On paper and the run's page, never in the form."""
        return file_code(self.digest)


def file_code(digest: str) -> str:
    """Eight letters (Crockford base32) of the first 40 bits of a hex digest, with a dash in the middle."""
    bits = int(digest[: LENGTH * BITS // 4], 16)
    letters = [LETTERS[bits >> shift & 31] for shift in range((LENGTH - 1) * BITS, -1, -BITS)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def same_code(typed: str, code: str) -> bool:
    """Whether a retyped code is that code: case, blanks and dashes aside, and I, L, O read as 1, 1, 0."""
    return bare_code(typed) == bare_code(code)


def bare_code(typed: str) -> str:
    """A kode berkas without what people write differently."""
    return typed.upper().replace(" ", "").replace("-", "").translate(READ_AS)
