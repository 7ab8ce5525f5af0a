"""What is needed to read states. Whoever may read one can read every password in it."""

from typing import Final

from opsboard.adapter.rights import Right

TERRAFORM_RIGHTS: Final = (Right("read the file", "states and plans in files", "no rows of it"),)
