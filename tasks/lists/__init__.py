"""What a written batch ends in, for those outside: five lists, the reply to the centre, letters to regencies."""

from tasks.lists.correspondence import lists_and_letters

__all__ = ["lists_and_letters"]
