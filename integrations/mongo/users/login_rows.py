"""How facts and refusals look as rows of the login log (登录记录)."""

from datetime import datetime

from domain.shared.business_day import business_day
from domain.shared.region import Region
from domain.statistics.increments import tally_of, tally_of_refusal
from domain.statistics.tally import Tally
from domain.users.events import CountedUserEvent, UserActive
from domain.users.login.record import LoginRecord
from integrations.mongo.statistics.store import Document


def row_of(fact: CountedUserEvent) -> Document:
    row: Document = {"userId": fact.user_id, "kind": "change", "change": fact.type}
    if isinstance(fact, UserActive):
        row = {
            "userId": fact.user_id,
            "kind": "login",
            "method": fact.method,
            "result": "success",
            "appid": fact.app_id,
            "ip": fact.address,
            "userAgent": fact.user_agent,
            "province": fact.login_region.province,
            "city": fact.login_region.city,
        }
    return _dated(fact.id, fact.at, row, tally_of(fact))


def failed_login_row(attempt: LoginRecord) -> Document:
    row = {
        "userId": attempt.user_id,
        "kind": "login",
        "method": attempt.method,
        "result": attempt.result,
        "reason": attempt.reason,
        "appid": attempt.app_id,
        "ip": attempt.address,
        "userAgent": attempt.user_agent,
        "province": attempt.region.province,
        "city": attempt.region.city,
    }
    return _dated(attempt.id, attempt.at, row, tally_of_refusal())


def _dated(row_id: str, at: datetime, row: Document, effects: Tally) -> Document:
    return {"_id": row_id, **row, "at": at, "day": str(business_day(at)), "effects": effects.grouped()}


def attempt_of(row: Document) -> LoginRecord:
    return LoginRecord(
        id=row["_id"],
        at=row["at"],
        user_id=row["userId"],
        method=row["method"],
        result=row["result"],
        reason=row.get("reason", ""),
        app_id=row["appid"],
        address=row["ip"],
        user_agent=row["userAgent"],
        region=Region(province=row["province"], city=row["city"]),
    )
