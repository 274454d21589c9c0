"""Matters that outlive their batch: what waits for another regency, a resident, or the biometric recording."""

from enum import StrEnum


class CaseKind(StrEnum):
    """What a case waits for."""

    OTHER_REGION = "luar kota"
    RESIDENT = "pemohon"
    BIOMETRIC = "biometrik"


ANSWERED = "jawaban kasus"  # cause of an outcome that a case's answer proposed
CALL_DAYS = 14  # days a called resident has, when Staff named no day
CENTRE_DAYS = 60  # the centre's deadline runs on while a case waits (Ditjen SOP 7.4.3.3, 2011)
