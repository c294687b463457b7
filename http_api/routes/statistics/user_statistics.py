"""Statistics of mini-program users (小程序用户统计). Days are business days (Asia/Shanghai)."""

from typing import Annotated

from pydantic import Field

from domain.shared.model import Model
from domain.shared.text import Text
from domain.statistics.activity import Activity
from domain.statistics.growth import Period, Trend
from domain.statistics.regions import Regions
from domain.statistics.service import Overview
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

endpoints = Endpoints("/api/miniprogram-users/statistics", tag=Text("小程序用户统计", "Mini-program user statistics"))

STATISTICS = Staff("miniprogram-user:statistics")

MAX_DAYS = 90

Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]


class TrendQuery(Model):
    """`by` groups days into weeks (from Monday) or months."""

    days: Days = 30
    by: Period = "day"


class ActivityQuery(Model):
    days: Days = 30


@endpoints.get("", access=STATISTICS, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def overview(context: RequestContext) -> Overview:
    """实时概览：总数、今日新增、活跃、登录、在线 · live overview: totals and the current day"""
    return await context.services.statistics.figures.overview()


@endpoints.get("/trend", access=STATISTICS, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def trend(context: RequestContext, query: TrendQuery) -> Trend:
    """增长趋势：每日新增、绑定手机、累计与环比 · daily registrations, totals and growth"""
    return await context.services.statistics.figures.trend(query.days, query.by)


@endpoints.get("/activity", access=STATISTICS, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def activity(context: RequestContext, query: ActivityQuery) -> Activity:
    """活跃度：DAU/WAU/MAU、留存、沉默用户、登录次数分布 · active users, retention, silent users, log-in counts"""
    return await context.services.statistics.figures.activity(query.days)


@endpoints.get("/regions", access=STATISTICS, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def regions(context: RequestContext) -> Regions:
    """地域分布：按省、市 · users by province and city"""
    return await context.services.statistics.figures.regions()
