"""The watermark of an exported file: the exporting person, the time, and the id of the audit row."""

from domain.audit.model import AuditRecorded
from domain.shared.business_day import BUSINESS_ZONE
from domain.shared.text import Language, Text

_TEXT = Text("{name} 于 {at} 导出 · 审计编号 {id}", "Exported by {name} at {at} · audit entry {id}")


def watermark_of(row: AuditRecorded, language: Language) -> str:
    at = row.at.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return _TEXT.in_language(language).format(name=row.actor.name or row.actor.id, at=at, id=row.id)
