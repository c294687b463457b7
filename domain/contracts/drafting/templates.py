"""Contract templates (合同模板) of the provider, and their fields."""

from enum import StrEnum

from domain.shared.model import Model


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
