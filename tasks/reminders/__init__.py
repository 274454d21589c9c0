"""Notices to whoever has a batch in hands: the SOP's limits in working hours, the Ditjen's 60 days; no decisions."""
