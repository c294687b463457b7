"""The data scope of every role."""

import pytest

from domain.shared.authority import Role, StaffAuthority
from domain.shared.scope import EVERYTHING, Resource, Scope, scope_of

OWN, COLLEAGUE, STRANGER = "own", "colleague", "stranger"


def a_member(role: str, department: str = "") -> StaffAuthority:
    colleagues = frozenset({COLLEAGUE}) if department and role == Role.MANAGER else frozenset()
    return StaffAuthority(
        id=OWN,
        username="wang",
        name="王芳",
        role=role,
        permissions=frozenset({"*"}),
        session_id="s",
        department=department,
        colleagues=colleagues,
    )


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("department", ["", "d1"])
def test_administrators_and_operators_see_everything(resource: Resource, department: str) -> None:
    assert scope_of(a_member(Role.ADMIN, department), resource) == EVERYTHING
    assert scope_of(a_member(Role.OPERATOR, department), resource) == EVERYTHING


@pytest.mark.parametrize("resource", Resource)
def test_a_manager_sees_everything_or_with_a_department_that_department(resource: Resource) -> None:
    assert scope_of(a_member(Role.MANAGER), resource) == EVERYTHING
    assert scope_of(a_member(Role.MANAGER, "d1"), resource) == Scope.of(OWN, COLLEAGUE)


def test_dispatch_sees_all_customers_but_only_own_contracts() -> None:
    assert scope_of(a_member(Role.DISPATCH), Resource.CUSTOMER) == EVERYTHING
    assert scope_of(a_member(Role.DISPATCH), Resource.CONTRACT) == Scope.of(OWN)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.ADMISSIONS, "custom-role", ""])
@pytest.mark.parametrize("resource", Resource)
def test_everybody_else_sees_what_they_own_or_created(role: str, resource: Resource) -> None:
    scope = scope_of(a_member(role, "d1"), resource)

    assert scope == Scope.of(OWN)
    assert scope.covers(STRANGER, OWN)
    assert not scope.covers(STRANGER, COLLEAGUE)
    assert not scope.covers()
