"""Whatever people do in whatever order: what must always hold of a live room."""

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
from domain.interviews.live.membership import MAX_MESH_PARTICIPANTS
from domain.interviews.live.transition import everyone
from domain.interviews.record.model import EndReason
from domain.interviews.value_types import RoomPhase
from domain.shared.errors import DomainError
from tests.domain.interviews.live.room_scenario import RoomScenario, a_guest

GUESTS = [a_guest(f"guest {number}") for number in range(7)]
INVITES = {guest: f"invite {number // 2}" for number, guest in enumerate(GUESTS)}  # two come by each
HELPERS = GUESTS[::2]
guests = st.sampled_from(GUESTS)
yes_or_no = st.booleans()


class RoomMachine(RuleBasedStateMachine):
    """The model is what everybody was told: from it each of them must have the same picture as the room itself."""

    def __init__(self) -> None:
        super().__init__()
        self.scenario = RoomScenario()
        self.banned: set[str] = set()
        self.banned_invites: set[str] = set()
        self.ever_in: set[str] = set()
        self.rosters: dict[str, set[str]] = {}
        """By connection that listens: whom it thinks to be in the room."""
        self.heard_before: dict[str, int] = {}
        self.consented: set[tuple[str, str]] = set()
        self.absence_of_host: object = None

    @initialize(mode=st.sampled_from(["zego", "mesh"]), lobby=yes_or_no, locked=yes_or_no)
    def a_room(self, mode: str, lobby: bool, locked: bool) -> None:
        self.scenario = RoomScenario(media_mode=mode, lobby_enabled=lobby, locked=locked)

    # what people do

    def attempt(self, work: object) -> bool:
        """Whether it was allowed. A refusal changes nothing."""
        before = self.scenario.room
        assert callable(work)
        try:
            work()
        except DomainError:
            assert self.scenario.room is before, "a refusal left something behind"
            return False
        finally:
            self.hear()
        return True

    @rule()
    def host_joins(self) -> None:
        if self.attempt(lambda: self.scenario.join()):
            self.arrived(self.scenario.host)

    @rule(guest=guests, mic=yes_or_no)
    def guest_joins(self, guest: str, mic: bool) -> None:
        banned = guest in self.banned or (INVITES[guest] in self.banned_invites and guest not in self.ever_in)
        identity = "helper" if guest in HELPERS else "customer"
        came = self.attempt(lambda: self.scenario.join(guest, identity=identity, invite=INVITES[guest], mic=mic))  # type: ignore[arg-type]
        if came:
            assert not banned, "a banned person returned"
            self.arrived(guest)

    def arrived(self, person: str) -> None:
        connection = self.scenario.connections[person]
        if self.scenario.seat(person).admitted:
            self.ever_in.add(person)
            self.rosters[connection] = {each.participant_id for each in self.scenario.picture(person).participants}
        self.heard_before[connection] = len(self.scenario.heard[connection])

    @rule(person=guests | st.just(""))
    def connection_drops(self, person: str) -> None:
        who = person or self.scenario.host
        if who in self.scenario.connections:
            self.attempt(lambda: self.scenario.drop(who))

    @rule(person=guests | st.just(""))
    def connection_recovers(self, person: str) -> None:
        who = person or self.scenario.host
        seat = self.scenario.room.seat(who)
        if seat is not None and seat.connected:
            return  # a recovery takes up a seat whose connection is gone, or takes its place: joining covers that
        if self.attempt(lambda: self.scenario.come_back(who)):
            self.arrived(who)

    @rule(person=guests | st.just(""))
    def leaves(self, person: str) -> None:
        who = person or self.scenario.host
        if who in self.scenario.connections:
            self.attempt(lambda: self.scenario.leave(who))

    @rule(by=guests | st.just(""), whom=guests, ban=yes_or_no)
    def kicks(self, by: str, whom: str, ban: bool) -> None:
        invite = INVITES[whom]
        done = self.attempt(lambda: self.scenario.do(by or self.scenario.host, Kick(participant_id=whom, ban=ban)))
        if done:
            assert not by, "a guest put somebody out"
            assert self.scenario.room.seat(whom) is None
            self.ever_in.discard(whom)
            if ban:
                self.banned.add(whom)
                self.banned_invites.add(invite)

    @rule(whom=guests)
    def ban_is_lifted(self, whom: str) -> None:
        if self.attempt(lambda: self.scenario.do(self.scenario.host, Unban(participant_id=whom), connection=None)):
            self.banned.discard(whom)
            self.banned_invites = {INVITES[each] for each in self.banned}

    @rule(by=guests | st.just(""), locked=st.none() | yes_or_no, lobby=st.none() | yes_or_no)
    def settings_change(self, by: str, locked: bool | None, lobby: bool | None) -> None:
        command = Update(locked=locked, lobby_enabled=lobby)
        if self.attempt(lambda: self.scenario.do(by or self.scenario.host, command)):
            assert not by, "a guest changed the settings"

    @rule(by=guests | st.just(""), whom=guests, accept=yes_or_no)
    def door_is_decided(self, by: str, whom: str, accept: bool) -> None:
        command = LobbyDecide(participant_id=whom, accept=accept)
        if self.attempt(lambda: self.scenario.do(by or self.scenario.host, command)):
            assert not by, "a guest decided who comes in"
            if accept:
                self.ever_in.add(whom)

    @rule(by=guests | st.just(""), whom=guests, enabled=yes_or_no)
    def device_is_asked_for(self, by: str, whom: str, enabled: bool) -> None:
        seat = self.scenario.room.seat(whom)
        command = ControlRequest(target=whom, device="mic", enabled=enabled)
        if self.attempt(lambda: self.scenario.do(by or self.scenario.host, command)):
            assert not by, "a guest controlled a device"
            after = self.scenario.seat(whom).media.mic
            assert seat is not None
            assert after == (seat.media.mic and enabled), "a device was switched on from afar"

    @rule(guest=guests, accepted=yes_or_no)
    def question_is_answered(self, guest: str, accepted: bool) -> None:
        for prompt in self.scenario.room.prompts[:1]:
            command = ControlRespond(request_id=prompt.request_id, accepted=accepted)
            if self.attempt(lambda command=command: self.scenario.do(guest, command)):
                assert guest == prompt.target, "somebody answered for somebody else"

    @rule(guest=guests, on=yes_or_no)
    def microphone_is_switched(self, guest: str, on: bool) -> None:
        seat, locked = self.scenario.room.seat(guest), "mic" in self.scenario.room.locked_devices
        if self.attempt(lambda: self.scenario.do(guest, MediaStateChange(mic=on))) and on and locked:
            assert seat is not None
            assert "mic" in seat.unlocked, "a locked microphone was switched on"

    @rule(lock=st.none() | yes_or_no)
    def everybody_is_muted(self, lock: bool | None) -> None:
        if self.attempt(lambda: self.scenario.do(self.scenario.host, MuteAll(device="mic", lock=lock))):
            assert not any(each.media.mic for each in self.scenario.room.guests)

    @rule(person=guests | st.just(""))
    def speaks_and_raises_a_hand(self, person: str) -> None:
        who = person or self.scenario.host
        seat = self.scenario.room.seat(who)
        there = seat is not None and seat.admitted and seat.connection == self.scenario.connections.get(who)
        said = self.attempt(lambda: self.scenario.do(who, ChatSend(client_msg_id="m", text="x")))
        assert said == (there and self.scenario.room.ending is None), "who is in may speak, and nobody else"
        self.attempt(lambda: self.scenario.do(who, HandRaise()))

    @rule(play=yes_or_no)
    def text_is_loaded(self, play: bool) -> None:
        self.attempt(lambda: self.scenario.do(self.scenario.host, PrompterLoad(content="您好", auto_play=play)))

    @rule(seconds=st.sampled_from([1, 14, 16, 29, 31, 300, 599, 601]))
    def time_passes(self, seconds: int) -> None:
        host, before, absence = self.scenario.room.host, self.scenario.room, self.scenario.room.absence_ends_at
        self.attempt(lambda: self.scenario.wait(seconds))
        ended = self.scenario.room.over and not before.over
        if ended and host is not None and host.connected:
            assert self.scenario.room.ending is EndReason.MAX_DURATION, "a room was closed under its host"
        if absence is not None and not self.scenario.room.over:
            assert self.scenario.room.absence_ends_at == absence, "the clock of the host's absence was moved"

    @precondition(lambda self: self.scenario.room.version % 7 == 0)
    @rule()
    def host_ends_it(self) -> None:
        self.attempt(lambda: self.scenario.end())

    # what each of them makes of what they hear

    def hear(self) -> None:
        for connection, heard in self.scenario.heard.items():
            roster = self.rosters.get(connection)
            for event, push in heard[self.heard_before.get(connection, 0) :]:
                assert push.room_id == self.scenario.room.room_id
                if roster is None:
                    assert event in {"lobbyAdmitted", "lobbyDenied", "roomEnded", "youKicked", "youSuperseded"}, (
                        f"{event} reached somebody at the door"
                    )
                elif event == "peerJoined":
                    roster.add(push.participant.participant_id)  # type: ignore[attr-defined]
                elif event == "peerLeft":
                    roster.discard(push.participant_id)  # type: ignore[attr-defined]
            self.heard_before[connection] = len(heard)

    @invariant()
    def everybody_has_the_rooms_own_roster(self) -> None:
        for seat in self.scenario.room.inside:
            if seat.connected:
                assert self.rosters[seat.connection] == self.scenario.inside

    @invariant()
    def nobody_listens_who_is_not_seated(self) -> None:
        connections = {each.connection for each in self.scenario.room.inside if each.connected}
        for connection, rooms in self.scenario.listening.items():
            if everyone(self.scenario.room.room_id) in rooms:
                assert connection in connections, "somebody hears the room who is not in it"

    @invariant()
    def there_are_no_more_people_than_chairs(self) -> None:
        room = self.scenario.room
        most = MAX_MESH_PARTICIPANTS if room.media_mode == "mesh" else room.settings.max_participants
        assert len(room.inside) <= most
        assert len({each.participant_id for each in room.seats}) == len(room.seats)
        assert len({each.rank for each in room.seats}) == len(room.seats)

    @invariant()
    def nobody_banned_is_in_or_at_the_door(self) -> None:
        assert not self.banned & {each.participant_id for each in self.scenario.room.seats}

    @invariant()
    def the_phase_says_what_is_so(self) -> None:
        room = self.scenario.room
        if room.over:
            assert (room.phase, room.seats, room.ending is None) == (RoomPhase.ENDED, (), False)
        elif room.phase is RoomPhase.LIVE:
            assert room.host is not None
        elif room.phase is RoomPhase.HOST_ABSENT:
            assert room.host is None
        assert room.over or (room.absence_ends_at is None) == (room.host is not None)

    @invariant()
    def the_clock_will_strike_as_long_as_there_is_something_to_do(self) -> None:
        room = self.scenario.room
        due = room.next_deadline()
        if room.over:
            assert due is None or room.facts
        else:
            assert due is not None
            assert due <= room.ends_at

    @invariant()
    def only_people_in_the_room_have_hands_and_questions(self) -> None:
        assert set(self.scenario.room.hands) <= self.scenario.inside
        assert {each.target for each in self.scenario.room.prompts} <= self.scenario.inside

    @invariant()
    def customers_hear_nothing_of_the_teleprompter(self) -> None:
        for person, connection in self.scenario.connections.items():
            if person in GUESTS and person not in HELPERS:
                heard = {event for event, _ in self.scenario.heard.get(connection, ())}
                assert not heard & {"prompterDoc", "prompterState"}
                assert not heard & {"lobbyWaiting", "controlResult", "prompterProgress"}


TestRoom = RoomMachine.TestCase
TestRoom.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
