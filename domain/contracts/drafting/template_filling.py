"""Values of a contract for its template.

Names, card numbers, dates and amounts come from the terms and are never typed a second time, so that the document and
the record agree. All other fields come from `templateParams`.
"""

from typing import Final

from domain.contracts.drafting.templates import FieldKind, Template, TemplateField
from domain.contracts.errors import TemplateMismatch
from domain.contracts.terms import ContractTerms, TemplateValue
from domain.shared.model import Model
from domain.shared.money import amount_in_words, yuan_text


class TemplateValues(Model):
    """The values of a template's fields by key. `choices` holds the indexes (from 0) of the ticked options."""

    texts: dict[str, str]
    choices: dict[str, tuple[int, ...]]
    checks: dict[str, bool]
    fields: dict[str, TemplateField]


_TICKED: Final = frozenset({"是", "yes", "true", "on", "1", "√", "✓"})
_UNTICKED: Final = frozenset({"", "否", "no", "false", "off", "0"})
_SEPARATOR: Final = "；"


class TemplateMismatches(Model):
    """Keys of fields whose value does not fit the template."""

    missing: list[str]
    invalid: list[str]
    unknown: list[str]


def fill_template(template: Template, terms: ContractTerms) -> TemplateValues:
    """Raises TemplateMismatch when a required field is empty, or a key or an option does not exist."""
    values, mismatches = try_to_fill(template, terms)
    if mismatches.missing or mismatches.invalid or mismatches.unknown:
        raise TemplateMismatch(**mismatches.model_dump())
    return values


def try_to_fill(template: Template, terms: ContractTerms) -> tuple[TemplateValues, TemplateMismatches]:
    fields = template.fillable()
    inputs = inputs_of(terms)
    unknown = sorted(terms.template_params.keys() - fields.keys() - values_from_terms(terms).keys())
    values = TemplateValues(texts={}, choices={}, checks={}, fields=fields)
    missing, invalid = [], []
    for key, field in fields.items():
        value = inputs.get(key, "")
        if field.required and _is_empty(value):
            missing.append(key)
        elif not _is_empty(value) and not _put(values, field, value):
            invalid.append(key)
    return values, TemplateMismatches(missing=missing, invalid=invalid, unknown=unknown)


def inputs_of(terms: ContractTerms) -> dict[str, TemplateValue]:
    """The values for a template's fields by key. Those of the terms take precedence."""
    return {**terms.template_params, **values_from_terms(terms)}


def values_from_terms(terms: ContractTerms) -> dict[str, TemplateValue]:
    """Values for the keys that templates commonly have, as far as the terms contain them."""
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


def _put(values: TemplateValues, field: TemplateField, value: TemplateValue) -> bool:
    """Add the value of one field. False when the value does not fit the field."""
    parts = parts_of(value)
    match field.kind:
        case FieldKind.CHECK:
            return _put_check(values, field.key, parts)
        case FieldKind.CHOICE | FieldKind.DROPDOWN | FieldKind.CHOICES:
            indexes = _option_indexes(field, parts)
            if indexes is None or (len(indexes) != 1 and field.kind is not FieldKind.CHOICES):
                return False
            values.choices[field.key] = indexes
        case FieldKind.PARAGRAPH:
            values.texts[field.key] = "\n".join(parts) if not isinstance(value, str) else value.strip()
        case _:
            values.texts[field.key] = " ".join(_SEPARATOR.join(parts).split())
    return True


def _put_check(values: TemplateValues, key: str, parts: list[str]) -> bool:
    text = parts[0].lower() if parts else ""
    if len(parts) > 1 or text not in _TICKED | _UNTICKED:
        return False
    values.checks[key] = text in _TICKED
    return True


def _option_indexes(field: TemplateField, parts: list[str]) -> tuple[int, ...] | None:
    """The options that `parts` name by their whole label or by their index; None when one names no option."""
    labels = {_normalized(label): index for index, label in enumerate(field.options)}
    indexes = []
    for part in parts:
        index = labels.get(_normalized(part))
        if index is None and part.isdecimal() and int(part) < len(field.options):
            index = int(part)
        if index is None:
            return None
        indexes.append(index)
    return tuple(sorted(set(indexes)))


def _normalized(label: str) -> str:
    # 元 and 圆 are two spellings of the same word.
    return "".join(label.split()).replace("圆", "元")


def parts_of(value: TemplateValue) -> list[str]:
    """The texts of the choices, or the one text, without empty ones."""
    texts = value.split(_SEPARATOR) if isinstance(value, str) else value
    return [text.strip() for text in texts if text.strip()]


def _is_empty(value: TemplateValue) -> bool:
    return not parts_of(value)
