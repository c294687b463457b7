"""The pushes of `/interview`: event name, payload and description of each."""

from collections.abc import Sequence
from typing import Any, Final

from domain.interviews.events import LiveRoomPushed
from domain.interviews.live.pushes import (
    ByePush,
    CandidatePush,
    ChatMessagePush,
    ControlCommandPush,
    ControlPromptPush,
    ControlResultPush,
    HandQueuePush,
    HostAbsentPush,
    HostBackPush,
    LobbyAdmittedPush,
    LobbyDeniedPush,
    LobbyWaitingPush,
    PeerLeftPush,
    PeerMediaPush,
    PeerPush,
    PrompterDocPush,
    PrompterProgressPush,
    PrompterStatePush,
    RoomEndedPush,
    RoomPush,
    RoomResyncPush,
    RoomStatePush,
    SessionPush,
    TokenExpiringPush,
    YouKickedPush,
    YouSupersededPush,
)
from domain.shared.events import StreamEntry
from domain.shared.model import Model
from domain.shared.text import Text
from realtime.delivery.push import Push
from realtime.socketio.delivery import Delivery

NAME: Final = "/interview"


def _room_push(event: str, payload: type[RoomPush], zh: str, en: str) -> Push[Any]:
    return Push(event, payload, Text(zh, en), must_arrive=True)


def _relayed(event: str, payload: type[Model], zh: str, en: str) -> Push[Any]:
    return Push(event, payload, Text(zh, en))


ROOM_PUSHES: Final = (
    _room_push(
        "roomState", RoomStatePush, "阶段、设置或主持人在线状态有变化", "The phase, the settings or the host changed"
    ),
    _room_push(
        "roomEnded",
        RoomEndedPush,
        "面试已结束；最后一条消息，随后断开",
        "The interview has ended: the last event before the connection is closed",
    ),
    _room_push("peerJoined", PeerPush, "有人加入", "A participant joined"),
    _room_push("peerLeft", PeerLeftPush, "有人离开（附原因）", "A participant left, with the reason"),
    _room_push("peerUpdated", PeerPush, "有人改名", "A participant was renamed"),
    _room_push(
        "peerReconnecting",
        PeerPush,
        "有人掉线，座位保留 30 秒",
        "A participant disconnected; the seat is held for 30 s",
    ),
    _room_push(
        "peerResumed", PeerPush, "掉线的人已回来；请重新协商 ICE", "The participant is back: restart ICE with them"
    ),
    _room_push(
        "peerMedia", PeerMediaPush, "摄像头、麦克风、共享屏幕或网络状况", "Camera, microphone, screen or network"
    ),
    _room_push(
        "youKicked", YouKickedPush, "您被移出，随后断开", "You were removed; the connection is closed right after"
    ),
    _room_push(
        "youSuperseded",
        YouSupersededPush,
        "您已在另一设备加入，此连接断开",
        "You joined on another device; this connection is closed",
    ),
    _room_push("lobbyWaiting", LobbyWaitingPush, "（主持人）等候名单", "(Host) who is waiting in the lobby"),
    _room_push(
        "lobbyAdmitted", LobbyAdmittedPush, "主持人同意您进入：请再次 join", "The host admitted you: join again"
    ),
    _room_push("lobbyDenied", LobbyDeniedPush, "主持人未同意您进入", "The host did not admit you"),
    _room_push("controlCommand", ControlCommandPush, "主持人已关闭您的设备", "The host turned your device off"),
    _room_push(
        "controlPrompt",
        ControlPromptPush,
        "主持人请您打开设备：同意或拒绝",
        "The host asks you to turn a device on: accept or decline",
    ),
    _room_push(
        "controlResult",
        ControlResultPush,
        "（主持人）对方的答复",
        "(Host) the participant's answer to a device request",
    ),
    _room_push("handQueue", HandQueuePush, "举手队列", "Raised hands in order"),
    _room_push("chatMessage", ChatMessagePush, "聊天消息", "A chat message"),
    _room_push("prompterDoc", PrompterDocPush, "（阿姨、主持人）提词内容", "(Workers, host) the teleprompter text"),
    _room_push(
        "prompterState", PrompterStatePush, "（阿姨、主持人）提词器的时钟", "(Workers, host) the teleprompter clock"
    ),
    _room_push(
        "prompterProgress", PrompterProgressPush, "（主持人）阿姨读到的位置", "(Host) the reading position of a worker"
    ),
    _room_push(
        "hostAbsent", HostAbsentPush, "主持人离开，面试间保留到该时刻", "The host left; the room stays open until then"
    ),
    _room_push("hostBack", HostBackPush, "主持人已回来", "The host is back"),
    _room_push(
        "tokenExpiring", TokenExpiringPush, "媒体令牌将到期：请 renewToken", "The media token expires soon: renewToken"
    ),
)
"""Stored, and sent again to a client that recovers its connection."""
RELAYED: Final = (
    _relayed("offer", SessionPush, "来自另一参会者的 offer", "An offer from a peer"),
    _relayed("answer", SessionPush, "来自另一参会者的 answer", "An answer from a peer"),
    _relayed("candidate", CandidatePush, "来自另一参会者的 ICE 候选", "An ICE candidate from a peer"),
    _relayed("bye", ByePush, "另一参会者结束了一条媒体连接", "A peer ended a media connection"),
)
"""Not stored: peers restart ICE after a recovery."""
RESYNC: Final[Push[Any]] = Push(
    "roomResync",
    RoomResyncPush,
    Text("服务曾中断，之前的消息可能不完整：请 sync", "The service was interrupted and pushes may be missing: sync"),
)
EVENTS: Final = {push.event: push for push in ROOM_PUSHES}
CLOSING_EVENTS: Final = frozenset({"youKicked", "youSuperseded", "roomEnded"})
"""The connection is closed right after one of these."""
REMOVING_EVENTS: Final = CLOSING_EVENTS | {"lobbyDenied"}
"""The receiver leaves the Socket.IO rooms of the interview."""


def room_push(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, LiveRoomPushed) or event.event not in EVENTS:
        return ()
    # The payload was built from the model of the push when the room changed.
    return [Delivery(NAME, event.rooms, event.event, event.payload, offset=entry.offset, at=event.at.timestamp())]
