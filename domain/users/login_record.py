"""One row of the login log (登录记录)."""

from typing import Literal

from domain.shared.model import Instant, Model
from domain.shared.places.region import Region

LoginMethod = Literal["openid", "phone", "password", "refresh"]


class LoginRecord(Model):
    """A login or refresh, successful or failed; or several failed attempts of one minute that share a row."""

    id: str
    at: Instant
    user_id: str = ""
    method: LoginMethod
    result: Literal["success", "failed"]
    reason: str = ""
    """A stable error code; empty on success."""
    app_id: str = ""
    address: str = ""
    user_agent: str = ""
    region: Region = Region()
    count: int = 1
    """How many attempts the row stands for. Of several, `at` is the first one's time, and a field in which they differ
    is empty."""
