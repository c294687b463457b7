"""App processes that die or were declared lost too early: what happens to the seats that they serve."""

import pytest

from domain.interviews.live.process_heartbeat import ProcessHeartbeat
from domain.shared.errors import Unavailable
from tests.domain.interviews.fakes import Client, InterviewArea

ROOM = "room_a"


class Cluster:
    """Two processes on one area. The first one serves the guest."""

    def __init__(self, area: InterviewArea) -> None:
        self.area = area
        self.first = area.services
        self.second = area.another_process("process-2").interviews

    async def beat(self, *heartbeats: ProcessHeartbeat, seconds: float = 10) -> None:
        """Time passes, in which only these processes have heartbeats, one every two seconds."""
        for _ in range(int(seconds / 2)):
            self.area.clock.advance(2)
            for heartbeat in heartbeats:
                await heartbeat.beat()


@pytest.fixture
async def cluster() -> Cluster:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    return Cluster(area)


@pytest.fixture
async def guest(cluster: Cluster) -> Client:
    await cluster.first.heartbeat.beat()
    await cluster.second.heartbeat.beat()
    return await cluster.area.guest_joins(ROOM)


async def test_the_seats_of_a_process_that_died_are_disconnected_and_held(cluster: Cluster, guest: Client) -> None:
    await cluster.beat(cluster.second.heartbeat, seconds=6)
    assert guest.is_connected

    await cluster.beat(cluster.second.heartbeat, seconds=4)

    assert guest.seat is not None
    assert not guest.is_connected
    assert await cluster.area.processes.lost() == []
    await guest.recover("process-2")
    assert guest.is_connected


async def test_participants_of_a_process_that_died_lose_their_seats_unless_they_return(
    cluster: Cluster, guest: Client
) -> None:
    await cluster.beat(cluster.second.heartbeat)

    await cluster.area.pass_time(30)

    assert guest.seat is None
    assert cluster.area.pushes(ROOM)[-1] == "peerLeft"


async def test_a_participant_who_moved_to_another_process_in_time_stays_connected(
    cluster: Cluster, guest: Client
) -> None:
    await guest.drop()
    await guest.recover("process-2")

    await cluster.beat(cluster.second.heartbeat)

    assert guest.is_connected


async def test_a_process_that_was_declared_lost_learns_that_its_seats_are_in_doubt(
    cluster: Cluster, guest: Client
) -> None:
    await cluster.beat(cluster.second.heartbeat)
    doubts = cluster.first.seats_in_doubt.count

    await cluster.first.heartbeat.beat()

    assert cluster.first.seats_in_doubt.count == doubts + 1
    await cluster.first.connections.reattach(ROOM, guest.id, guest.connection)
    assert guest.is_connected


async def test_a_seat_reattached_after_the_loss_is_not_disconnected_by_a_late_report(
    cluster: Cluster, guest: Client
) -> None:
    cluster.area.clock.advance(20)
    [lost, *_] = await cluster.area.processes.lost()
    await guest.drop()
    await guest.recover("process-1")

    await cluster.second.connections.process_lost(lost.process, lost.until)

    assert guest.is_connected


async def test_a_process_without_steady_heartbeats_does_not_judge_others(cluster: Cluster, guest: Client) -> None:
    cluster.area.clock.advance(20)  # the store was unavailable for all processes

    await cluster.second.heartbeat.beat()
    await cluster.second.heartbeat.beat()

    assert guest.is_connected


async def test_a_process_that_stops_in_an_orderly_way_is_not_lost(cluster: Cluster, guest: Client) -> None:
    await cluster.first.heartbeat.withdraw()

    await cluster.beat(cluster.second.heartbeat)

    assert guest.is_connected


async def test_a_lost_process_is_handled_again_when_the_store_fails_in_between(cluster: Cluster, guest: Client) -> None:
    await cluster.beat(cluster.second.heartbeat, seconds=6)
    cluster.area.store.unavailable = True
    with pytest.raises(Unavailable):
        await cluster.beat(cluster.second.heartbeat, seconds=4)

    cluster.area.store.unavailable = False
    await cluster.beat(cluster.second.heartbeat, seconds=2)

    assert not guest.is_connected


async def test_the_connections_of_a_process_are_found(cluster: Cluster, guest: Client) -> None:
    elsewhere, dropped = await cluster.area.guest_joins(ROOM), await cluster.area.guest_joins(ROOM)
    await elsewhere.drop()
    await elsewhere.recover("process-2")
    await dropped.drop()

    [found] = await cluster.first.connections.of_process("process-1")

    assert (found.room_id, found.participant_id, found.connection) == (ROOM, guest.id, guest.connection.id)
