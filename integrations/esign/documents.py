"""Templates in the provider's form: what its control types are to us, and how a filling is sent."""

from typing import Any, Final

from domain.contracts.drafting.templates import Control, ControlKind, Filling, Template, TemplateSummary

_KINDS: Final[dict[int, ControlKind]] = {
    1: ControlKind.TEXT,
    2: ControlKind.CHOICE,
    3: ControlKind.CHECK,
    4: ControlKind.ID_CARD,
    5: ControlKind.DATE,
    6: ControlKind.SIGNATURE,
    7: ControlKind.SIGNATURE,
    8: ControlKind.PARAGRAPH,
    9: ControlKind.CHOICES,
    15: ControlKind.SIGNATURE,
    16: ControlKind.DROPDOWN,
}
_TYPES: Final = {kind: number for number, kind in _KINDS.items()}
_SIGNATURE_NAMES: Final = ("签名区", "签章区", "签署区", "印章")
_PARTIES: Final = frozenset({"甲方", "乙方", "丙方"})
_BY_SENDER: Final = 0


def template_of(template_no: str, data: Any) -> Template:
    """ValueError, KeyError or TypeError for what is no list of controls."""
    return Template(template_no=template_no, controls=tuple(_control(each) for each in data))


def summary_of(row: dict[str, Any]) -> TemplateSummary:
    return TemplateSummary(
        template_no=str(row["templateIdent"]),
        name=str(row.get("templateName") or ""),
        comment=str(row.get("comment") or ""),
        category=str(row.get("typeName") or ""),
    )


def template_to_fill(template_no: str, file_name: str, filling: Filling) -> dict[str, Any]:
    """An entry of `templates` in createContract."""
    return {
        "templateNo": template_no,
        "fileName": file_name,
        "fillData": filling.texts,
        "componentData": [*_choices(filling), *_checks(filling)],
    }


def _control(row: dict[str, Any]) -> Control:
    key = str(row["dataKey"])
    kind = _KINDS.get(int(row["dataType"]), ControlKind.OTHER)
    if key in _PARTIES or any(name in key for name in _SIGNATURE_NAMES):
        kind = ControlKind.SIGNATURE
    options = sorted(row.get("options") or [], key=lambda option: int(option.get("index", 0)))
    return Control(
        key=key,
        kind=kind,
        required=str(row.get("required", 0)) == "1",
        by_sender=int(row.get("fillType") or 0) == _BY_SENDER,
        options=tuple(str(option["label"]) for option in options),
        page=int(row.get("page") or 0),
    )


def _choices(filling: Filling) -> list[dict[str, Any]]:
    entries = []
    for key, places in filling.choices.items():
        control = filling.controls[key]
        if control.kind is ControlKind.CHOICES:
            options = [{"index": place, "selected": place in places} for place in range(len(control.options))]
        else:
            options = [{"index": place, "selected": True} for place in places]
        entries.append({"type": _TYPES[control.kind], "keyword": key, "options": options})
    return entries


def _checks(filling: Filling) -> list[dict[str, Any]]:
    number = _TYPES[ControlKind.CHECK]
    return [
        {"type": number, "keyword": key, "defaultValue": "Yes" if ticked else "Off"}
        for key, ticked in filling.checks.items()
    ]
