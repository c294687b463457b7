"""State changes of a user account, and the events that follow from them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.places.region import Region
from domain.users.change_events import UserChangeEvents
from domain.users.errors import UserBlocked, UsernameFixed
from domain.users.identity import IdentityDigests, WeChatIdentity
from domain.users.model import User
from domain.users.profile_fields import ProfileFields
from tests.domain.sequential_ids import SequentialIds
from tests.domain.users.builders import NOW, a_session, a_user

LATER = NOW + timedelta(hours=1)


CHANGE_EVENTS = UserChangeEvents(SequentialIds())


def event_types(before: User, after: User) -> list[str]:
    return [
        event.type
        for event in (
            *CHANGE_EVENTS.counted_events(before, after, NOW),
            *CHANGE_EVENTS.user_changed(before, after, NOW),
        )
    ]


def test_a_login_is_counted_and_adds_a_session() -> None:
    user = a_user(login_count=4).logged_in(a_session(), LATER, "1.2.4.8")

    assert (user.login_count, user.last_login_at, user.last_active_at, user.last_login_ip) == (
        5,
        LATER,
        LATER,
        "1.2.4.8",
    )
    assert [session.id for session in user.sessions] == ["s1"]


def test_an_openid_is_added_and_never_replaced() -> None:
    user = a_user().with_identity(WeChatIdentity(app_id="wx2", open_id="o2", union_id="u"))

    assert [identity.key for identity in user.identities] == ["wx1:o1", "wx2:o2"]
    assert (user.openid, user.unionid) == ("o1", "")
    assert (user.open_id_for("wx2"), user.open_id_for("unknown")) == ("o2", "o1")
    renamed = user.with_identity(WeChatIdentity(app_id="wx1", open_id="o1", union_id="u"))
    assert [identity.unionid for identity in renamed.identities] == ["u", "u"]


def test_blocking_ends_all_sessions() -> None:
    blocked = a_user(sessions=(a_session(),)).with_status("blocked", "恶意下单")

    assert blocked.sessions == ()
    with pytest.raises(UserBlocked):
        blocked.require_usable()


@pytest.mark.parametrize(
    ("days", "status", "shown"),
    [(30, "active", "active"), (31, "active", "inactive"), (0, "blocked", "blocked"), (99, "blocked", "blocked")],
)
def test_an_account_is_inactive_after_a_month_without_login(days: int, status: str, shown: str) -> None:
    assert a_user(status=status).shown_status(NOW + timedelta(days=days)) == shown


def test_an_account_name_is_set_once() -> None:
    user = a_user().with_username("Wang_Fang")

    assert user.with_username("wang_fang") == user
    with pytest.raises(UsernameFixed):
        user.with_username("other")


def test_a_verified_phone_stays_verified_when_it_is_repeated_without_proof() -> None:
    user = a_user().with_phone("13800138000", True, NOW)

    assert user.with_phone("13800138000", False, LATER) == user
    assert user.with_phone("13900139000", False, LATER).phone_verified_at is None
    assert user.without_phone(LATER, lost=True).phone_lost_at == LATER
    assert a_user().without_phone(LATER, lost=True).phone_lost_at is None


def test_the_region_comes_from_the_profile_before_the_address() -> None:
    jiangsu, zhejiang = Region(province="江苏", city="南京"), Region(province="浙江")

    by_address = a_user().with_region(jiangsu)
    travelled = by_address.with_region(zhejiang)
    stated = travelled.with_profile({"province": "广东省", "city": "深圳市"}).with_region(zhejiang)
    withdrawn = stated.with_profile({"province": None, "city": None}).with_region(None)

    assert (by_address.region, by_address.region_source) == (jiangsu, "ip")
    assert travelled == by_address
    assert (stated.region, stated.region_source) == (Region(province="广东", city="深圳"), "profile")
    assert (withdrawn.region, withdrawn.region_source) == (Region(), "")


def test_an_unknown_place_is_kept_as_written_without_a_region() -> None:
    user = a_user().with_profile({"province": "California", "city": "Fresno"}).with_region(None)

    assert (user.province, user.city, user.region) == ("California", "Fresno", Region())


def test_a_deleted_account_keeps_no_identifier() -> None:
    user = a_user(sessions=(a_session(),), username="a", username_key="a").with_phone("13800138000", True, NOW)

    gone = user.deleted(IdentityDigests(phone="digest"), LATER)

    assert gone.is_gone
    assert (gone.openid, gone.identities, gone.phone, gone.username_key, gone.sessions) == ("", (), "", "", ())


def test_changes_of_phone_region_and_existence_are_counted_once() -> None:
    user = a_user()
    bound = user.with_phone("13800138000", True, NOW)
    moved = bound.with_region(Region(province="江苏"))

    assert event_types(user, user.with_profile({"nickname": "小王"})) == ["user.changed"]
    assert event_types(user, bound) == ["user.phone_changed", "user.changed"]
    assert event_types(bound, bound.with_phone("13900139000", True, NOW)) == ["user.changed"]
    assert event_types(bound, moved) == ["user.region_changed", "user.changed"]
    assert event_types(moved, moved.deleted(IdentityDigests(), NOW)) == ["user.deleted", "user.changed"]
    assert event_types(user, user.logged_in(a_session(), LATER, "")) == ["user.changed"]


def test_a_deletion_carries_the_values_that_the_account_was_counted_with() -> None:
    user = a_user(login_count=7).with_phone("13800138000", True, NOW).with_region(Region(province="江苏"))

    (deleted,) = CHANGE_EVENTS.counted_events(user, user.deleted(IdentityDigests(), NOW), NOW)

    assert (deleted.has_phone, deleted.region.province, deleted.login_count) == (True, "江苏", 7)  # type: ignore[attr-defined]  # a UserDeleted


def test_missing_and_empty_fields_are_distinguished() -> None:
    body = ProfileFields.model_validate_json('{"nickname": "", "city": null, "gender": 0}')

    assert body.sent() == {"nickname": None, "city": None, "gender": 0}
    assert body.filled() == {"gender": 0}


profiles = st.fixed_dictionaries(
    {}, optional={name: st.text(max_size=8) | st.none() for name in ("nickname", "city", "province", "country")}
)


@given(profiles, profiles)
def test_filling_never_replaces_a_value(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = a_user().with_profile(first)

    after = before.with_profile_filled(second)

    for name in ("nickname", "city", "province", "country"):
        if getattr(before, name):
            assert getattr(after, name) == getattr(before, name)
