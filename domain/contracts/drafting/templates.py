"""Contract templates (合同模板) of the provider, and their fields."""

from enum import StrEnum

from domain.shared.model import Model
from domain.shared.text import Text


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
    """Set by the signers, like seals and the time of signing."""
    OTHER = "other"


KEY_LABELS: dict[str, Text] = {
    key: Text(key, english)
    for key, english in {
        "客户姓名": "Customer's name",
        "客户电话": "Customer's phone",
        "客户身份证号": "Customer's ID card",
        "学员姓名": "Student's name",
        "学员电话": "Student's phone",
        "学员身份证号": "Student's ID card",
        "阿姨姓名": "Worker's name",
        "阿姨电话": "Worker's phone",
        "阿姨身份证": "Worker's ID card",
        "阿姨身份证号": "Worker's ID card",
        "联系地址": "Address",
        "合同开始时间": "Contract starts",
        "合同结束时间": "Contract ends",
        "服务开始时间": "Service starts",
        "服务结束时间": "Service ends",
        "开始年": "Start: year",
        "开始月": "Start: month",
        "开始日": "Start: day",
        "结束年": "End: year",
        "结束月": "End: month",
        "结束日": "End: day",
        "阿姨工资": "Worker's salary",
        "阿姨工资大写": "Worker's salary in words",
        "月工资": "Monthly salary",
        "服务费": "Service fee",
        "服务费大写": "Service fee in words",
        "首次匹配费": "First matching fee",
        "首次匹配费大写": "First matching fee in words",
        "定金": "Deposit",
        "定金大写": "Deposit in words",
        "尾款": "Final payment",
        "尾款大写": "Final payment in words",
        "培训费": "Course fee",
        "培训费大写": "Course fee in words",
        "课程列表": "Courses",
        "服务类型": "Service",
        "服务内容": "Duties",
        "服务时间": "Service hours",
        "服务备注": "Service notes",
        "休息方式": "Days off",
        "同意保险条款": "Insurance terms accepted",
    }.items()
}
"""Labels of the keys that templates commonly have. A template of the agency may have others, which only it can name."""


class TemplateField(Model):
    key: str
    kind: FieldKind
    required: bool = False
    by_sender: bool = True
    """False: a signer fills it in."""
    options: tuple[str, ...] = ()
    page: int = 0


class Template(Model):
    template_no: str
    fields: tuple[TemplateField, ...]

    def fillable(self) -> dict[str, TemplateField]:
        """The fields that the sender fills in, by key; fields with the same key are one field."""
        kinds = (FieldKind.SIGNATURE, FieldKind.OTHER)
        return {each.key: each for each in self.fields if each.by_sender and each.kind not in kinds}


class TemplateSummary(Model):
    template_no: str
    name: str
    comment: str = ""
    category: str = ""
