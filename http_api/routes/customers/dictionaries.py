"""Routes of dictionaries (字典), for administrators."""

from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator

from domain.customers.dictionaries.model import (
    MAX_ENTRIES,
    Dictionary,
    DictionaryCode,
    DictionaryEntry,
    DictionaryLabel,
    DictionaryValue,
)
from domain.customers.errors import (
    DictionaryNotFound,
    DictionaryValueInUse,
    DictionaryValueRequired,
    DictionaryVersionConflict,
)
from domain.shared.model import Instant, JsonBool, Model
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import FETCHED, STAFF_ERRORS, ExpectedVersion
from http_api.routes.customers.common import customers_of

endpoints = Endpoints("/api/dictionaries", tag=Text("字典", "Dictionaries"))

ADMINISTER = Staff("admin:settings")


class EntryBody(Model):
    value: DictionaryValue
    label_en: DictionaryLabel = ""
    retired: JsonBool = False

    def to_entry(self) -> DictionaryEntry:
        return DictionaryEntry(value=self.value, label_en=self.label_en, retired=self.retired)


class DictionaryBody(Model):
    """All entries, in the order in which forms show them."""

    entries: Annotated[list[EntryBody], Field(min_length=1, max_length=MAX_ENTRIES)]
    version: ExpectedVersion

    @model_validator(mode="after")
    def _has_each_value_once(self) -> Self:
        values = [each.value for each in self.entries]
        if len(set(values)) < len(values):
            raise ValueError("选项重复 / a value is given twice")
        return self


class DictionaryAnswer(Model):
    code: DictionaryCode
    entries: list[DictionaryEntry]
    updated_at: Instant
    version: int

    @classmethod
    def of(cls, dictionary: Dictionary) -> "DictionaryAnswer":
        return cls(
            code=dictionary.code,
            entries=list(dictionary.entries),
            updated_at=dictionary.updated_at,
            version=dictionary.version,
        )


class DictionaryList(RootModel[list[DictionaryAnswer]]):
    pass


@endpoints.get("", access=ADMINISTER, rate_limit=RateLimit.READ, message=FETCHED, raises=STAFF_ERRORS)
async def list_dictionaries(context: RequestContext) -> DictionaryList:
    """字典列表 · all dictionaries, with retired values"""
    return DictionaryList([DictionaryAnswer.of(each) for each in await customers_of(context).dictionaries.all()])


@endpoints.patch(
    "/{code}",
    access=ADMINISTER,
    rate_limit=RateLimit.WRITE,
    audit="dictionary.update",
    message=Text("字典已更新", "Dictionary updated"),
    raises=(
        *STAFF_ERRORS,
        *(DictionaryNotFound, DictionaryVersionConflict, DictionaryValueInUse, DictionaryValueRequired),
    ),
    example={"entries": [{"value": "单休"}, {"value": "双休", "retired": True}], "version": 1},
)
async def edit_dictionary(context: RequestContext, code: DictionaryCode, body: DictionaryBody) -> DictionaryAnswer:
    """修改字典；已被使用的选项只能停用 · replace the entries; values in use can only be retired"""
    entries = [each.to_entry() for each in body.entries]
    edited = await customers_of(context).dictionaries.edit(code, entries, body.version, context.actor)
    return DictionaryAnswer.of(edited)
