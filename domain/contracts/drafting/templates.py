"""Contract templates (合同模板): which fields one has, and how a contract fills them in.

What the record states is never typed a second time: names, card numbers, dates and amounts come from the terms, so that
the paper and the record cannot disagree. Everything else comes from `templateParams`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.contracts.errors import TemplateMismatch
from domain.contracts.terms import ContractTerms, TemplateValue
from domain.shared.model import Model
from domain.shared.money import amount_in_words, yuan_text


class FieldKind(StrEnum):
    TEXT = "text"
    PARAGRAPH = "paragraph"
    ID_CARD = "id-card"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    DROPDOWN = "dropdown"
    CHECK = "check"
    SIGNATURE = "signature"
    """Set by the signers, as are seals and the time of signing."""
    OTHER = "other"


class TemplateField(Model):
    key: str
    kind: FieldKind
    required: bool = False
    by_sender: bool = True
    """False: whoever signs fills it in."""
    options: tuple[str, ...] = ()
    page: int = 0


class Template(Model):
    template_no: str
    controls: tuple[TemplateField, ...]

    def fillable(self) -> dict[str, TemplateField]:
        """By key; a key that occurs twice is one field."""
        kinds = (FieldKind.SIGNATURE, FieldKind.OTHER)
        return {c.key: c for c in self.controls if c.by_sender and c.kind not in kinds}


class TemplateSummary(Model):
    template_no: str
    name: str
    comment: str = ""
    category: str = ""


class TemplateValues(Model):
    """A value for each field. Choices hold the places (from 0) of the options that are ticked."""

    texts: dict[str, str]
    choices: dict[str, tuple[int, ...]]
    checks: dict[str, bool]
    controls: dict[str, TemplateField]


_TICKED: Final = frozenset({"是", "yes", "true", "on", "1", "√", "✓"})
_UNTICKED: Final = frozenset({"", "否", "no", "false", "off", "0"})
_SEPARATOR: Final = "；"


def filled(template: Template, terms: ContractTerms) -> TemplateValues:
    """Raises TemplateMismatch: something required is empty, or a key or an option does not exist."""
    controls = template.fillable()
    stated = values_from_terms(terms)
    values: dict[str, TemplateValue] = {**terms.template_params, **stated}
    unknown = sorted(key for key in terms.template_params if key not in controls and key not in stated)
    filling = TemplateValues(texts={}, choices={}, checks={}, controls=controls)
    missing, invalid = [], []
    for key, control in controls.items():
        value = values.get(key, "")
        if control.required and _is_empty(value):
            missing.append(key)
        elif not _is_empty(value) and not _put(filling, control, value):
            invalid.append(key)
    if missing or invalid or unknown:
        raise TemplateMismatch(missing=missing, invalid=invalid, unknown=unknown)
    return filling


def values_from_terms(terms: ContractTerms) -> dict[str, TemplateValue]:
    """The keys that templates commonly have, as far as the terms say something about them."""
    start, end = terms.start_date, terms.end_date
    found: dict[str, str] = {
        "客户姓名": terms.customer_name,
        "客户电话": terms.customer_phone,
        "客户身份证号": terms.customer_id_card,
        "学员姓名": terms.customer_name if terms.is_training else "",
        "学员电话": terms.customer_phone if terms.is_training else "",
        "学员身份证号": terms.customer_id_card if terms.is_training else "",
        "阿姨姓名": terms.worker_name,
        "阿姨电话": terms.worker_phone,
        "阿姨身份证": terms.worker_id_card,
        "阿姨身份证号": terms.worker_id_card,
        "合同开始时间": f"{start.year}年{start.month}月{start.day}日" if start else "",
        "合同结束时间": f"{end.year}年{end.month}月{end.day}日" if end else "",
        "开始年": str(start.year) if start else "",
        "开始月": str(start.month) if start else "",
        "开始日": str(start.day) if start else "",
        "结束年": str(end.year) if end else "",
        "结束月": str(end.month) if end else "",
        "结束日": str(end.day) if end else "",
    }
    for key, fen in (
        ("阿姨工资", terms.worker_salary_fen),
        ("服务费", terms.customer_service_fee_fen),
        ("首次匹配费", terms.customer_service_fee_fen),
        ("定金", terms.deposit_fen),
        ("尾款", terms.final_payment_fen),
        ("培训费", terms.course_amount_fen),
    ):
        if fen is not None:
            found[key] = yuan_text(fen)
            found[f"{key}大写"] = amount_in_words(fen)
    return {key: value for key, value in found.items() if value}


def _put(filling: TemplateValues, control: TemplateField, value: TemplateValue) -> bool:
    """False when the value does not fit the field."""
    parts = _parts(value)
    match control.kind:
        case FieldKind.CHECK:
            return _put_check(filling, control.key, parts)
        case FieldKind.CHOICE | FieldKind.DROPDOWN | FieldKind.CHOICES:
            places = _places(control, parts)
            if places is None or (len(places) != 1 and control.kind is not FieldKind.CHOICES):
                return False
            filling.choices[control.key] = places
        case FieldKind.PARAGRAPH:
            filling.texts[control.key] = "\n".join(parts) if not isinstance(value, str) else value.strip()
        case _:
            filling.texts[control.key] = " ".join(_SEPARATOR.join(parts).split())
    return True


def _put_check(filling: TemplateValues, key: str, parts: list[str]) -> bool:
    said = parts[0].lower() if parts else ""
    if len(parts) > 1 or said not in _TICKED | _UNTICKED:
        return False
    filling.checks[key] = said in _TICKED
    return True


def _places(control: TemplateField, parts: list[str]) -> tuple[int, ...] | None:
    """By the exact label, else by the place; half of a label ticks nothing."""
    labels = {_comparable(label): place for place, label in enumerate(control.options)}
    places = []
    for part in parts:
        place = labels.get(_comparable(part))
        if place is None and part.isdecimal() and int(part) < len(control.options):
            place = int(part)
        if place is None:
            return None
        places.append(place)
    return tuple(sorted(set(places)))


def _comparable(label: str) -> str:
    # 元 and 圆 are one word in two spellings.
    return "".join(label.split()).replace("圆", "元")


def _parts(value: TemplateValue) -> list[str]:
    texts = value.split(_SEPARATOR) if isinstance(value, str) else value
    return [text.strip() for text in texts if text.strip()]


def _is_empty(value: TemplateValue) -> bool:
    return not _parts(value)


def chinese_keys(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a request whose names are a template's: not ASCII, and no index of a drop-down."""
    return {key: value for key, value in fields.items() if not key.isascii() and not key.endswith("_index")}
