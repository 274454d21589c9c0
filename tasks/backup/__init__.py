"""Backup and restore of the whole office in one encrypted file. The keys are not in it: they are kept elsewhere."""

from tasks.backup.make import backup
from tasks.backup.restore import restore

__all__ = ["backup", "restore"]
