"""Names that accounts can have, staff and mini-program users alike."""

from domain.shared.errors import Conflict
from domain.shared.text import Text


class UsernameTaken(Conflict):
    code = "USERNAME_TAKEN"
    text = Text("账号已存在", "This account name is taken")
