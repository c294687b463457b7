"""Converts templates from the provider's format, and template values into it."""

from typing import Any, Final

from domain.contracts.drafting.template_filling import TemplateValues
from domain.contracts.drafting.templates import FieldKind, Template, TemplateField, TemplateSummary

_KIND_BY_TYPE: Final[dict[int, FieldKind]] = {
    1: FieldKind.TEXT,
    2: FieldKind.CHOICE,
    3: FieldKind.CHECK,
    4: FieldKind.ID_CARD,
    5: FieldKind.DATE,
    6: FieldKind.SIGNATURE,
    7: FieldKind.SIGNATURE,
    8: FieldKind.PARAGRAPH,
    9: FieldKind.CHOICES,
    15: FieldKind.SIGNATURE,
    16: FieldKind.DROPDOWN,
}
_TYPE_BY_KIND: Final = {kind: number for number, kind in _KIND_BY_TYPE.items()}
_SIGNATURE_NAMES: Final = ("签名区", "签章区", "签署区", "印章")
_PARTIES: Final = frozenset({"甲方", "乙方", "丙方"})
_BY_SENDER: Final = 0


def template_of(template_no: str, data: Any) -> Template:
    """Raises ValueError, KeyError or TypeError for a malformed list of controls."""
    return Template(template_no=template_no, fields=tuple(_field(each) for each in data))


def summary_of(row: dict[str, Any]) -> TemplateSummary:
    return TemplateSummary(
        template_no=str(row["templateIdent"]),
        name=str(row.get("templateName") or ""),
        comment=str(row.get("comment") or ""),
        category=str(row.get("typeName") or ""),
    )


def filled_template(template_no: str, file_name: str, values: TemplateValues) -> dict[str, Any]:
    """An entry of `templates` in `createContract`."""
    return {
        "templateNo": template_no,
        "fileName": file_name,
        "fillData": values.texts,
        "componentData": [*_choices(values), *_checks(values)],
    }


def _field(row: dict[str, Any]) -> TemplateField:
    key = str(row["dataKey"])
    kind = _KIND_BY_TYPE.get(int(row["dataType"]), FieldKind.OTHER)
    if key in _PARTIES or any(name in key for name in _SIGNATURE_NAMES):
        kind = FieldKind.SIGNATURE
    options = sorted(row.get("options") or [], key=lambda option: int(option.get("index", 0)))
    return TemplateField(
        key=key,
        kind=kind,
        required=str(row.get("required", 0)) == "1",
        by_sender=int(row.get("fillType") or 0) == _BY_SENDER,
        options=tuple(str(option["label"]) for option in options),
        page=int(row.get("page") or 0),
    )


def _choices(values: TemplateValues) -> list[dict[str, Any]]:
    entries = []
    for key, indexes in values.choices.items():
        field = values.fields[key]
        if field.kind is FieldKind.CHOICES:
            options = [{"index": index, "selected": index in indexes} for index in range(len(field.options))]
        else:
            options = [{"index": index, "selected": True} for index in indexes]
        entries.append({"type": _TYPE_BY_KIND[field.kind], "keyword": key, "options": options})
    return entries


def _checks(values: TemplateValues) -> list[dict[str, Any]]:
    number = _TYPE_BY_KIND[FieldKind.CHECK]
    return [
        {"type": number, "keyword": key, "defaultValue": "Yes" if ticked else "Off"}
        for key, ticked in values.checks.items()
    ]
