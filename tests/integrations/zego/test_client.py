"""Our client of ZEGO's server API, against the simulated cloud."""

import asyncio
import itertools
import logging

import pytest

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.local.simulators.zego import SIM_PROJECT
from integrations.zego.client import ZegoClient
from integrations.zego.codes import CallQueueFull, ZegoRefused
from integrations.zego.http import signature_of
from tests.integrations.zego.conftest import Calls, NewClient
from tests.integrations.zego.simulated import Cloud


def test_the_signature_is_the_published_one() -> None:
    signed = signature_of(1234567890, "0123456789abcdef", SIM_PROJECT.server_secret, 1_700_000_000)

    assert signed == "16623b00a07719a644da6752e631e98a"


async def test_a_closed_room_is_empty_and_everybody_was_told_why(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "host")
    await cloud.enter("room_a", "guest")

    await client.close_room("room_a", "面试已结束")

    assert await cloud.people("room_a") == []
    assert [(notice["code"], notice["reason"]) for notice in await cloud.notices("guest")] == [(1002055, "面试已结束")]


async def test_who_is_put_out_is_out_and_nobody_else(client: ZegoClient, cloud: Cloud) -> None:
    for user in ("host", *(f"guest{number}" for number in range(6))):
        await cloud.enter("room_a", user)

    await client.remove_users("room_a", [f"guest{number}" for number in range(6)], "removed")

    assert await cloud.people("room_a") == ["host"]
    assert [len(call["parameters"]["UserId[]"]) for call in await cloud.calls("KickoutUser")] == [5, 1]


async def test_what_is_gone_already_is_no_failure(client: ZegoClient) -> None:
    await client.close_room("room_gone")
    await client.remove_users("room_gone", ["guest"])

    assert await client.users("room_gone") == []
    assert await client.counts(["room_gone"]) == {"room_gone": 0}


async def test_people_of_a_long_room_come_page_by_page(client: ZegoClient, cloud: Cloud) -> None:
    for number in range(201):
        await cloud.enter("room_a", f"u{number}")

    users = await client.users("room_a")

    assert sorted(users) == sorted(f"u{number}" for number in range(201))
    assert await client.counts(["room_a", "room_b"]) == {"room_a": 201, "room_b": 0}


async def test_a_reason_in_chinese_is_cut_between_characters(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "host")

    await client.close_room("room_a", "长" * 200)

    assert [notice["reason"] for notice in await cloud.notices("host")] == ["长" * 85]


async def test_a_busy_cloud_is_asked_again_with_a_fresh_nonce(client: ZegoClient, cloud: Cloud, calls: Calls) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.enter("room_a", "host")
    await cloud.fault("KickoutUser", 2, code=1)

    await client.remove_users("room_a", ["guest"])

    assert calls == [("KickoutUser", "1"), ("KickoutUser", "1"), ("KickoutUser", "0")]


async def test_a_call_that_may_be_repeated_survives_a_lost_answer(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.enter("room_a", "host")
    await cloud.fault("KickoutUser", loseAnswer=True)

    await client.remove_users("room_a", ["guest"])

    assert len(await cloud.calls("KickoutUser")) == 2


async def test_a_message_is_never_sent_twice_in_doubt(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.fault("SendCustomCommand", loseAnswer=True)

    with pytest.raises(UpstreamFailed):
        await client.send_custom_command("room_a", "server", ["guest"], "hello")

    assert len(await cloud.calls("SendCustomCommand")) == 1


async def test_a_message_that_was_refused_as_busy_is_sent_again(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.fault("SendCustomCommand", code=1)

    await client.send_custom_command("room_a", "server", ["guest"], "hello")

    assert [call["code"] for call in await cloud.calls("SendCustomCommand")] == [1, 0]


@pytest.mark.parametrize("code", [5018, 206, 7, 2, 100000005])
async def test_other_codes_are_for_the_caller_to_judge(client: ZegoClient, cloud: Cloud, code: int) -> None:
    await cloud.fault("CloseRoom", code=code)

    with pytest.raises(ZegoRefused) as refused:
        await client.close_room("room_a")

    assert refused.value.zego_code == code
    assert refused.value.is_transient is (code in (5018, 206, 7))


async def test_silence_is_a_timeout(new_client: NewClient, cloud: Cloud) -> None:
    await cloud.fault("*", 3, delaySeconds=1)

    with pytest.raises(UpstreamTimedOut):
        await new_client(total_seconds=0.05).counts(["room_a"])


@pytest.mark.parametrize("status", [500, 502, 302])
async def test_an_answer_that_is_none_is_a_failure(client: ZegoClient, cloud: Cloud, status: int) -> None:
    await cloud.fault("*", 3, status=status)

    with pytest.raises(UpstreamFailed):
        await client.counts(["room_a"])


async def test_an_open_circuit_ends_the_tries_and_is_not_waited_for(
    new_client: NewClient, cloud: Cloud, calls: Calls
) -> None:
    client = new_client(tolerated_failures=2)
    await cloud.fault("*", 2, status=500)

    for _ in range(2):
        with pytest.raises(UpstreamFailed):
            await client.counts(["room_a"])

    assert [outcome for _, outcome in calls] == ["malformed", "malformed", "open_circuit", "open_circuit"]


async def test_two_workers_together_keep_to_one_close_a_second(new_client: NewClient, cloud: Cloud) -> None:
    workers = [new_client(), new_client()]
    for number in range(3):
        await cloud.enter(f"room_{number}", f"host{number}")

    await asyncio.gather(*(workers[number % 2].close_room(f"room_{number}") for number in range(3)))

    calls = await cloud.calls("CloseRoom")
    assert [call["code"] for call in calls] == [0, 0, 0]
    at = [call["at"] for call in calls]
    assert min(later - earlier for earlier, later in itertools.pairwise(at)) >= 1.0


async def test_a_queue_that_is_too_long_is_said_at_once_and_costs_nobody_their_turn(new_client: NewClient) -> None:
    impatient = new_client(max_wait_seconds=0)
    await impatient.close_room("room_a")

    with pytest.raises(CallQueueFull) as busy:
        await impatient.close_room("room_b")

    assert busy.value.retry_after_seconds in (1, 2)
    await new_client(max_wait_seconds=2).close_room("room_b")


async def test_the_secret_and_what_is_signed_with_it_reach_no_log(
    new_client: NewClient, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "another-secret-of-thirty-two-chr"
    await cloud.fault("CloseRoom", 3, status=500)
    client = new_client(secret=secret)

    for room in ("room_a", "room_b"):
        with pytest.raises(UpstreamFailed) as failed:
            await client.close_room(room)
        assert secret not in repr(failed.value) + repr(failed.value.__context__)

    assert "our configuration?" in caplog.text
    for hidden in (secret, "Signature=", "room_a"):
        assert hidden not in caplog.text
