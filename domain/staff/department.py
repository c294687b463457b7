"""A department (部门). Departments have one level."""

from typing import Annotated

from domain.shared.entity import Entity
from domain.shared.model import Instant
from domain.shared.plain_text import cleaned_line, one_line

DepartmentName = Annotated[str, one_line(32, required=True)]


class Department(Entity):
    """A document of the collection `departments`. A deleted one stays as a tombstone, whose name is free again."""

    name: Annotated[str, cleaned_line()]
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None = None
