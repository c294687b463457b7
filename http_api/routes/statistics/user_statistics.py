"""Figures about mini-program users (小程序用户统计). Days are those of Asia/Shanghai."""

from typing import Annotated

from pydantic import Field

from domain.sessions.model import SessionEnded
from domain.shared.model import Model
from domain.shared.text import Text
from domain.staff.model import StaffDisabled, StaffSuspended
from domain.statistics.activity import Activity
from domain.statistics.growth import Period, Trend
from domain.statistics.regions import Regions
from domain.statistics.service import Overview
from http_api.core.access import Staff
from http_api.core.endpoint import Call, Endpoints
from http_api.core.rate_limits import Rate

endpoints = Endpoints("/api/miniprogram-users/statistics", tag=Text("小程序用户统计", "Mini-program user statistics"))

STATISTICS = Staff("miniprogram-user:statistics")
STAFF = (SessionEnded, StaffSuspended, StaffDisabled)
FETCHED = Text("获取成功", "Found")

MOST_DAYS = 90

Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class TrendQuery(Model):
    """`by` sums days up to weeks (from Monday) or months."""

    days: Days = 30
    by: Period = "day"


class ActivityQuery(Model):
    days: Days = 30


@endpoints.get("", access=STATISTICS, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def overview(call: Call) -> Overview:
    """实时概览：总数、今日新增、活跃、登录、在线 · the figures of this moment"""
    return await call.services.statistics.overview()


@endpoints.get("/trend", access=STATISTICS, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def trend(call: Call, query: TrendQuery) -> Trend:
    """增长趋势：每日新增、绑定手机、累计与环比 · growth, without gaps"""
    return await call.services.statistics.trend(query.days, query.by)


@endpoints.get("/activity", access=STATISTICS, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def activity(call: Call, query: ActivityQuery) -> Activity:
    """活跃度：DAU/WAU/MAU、留存、沉默用户、登录次数分布 · who is active, who comes back, who fell silent"""
    return await call.services.statistics.activity(query.days)


@endpoints.get("/regions", access=STATISTICS, rate=Rate.READ, message=FETCHED, raises=STAFF)
async def regions(call: Call) -> Regions:
    """地域分布：按省、市 · by province and city"""
    return await call.services.statistics.regions()
