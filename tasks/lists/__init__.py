"""What a written batch ends in, for those outside: five lists, the reply to the centre, letters to regencies."""

from tasks.lists.correspondence import letters, lists_and_letters
from tasks.lists.make import five_lists

__all__ = ["five_lists", "letters", "lists_and_letters"]
