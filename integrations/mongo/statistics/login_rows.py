"""Converts counted events and failed logins to rows of the login log (登录记录), and rows to login records."""

from datetime import datetime
from typing import Final

from domain.shared.business_day import business_day
from domain.shared.places.region import Region
from domain.statistics.counters import Counters
from domain.statistics.increments import failed_login_increments, increments_of
from domain.users.events import CountedUserEvent, UserActive
from domain.users.login_record import LoginRecord
from integrations.mongo.statistics.store import Document

RESULTS: Final = ("success", "failed", None)
"""Changes of accounts (phone, region, deletion) have no result."""


def row_of(event: CountedUserEvent) -> Document:
    row: Document = {"userId": event.user_id, "kind": "change", "change": event.type}
    if isinstance(event, UserActive):
        row = {
            "userId": event.user_id,
            "kind": "login",
            "method": event.method,
            "result": "success",
            "appid": event.app_id,
            "ip": event.address,
            "userAgent": event.user_agent,
            "province": event.login_region.province,
            "city": event.login_region.city,
        }
    return _dated(event.id, event.at, row, increments_of(event))


def failed_login_row(record: LoginRecord) -> Document:
    row = {
        "userId": record.user_id,
        "kind": "login",
        "method": record.method,
        "result": record.result,
        "reason": record.reason,
        "appid": record.app_id,
        "ip": record.address,
        "userAgent": record.user_agent,
        "province": record.region.province,
        "city": record.region.city,
        "count": record.count,
    }
    return _dated(record.id, record.at, row, failed_login_increments(record.count))


def _dated(row_id: str, at: datetime, row: Document, increments: Counters) -> Document:
    return {"_id": row_id, **row, "at": at, "day": str(business_day(at)), "effects": increments.grouped()}


def record_of(row: Document) -> LoginRecord:
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
        count=row.get("count", 1),
    )
