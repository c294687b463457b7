"""Permissions of staff roles, and the rank of roles."""

import pytest

from domain.shared.authority import Role, outranks, permits, role_of
from domain.staff.model import SessionBearer
from domain.staff.permission_labels import ACTION_LABELS, RESOURCE_LABELS
from domain.staff.permissions import CATALOGUE, PERMISSIONS, ROLE_PERMISSIONS, with_implied
from domain.staff.role import StaffRole


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_an_administrator_may_do_everything(permission: str) -> None:
    assert permits(ROLE_PERMISSIONS[Role.ADMIN], permission)


def test_all_of_a_resource_grants_each_of_its_actions_and_no_other_resource() -> None:
    granted = frozenset({"contract:all"})

    assert permits(granted, "contract:delete")
    assert not permits(granted, "customer:view")


def test_roles_without_mini_program_permissions_may_not_view_users() -> None:
    for role in (Role.EMPLOYEE, Role.DISPATCH, Role.ADMISSIONS):
        assert not permits(ROLE_PERMISSIONS[role], "miniprogram-user:view"), role


def test_own_permissions_count_only_when_the_role_grants_none() -> None:
    bearer = SessionBearer(
        id="1", username="li", name="李", role="team", own_permissions=("customer:view",), session_id=""
    )
    team = StaffRole(id="2", code="team", name="小组", permissions=("contract:view",))

    granted = [bearer.authority(role).permissions for role in (team, None, team.model_copy(update={"active": False}))]

    assert granted == [{"contract:view"}, {"customer:view"}, set()]


def test_every_permission_has_a_name() -> None:
    assert RESOURCE_LABELS.keys() == CATALOGUE.keys()
    assert {action for actions in CATALOGUE.values() for action in actions} == ACTION_LABELS.keys()


def test_the_legacy_back_office_keys_imply_the_current_ones() -> None:
    assert permits(with_implied(["baobei:all"]), "miniprogram-user:export")
    assert not permits(with_implied(["baobei:view"]), "miniprogram-user:edit")


@pytest.mark.parametrize(
    ("label", "role"), [("系统管理员", Role.ADMIN), ("派单老师", Role.DISPATCH), ("Manager", Role.MANAGER)]
)
def test_imported_role_labels_are_recognised(label: str, role: Role) -> None:
    assert role_of(label) is role


def test_an_unknown_label_gives_no_role() -> None:
    assert role_of("董事长的朋友") is None


def test_only_a_higher_role_outranks() -> None:
    assert outranks(Role.ADMIN, Role.MANAGER)
    assert outranks(Role.MANAGER, Role.EMPLOYEE)
    assert not outranks(Role.MANAGER, Role.MANAGER)
    assert not outranks(Role.EMPLOYEE, Role.ADMIN)
    assert not outranks(None, Role.EMPLOYEE)
