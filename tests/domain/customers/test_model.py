"""Rules of one customer: stages, levels, follow-up status, ownership, demand card and search terms."""

from datetime import date, timedelta
from itertools import pairwise, product

import pytest

from domain.customers.demand import filled
from domain.customers.errors import ContactRequired, IllegalStage, LevelSetBySystem
from domain.customers.levels import LeadLevel
from domain.customers.model import FollowUpStatus
from domain.customers.search_terms import search_terms_of
from domain.customers.stages import STEPS, UNSIGNED_STAGES, Stage, Standing, overall_standing
from tests.domain.customers.builders import NOW, a_customer

CHAIN = (
    *(Stage.PENDING, Stage.MATCHING, Stage.INTERVIEWED, Stage.SIGNING),
    *(Stage.SIGNED, Stage.REFUNDING, Stage.REFUNDED),
)


def test_people_take_the_steps_of_the_chain_and_lose_and_regain_unsigned_customers() -> None:
    steps = {(before, after) for before, after in product(Stage, Stage) if after in STEPS[before]}

    expected = set(pairwise(CHAIN))
    expected |= {(stage, Stage.LOST) for stage in UNSIGNED_STAGES - {Stage.LOST}}
    expected |= {(Stage.LOST, stage) for stage in UNSIGNED_STAGES - {Stage.LOST}}
    assert steps == expected


def test_every_other_step_is_refused_with_the_possible_ones() -> None:
    for before, after in product(Stage, Stage):
        customer = a_customer(contract_status=before)
        if after in STEPS[before] or after is before:
            assert customer.at_stage(after, NOW, "x").contract_status is after
        else:
            with pytest.raises(IllegalStage) as refused:
                customer.at_stage(after, NOW, "x")
            assert set(refused.value.details["allowed"]) == STEPS[before]  # type: ignore[call-overload]


def test_the_stage_follows_the_contracts_and_returns_to_the_last_one_without() -> None:
    customer = a_customer(contract_status=Stage.INTERVIEWED)

    signing = customer.following_contracts(Standing.SIGNING, NOW)
    signed = signing.following_contracts(Standing.IN_FORCE, NOW)
    refunding = signed.at_stage(Stage.REFUNDING, NOW, "x")

    assert (signing.contract_status, signed.contract_status) == (Stage.SIGNING, Stage.SIGNED)
    assert refunding.following_contracts(Standing.IN_FORCE, NOW) is refunding
    assert refunding.following_contracts(Standing.REFUNDED, NOW).contract_status is Stage.REFUNDED
    assert signed.following_contracts(Standing.NONE, NOW).contract_status is Stage.INTERVIEWED
    lost = signing.at_stage(Stage.LOST, NOW, "x")
    assert lost.next_stages == [Stage.SIGNING]
    assert lost.following_contracts(Standing.NONE, NOW).contract_status is Stage.LOST
    assert lost.following_contracts(Standing.IN_FORCE, NOW).contract_status is Stage.SIGNED


def test_a_contract_in_force_outweighs_the_others() -> None:
    assert overall_standing([]) is Standing.NONE
    assert overall_standing([Standing.REFUNDED, Standing.SIGNING]) is Standing.SIGNING
    assert overall_standing([Standing.SIGNING, Standing.IN_FORCE, Standing.REFUNDED]) is Standing.IN_FORCE


def test_people_grade_open_leads_and_the_system_sets_deals_and_losses() -> None:
    graded = a_customer().graded(LeadLevel.A, NOW, "x")

    assert (a_customer().lead_level, graded.lead_level) == (LeadLevel.B, LeadLevel.A)
    assert graded.following_contracts(Standing.IN_FORCE, NOW).lead_level is LeadLevel.DEAL
    assert graded.at_stage(Stage.LOST, NOW, "x").lead_level is LeadLevel.LOST
    for level in (LeadLevel.DEAL, LeadLevel.LOST):
        with pytest.raises(LevelSetBySystem):
            graded.graded(level, NOW, "x")


def test_the_follow_up_status_is_that_of_the_present_owner() -> None:
    new = a_customer(assigned_to="li")

    assert new.follow_up_status is FollowUpStatus.NEW
    followed = new.with_fields(followed_up_by=("li",))
    assert followed.follow_up_status is FollowUpStatus.FOLLOWED
    moved = followed.assigned("wang", "boss", "", NOW).with_fields(transfer_count=1)
    assert moved.follow_up_status is FollowUpStatus.TRANSFERRED
    assert moved.following_contracts(Standing.IN_FORCE, NOW).follow_up_status is None


def test_a_claim_revives_a_lost_customer_and_starts_its_clock() -> None:
    later = NOW + timedelta(days=3)
    pooled = a_customer(contract_status=Stage.LOST, assigned_to="li").released("li", "无需求", NOW)

    claimed = pooled.claimed("wang", later)

    assert (pooled.assigned_to, pooled.counts_as_held, claimed.counts_as_held) == ("", False, True)
    assert (claimed.contract_status, claimed.claim_count, claimed.last_activity_at) == (Stage.PENDING, 1, later)
    assert claimed.next_follow_up_at == later + timedelta(hours=24)
    assert claimed.public_pool_entry_time is None


def test_a_customer_keeps_a_contact() -> None:
    with pytest.raises(ContactRequired):
        a_customer(phone="13800138000").edited(NOW, "x", phone="")


def test_the_demand_card_fills_only_what_is_empty_and_readable() -> None:
    card = {
        "need_salary": "预算 8000-9000",
        "need_house_area": "5 平",
        "need_family_members": "十二个人",
        "need_onboarding_time": "2027.2.30",
        "need_service_address": "朝阳区",
        "address": "海淀区",
    }

    assert filled(card) == {"salary_budget": 8000, "family_size": 12}
    assert filled({"need_onboarding_time": "2027/03/05 左右", "need_family_members": "3大1小"}) == {
        "expected_start_date": date(2027, 3, 5),
        "family_size": 3,
    }


def test_search_terms_are_parts_of_the_name_its_pinyin_and_ends_of_the_phone() -> None:
    terms = search_terms_of(a_customer(name="王小芳", phone="13812345678", wechat_id="XiaoFang"))

    assert {"王", "小芳", "wangx", "xiaofang", "wxf", "xf", "5678", "12345678", "13812345678"} <= set(terms)
    assert not {"138", "1381234", "angxiao", "w", "xiaof"} & set(terms)
    assert len(terms) < 36
