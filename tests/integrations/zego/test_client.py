"""The client of ZEGO's server API, against the simulated cloud."""

import asyncio
import itertools
import logging

import pytest

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from integrations.local.simulators.zego.state import SIM_PROJECT
from integrations.zego.client import ZegoClient
from integrations.zego.codes import CallQueueFull, ZegoRefused
from integrations.zego.http import signature_of
from tests.integrations.zego.conftest import Calls, NewClient
from tests.integrations.zego.simulated import Cloud


def test_the_signature_is_the_published_one() -> None:
    signed = signature_of(1234567890, "0123456789abcdef", SIM_PROJECT.server_secret, 1_700_000_000)

    assert signed == "16623b00a07719a644da6752e631e98a"


async def test_closing_a_room_removes_all_users_with_the_reason(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "host")
    await cloud.enter("room_a", "guest")

    await client.close_room("room_a", "面试已结束")

    assert await cloud.people("room_a") == []
    assert [(notice["code"], notice["reason"]) for notice in await cloud.notices("guest")] == [(1002055, "面试已结束")]


async def test_removing_users_removes_no_others(client: ZegoClient, cloud: Cloud) -> None:
    for user in ("host", *(f"guest{number}" for number in range(6))):
        await cloud.enter("room_a", user)

    await client.remove_users("room_a", [f"guest{number}" for number in range(6)], "removed")

    assert await cloud.people("room_a") == ["host"]
    assert [len(call["parameters"]["UserId[]"]) for call in await cloud.calls("KickoutUser")] == [5, 1]


async def test_missing_rooms_and_users_are_no_failure(client: ZegoClient) -> None:
    await client.close_room("room_gone")
    await client.remove_users("room_gone", ["guest"])

    assert await client.users("room_gone") == []
    assert await client.counts(["room_gone"]) == {"room_gone": 0}


async def test_a_long_list_of_users_is_read_in_pages(client: ZegoClient, cloud: Cloud) -> None:
    for number in range(201):
        await cloud.enter("room_a", f"u{number}")

    users = await client.users("room_a")

    assert sorted(users) == sorted(f"u{number}" for number in range(201))
    assert await client.counts(["room_a", "room_b"]) == {"room_a": 201, "room_b": 0}


async def test_a_chinese_reason_is_truncated_at_a_character_boundary(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "host")

    await client.close_room("room_a", "长" * 200)

    assert [notice["reason"] for notice in await cloud.notices("host")] == ["长" * 85]


async def test_a_call_is_retried_with_a_new_nonce_when_zego_is_busy(
    client: ZegoClient, cloud: Cloud, calls: Calls
) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.enter("room_a", "host")
    await cloud.fault("KickoutUser", 2, code=1)

    await client.remove_users("room_a", ["guest"])

    assert calls == [("KickoutUser", "1"), ("KickoutUser", "1"), ("KickoutUser", "0")]


async def test_a_repeatable_call_is_retried_after_a_lost_answer(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.enter("room_a", "host")
    await cloud.fault("KickoutUser", loseAnswer=True)

    await client.remove_users("room_a", ["guest"])

    assert len(await cloud.calls("KickoutUser")) == 2


async def test_a_custom_command_is_not_repeated_after_a_lost_answer(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.fault("SendCustomCommand", loseAnswer=True)

    with pytest.raises(UpstreamFailed):
        await client.send_custom_command("room_a", "server", ["guest"], "hello")

    assert len(await cloud.calls("SendCustomCommand")) == 1


async def test_a_custom_command_is_retried_when_zego_is_busy(client: ZegoClient, cloud: Cloud) -> None:
    await cloud.enter("room_a", "guest")
    await cloud.fault("SendCustomCommand", code=1)

    await client.send_custom_command("room_a", "server", ["guest"], "hello")

    assert [call["code"] for call in await cloud.calls("SendCustomCommand")] == [1, 0]


@pytest.mark.parametrize("code", [5018, 206, 7, 2, 100000005])
async def test_other_codes_are_raised_to_the_caller(client: ZegoClient, cloud: Cloud, code: int) -> None:
    await cloud.fault("CloseRoom", code=code)

    with pytest.raises(ZegoRefused) as refused:
        await client.close_room("room_a")

    assert refused.value.zego_code == code
    assert refused.value.is_transient is (code in (5018, 206, 7))


async def test_a_missing_answer_is_a_timeout(new_client: NewClient, cloud: Cloud) -> None:
    await cloud.fault("*", 3, delaySeconds=1)

    with pytest.raises(UpstreamTimedOut):
        await new_client(total_seconds=0.05).counts(["room_a"])


@pytest.mark.parametrize("status", [500, 502, 302])
async def test_an_invalid_answer_is_a_failure(client: ZegoClient, cloud: Cloud, status: int) -> None:
    await cloud.fault("*", 3, status=status)

    with pytest.raises(UpstreamFailed):
        await client.counts(["room_a"])


async def test_an_open_circuit_stops_retries_at_once(new_client: NewClient, cloud: Cloud, calls: Calls) -> None:
    client = new_client(tolerated_failures=2)
    await cloud.fault("*", 2, status=500)

    for _ in range(2):
        with pytest.raises(UpstreamFailed):
            await client.counts(["room_a"])

    assert [outcome for _, outcome in calls] == ["malformed", "malformed", "open_circuit", "open_circuit"]


async def test_two_processes_together_send_at_most_one_close_a_second(new_client: NewClient, cloud: Cloud) -> None:
    clients = [new_client(), new_client()]
    for number in range(3):
        await cloud.enter(f"room_{number}", f"host{number}")

    await asyncio.gather(*(clients[number % 2].close_room(f"room_{number}") for number in range(3)))

    calls = await cloud.calls("CloseRoom")
    assert [call["code"] for call in calls] == [0, 0, 0]
    times = [call["at"] for call in calls]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 1.0


async def test_a_full_call_queue_is_refused_at_once_without_reserving_an_interval(new_client: NewClient) -> None:
    client = new_client(max_wait_seconds=0)
    await client.close_room("room_a")

    with pytest.raises(CallQueueFull) as busy:
        await client.close_room("room_b")

    assert busy.value.retry_after_seconds in (1, 2)
    await new_client(max_wait_seconds=2).close_room("room_b")


async def test_the_secret_and_signed_parameters_reach_no_log(
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
