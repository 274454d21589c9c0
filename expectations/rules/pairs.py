"""Causes that come from comparing records, not from a rule's SQL (catalogue GND, ANM-KEL-08): what they tell Staff."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PairCause:
    """A cause as Staff and analysts read it, beside the rules of the catalogue."""

    code: str
    title: str
    explanation: str
    what_to_do: str


PAIR_CAUSES: tuple[PairCause, ...] = (
    PairCause("GND-01", "Satu NIK dipakai lebih dari satu orang", "NIK ini ada pada orang lain dengan nama lain.",
              "Pemilik biometrik pertama mempertahankan NIK; orang lain NIK baru lewat pusat."),
    PairCause("GND-02", "Salinan baris", "Baris lain dengan NIK dan orang yang sama ada dalam berkas.",
              "Tidak ada yang diubah; baris pertama yang dikerjakan."),
    PairCause("GND-03", "Satu orang dua NIK dalam kota", "Catatan lain mungkin orang yang sama (lembar Pasangan).",
              "Bandingkan kedua catatan; biometrik menentukan NIK yang dipakai, yang lain diusulkan nonaktif."),
    PairCause("GND-04", "Satu orang dua NIK antar kabupaten/kota", "Catatan lain orang ini di luar kota.",
              "Surat konfirmasi ke Dinas daerah itu."),
    PairCause("ANM-KEL-08", "Satu NIK tercatat di dua KK", "NIK yang sama muncul dengan dua nomor KK.",
              "Tentukan KK yang berlaku menurut dokumen."),
)  # fmt: skip
