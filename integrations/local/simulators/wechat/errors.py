"""Error responses of WeChat's server API."""

import secrets


class Refusal(Exception):
    """An errcode with its text. The HTTP status of the response is still 200."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg

    def response(self) -> dict[str, object]:
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg}, rid: {rid}"}


def missing_parameter(errcode: int, name: str) -> Refusal:
    return Refusal(errcode, f"{name} missing_parameter")
