"""Invariants of a live room under random sequences of joins, disconnects, commands and deadlines (Hypothesis)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.interviews.live.commands import (
    ChatSend,
    ControlRequest,
    ControlRespond,
    HandRaise,
    Kick,
    LobbyDecide,
    MediaStateChange,
    MuteAll,
    PrompterLoad,
    Unban,
    Update,
)
from domain.interviews.live.rules.membership import MAX_MESH_PARTICIPANTS
from domain.interviews.live.socket_rooms import participants_room
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from domain.shared.errors import DomainError
from tests.domain.interviews.live.room_scenario import RoomScenario, a_guest

GUESTS = [a_guest(f"guest {number}") for number in range(7)]
INVITES = {guest: f"invite {number // 2}" for number, guest in enumerate(GUESTS)}  # each admits two guests
WORKERS = GUESTS[::2]
guests = st.sampled_from(GUESTS)
guests_or_host = guests | st.just("")
booleans = st.booleans()


class RoomMachine(RuleBasedStateMachine):
    """The model is what each client received: from it the client must have the same participants as the room."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = RoomScenario()
        self.banned: set[str] = set()
        self.banned_invites: set[str] = set()
        self.admitted_before: set[str] = set()
        self.rosters: dict[str, set[str]] = {}
        """By open connection: the participants according to its snapshot and pushes."""
        self.processed: dict[str, int] = {}
        """By connection: how many of its pushes are in its roster."""

    @initialize(mode=st.sampled_from(["zego", "mesh"]), lobby=booleans, locked=booleans)
    def a_room(self, mode: str, lobby: bool, locked: bool) -> None:
        self.scenario = RoomScenario(media_mode=mode, lobby_enabled=lobby, locked=locked)

    # actions of the participants

    def attempt(self, action: object) -> bool:
        """True if the action was allowed. A refusal must change nothing."""
        before = self.scenario.room
        assert callable(action)
        try:
            action()
        except DomainError:
            assert self.scenario.room is before, "a refused command changed the room"
            return False
        finally:
            self.process_pushes()
        return True

    @rule()
    def host_joins(self) -> None:
        if self.attempt(lambda: self.scenario.join()):
            self.joined(self.scenario.host)

    @rule(guest=guests, mic=booleans)
    def guest_joins(self, guest: str, mic: bool) -> None:
        invite_banned = INVITES[guest] in self.banned_invites and guest not in self.admitted_before
        banned = guest in self.banned or invite_banned
        identity = "helper" if guest in WORKERS else "customer"
        joined = self.attempt(
            lambda: self.scenario.join(guest, identity=identity, invite=INVITES[guest], mic=mic)  # type: ignore[arg-type]
        )
        if joined:
            assert not banned, "a banned guest joined"
            self.joined(guest)

    def joined(self, participant: str) -> None:
        connection = self.scenario.connections[participant]
        if self.scenario.seat(participant).admitted:
            self.admitted_before.add(participant)
            snapshot = self.scenario.snapshot(participant)
            self.rosters[connection] = {each.participant_id for each in snapshot.participants}
        self.processed[connection] = len(self.scenario.received[connection])

    @rule(guest=guests_or_host)
    def connection_drops(self, guest: str) -> None:
        participant = guest or self.scenario.host
        if participant in self.scenario.connections:
            self.attempt(lambda: self.scenario.disconnect(participant))

    @rule(guest=guests_or_host)
    def connection_recovers(self, guest: str) -> None:
        participant = guest or self.scenario.host
        seat = self.scenario.room.seat(participant)
        if seat is not None and seat.connected:
            return  # taking over a connected seat is covered by `guest_joins` and `host_joins`
        if self.attempt(lambda: self.scenario.recover(participant)):
            self.joined(participant)

    @rule(guest=guests_or_host)
    def leaves(self, guest: str) -> None:
        participant = guest or self.scenario.host
        if participant in self.scenario.connections:
            self.attempt(lambda: self.scenario.leave(participant))

    @rule(by=guests_or_host, participant=guests, ban=booleans)
    def kicks(self, by: str, participant: str, ban: bool) -> None:
        command = Kick(participant_id=participant, ban=ban)
        if self.attempt(lambda: self.scenario.send(by or self.scenario.host, command)):
            assert not by, "a guest kicked a participant"
            assert self.scenario.room.seat(participant) is None
            self.admitted_before.discard(participant)
            if ban:
                self.banned.add(participant)
                self.banned_invites.add(INVITES[participant])

    @rule(participant=guests)
    def ban_is_lifted(self, participant: str) -> None:
        command = Unban(participant_id=participant)
        if self.attempt(lambda: self.scenario.send(self.scenario.host, command, connection=None)):
            self.banned.discard(participant)
            self.banned_invites = {INVITES[guest] for guest in self.banned}

    @rule(by=guests_or_host, locked=st.none() | booleans, lobby=st.none() | booleans)
    def settings_change(self, by: str, locked: bool | None, lobby: bool | None) -> None:
        command = Update(locked=locked, lobby_enabled=lobby)
        if self.attempt(lambda: self.scenario.send(by or self.scenario.host, command)):
            assert not by, "a guest changed the settings"
            if not self.scenario.room.settings.lobby_enabled:  # those who waited may enter
                self.admitted_before |= {seat.participant_id for seat in self.scenario.room.lobby_seats}

    @rule(by=guests_or_host, participant=guests, accept=booleans)
    def lobby_is_decided(self, by: str, participant: str, accept: bool) -> None:
        command = LobbyDecide(participant_id=participant, accept=accept)
        if self.attempt(lambda: self.scenario.send(by or self.scenario.host, command)):
            assert not by, "a guest decided about the lobby"
            if accept:
                self.admitted_before.add(participant)

    @rule(by=guests_or_host, participant=guests, enabled=booleans)
    def device_is_controlled(self, by: str, participant: str, enabled: bool) -> None:
        seat = self.scenario.room.seat(participant)
        command = ControlRequest(target=participant, device="mic", enabled=enabled)
        if self.attempt(lambda: self.scenario.send(by or self.scenario.host, command)):
            assert not by, "a guest controlled a device"
            after = self.scenario.seat(participant).media.mic
            assert seat is not None
            assert after == (seat.media.mic and enabled), "a device was switched on remotely"

    @rule(guest=guests, accepted=booleans)
    def device_request_is_answered(self, guest: str, accepted: bool) -> None:
        for request in self.scenario.room.device_requests[:1]:
            command = ControlRespond(request_id=request.request_id, accepted=accepted)
            if self.attempt(lambda command=command: self.scenario.send(guest, command)):
                assert guest == request.target, "a guest answered the request of another participant"

    @rule(guest=guests, on=booleans)
    def microphone_is_switched(self, guest: str, on: bool) -> None:
        room = self.scenario.room
        seat, locked = room.seat(guest), "mic" in room.locked_devices
        if self.attempt(lambda: self.scenario.send(guest, MediaStateChange(mic=on))) and on and locked:
            assert seat is not None
            assert "mic" in seat.unlocked, "a locked microphone was switched on"

    @rule(lock=st.none() | booleans)
    def all_are_muted(self, lock: bool | None) -> None:
        if self.attempt(lambda: self.scenario.send(self.scenario.host, MuteAll(device="mic", lock=lock))):
            assert not any(seat.media.mic for seat in self.scenario.room.guest_seats)

    @rule(guest=guests_or_host)
    def sends_a_message_and_raises_a_hand(self, guest: str) -> None:
        participant = guest or self.scenario.host
        room, connection = self.scenario.room, self.scenario.connections.get(participant)
        seat = room.seat(participant)
        may_send = seat is not None and seat.admitted and seat.connection == connection and room.pending_end is None
        sent = self.attempt(lambda: self.scenario.send(participant, ChatSend(client_msg_id="m", text="x")))
        assert sent == may_send, "exactly the admitted and connected participants may send messages"
        self.attempt(lambda: self.scenario.send(participant, HandRaise()))

    @rule(play=booleans)
    def text_is_loaded(self, play: bool) -> None:
        command = PrompterLoad(content="您好", auto_play=play)
        self.attempt(lambda: self.scenario.send(self.scenario.host, command))

    @rule(seconds=st.sampled_from([1, 14, 16, 29, 31, 300, 599, 601]))
    def time_passes(self, seconds: int) -> None:
        before = self.scenario.room
        self.attempt(lambda: self.scenario.wait(seconds))
        room = self.scenario.room
        if room.ended and not before.ended and before.host_seat is not None and before.host_seat.connected:
            assert room.pending_end is EndReason.MAX_DURATION, "a room ended although its host was connected"
        if before.grace_ends_at is not None and not room.ended:
            assert room.grace_ends_at == before.grace_ends_at, "the end of the grace period was moved"

    @precondition(lambda self: self.scenario.room.version % 7 == 0)
    @rule()
    def host_ends_it(self) -> None:
        self.attempt(lambda: self.scenario.end())

    # the roster of each client

    def process_pushes(self) -> None:
        for connection, received in self.scenario.received.items():
            roster = self.rosters.get(connection)
            for event, push in received[self.processed.get(connection, 0) :]:
                assert push.room_id == self.scenario.room.room_id
                if roster is None:
                    assert event in {"lobbyAdmitted", "lobbyDenied", "roomEnded", "youKicked", "youSuperseded"}, (
                        f"{event} reached a guest in the lobby"
                    )
                elif event == "peerJoined":
                    roster.add(push.participant.participant_id)  # type: ignore[attr-defined]
                elif event == "peerLeft":
                    roster.discard(push.participant_id)  # type: ignore[attr-defined]
            self.processed[connection] = len(received)

    @invariant()
    def every_connected_client_has_the_participants_of_the_room(self) -> None:
        for seat in self.scenario.room.admitted_seats:
            if seat.connected:
                assert self.rosters[seat.connection] == self.scenario.admitted

    @invariant()
    def only_seated_connections_are_in_the_participants_room(self) -> None:
        room = self.scenario.room
        connections = {seat.connection for seat in room.admitted_seats if seat.connected}
        for connection, socket_rooms in self.scenario.socket_rooms.items():
            if participants_room(room.room_id) in socket_rooms:
                assert connection in connections, "a connection without a seat receives the pushes of the room"

    @invariant()
    def the_capacity_is_kept(self) -> None:
        room = self.scenario.room
        capacity = MAX_MESH_PARTICIPANTS if room.media_mode == "mesh" else room.settings.max_participants
        assert len(room.admitted_seats) <= capacity
        assert len({seat.participant_id for seat in room.seats}) == len(room.seats)
        assert len({seat.rank for seat in room.seats}) == len(room.seats)

    @invariant()
    def no_banned_guest_has_a_seat(self) -> None:
        assert not self.banned & {seat.participant_id for seat in self.scenario.room.seats}

    @invariant()
    def the_phase_agrees_with_the_seats(self) -> None:
        room = self.scenario.room
        if room.ended:
            assert (room.phase, room.seats, room.pending_end is None) == (RoomPhase.ENDED, (), False)
        elif room.phase is RoomPhase.LIVE:
            assert room.host_seat is not None
        elif room.phase is RoomPhase.HOST_ABSENT:
            assert room.host_seat is None
        assert room.ended or (room.grace_ends_at is None) == (room.host_seat is not None)

    @invariant()
    def an_open_room_has_a_next_deadline(self) -> None:
        room = self.scenario.room
        due = room.next_deadline()
        if room.ended:
            assert due is None or room.unrecorded
        else:
            assert due is not None
            assert due <= room.ends_at

    @invariant()
    def only_admitted_participants_have_raised_hands_and_device_requests(self) -> None:
        room = self.scenario.room
        assert set(room.raised_hands) <= self.scenario.admitted
        assert {request.target for request in room.device_requests} <= self.scenario.admitted

    @invariant()
    def customers_get_no_pushes_of_the_teleprompter_or_for_the_host(self) -> None:
        for participant, connection in self.scenario.connections.items():
            if participant in GUESTS and participant not in WORKERS:
                events = {event for event, _ in self.scenario.received.get(connection, ())}
                assert not events & {"prompterDoc", "prompterState"}
                assert not events & {"lobbyWaiting", "controlResult", "prompterProgress"}


TestRoom = RoomMachine.TestCase
TestRoom.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
