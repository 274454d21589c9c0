"""As much of CBOR (RFC 8949) as a COSE key needs: one map of whole numbers and byte strings, nothing nested."""

UNSIGNED, NEGATIVE, BYTES, MAP = 0, 1, 2, 5
DIRECT, LONGEST = 24, 27  # additional information: the value itself below 24, else in 1, 2, 4 or 8 bytes


def read_map(content: bytes) -> dict[int, int | bytes]:
    """The map that ``content`` is, to its last byte. Raises ValueError for anything else, twice the same name too."""
    kind, size, at = _head(content, 0)
    if kind != MAP or size > len(content):
        raise ValueError("bukan peta CBOR")
    found: dict[int, int | bytes] = {}
    for _ in range(size):
        name, at = _item(content, at)
        value, at = _item(content, at)
        if not isinstance(name, int) or name in found:
            raise ValueError("nama CBOR bukan bilangan, atau dua kali")
        found[name] = value
    if at != len(content):
        raise ValueError("sisa sesudah peta CBOR")
    return found


def _item(content: bytes, at: int) -> tuple[int | bytes, int]:
    kind, value, at = _head(content, at)
    if kind == UNSIGNED:
        return value, at
    if kind == NEGATIVE:
        return -1 - value, at
    if kind == BYTES and at + value <= len(content):
        return content[at : at + value], at + value
    raise ValueError("isi CBOR yang tidak dikenal")


def _head(content: bytes, at: int) -> tuple[int, int, int]:
    """(major type, value, where the rest begins)."""
    if at >= len(content):
        raise ValueError("CBOR terpotong")
    kind, value = content[at] >> 5, content[at] & 31
    if value < DIRECT:
        return kind, value, at + 1
    end = at + 1 + (1 << value - DIRECT) if value <= LONGEST else len(content) + 1
    if end > len(content):
        raise ValueError("CBOR terpotong")
    return kind, int.from_bytes(content[at + 1 : end]), end
