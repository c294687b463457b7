"""What `/interview` pushes: every event of a room, with its payload and its promise."""

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


def _told(event: str, payload: type[RoomPush], zh: str, en: str) -> Push[Any]:
    return Push(event, payload, Text(zh, en), must_arrive=True)


def _relayed(event: str, payload: type[Model], zh: str, en: str) -> Push[Any]:
    return Push(event, payload, Text(zh, en))


TOLD: Final = (
    _told(
        "roomState", RoomStatePush, "阶段、设置或主持人在线状态有变化", "The phase, the settings or the host changed"
    ),
    _told(
        "roomEnded", RoomEndedPush, "面试已结束；最后一条消息，随后断开", "It has ended: the last event, then closed"
    ),
    _told("peerJoined", PeerPush, "有人进入", "Somebody came in"),
    _told("peerLeft", PeerLeftPush, "有人离开（附原因）", "Somebody left, and why"),
    _told("peerUpdated", PeerPush, "有人改名", "Somebody is called otherwise"),
    _told("peerReconnecting", PeerPush, "有人掉线，座位保留 30 秒", "Somebody dropped; 30 s they keep the seat"),
    _told("peerResumed", PeerPush, "掉线的人已回来；请重新协商 ICE", "They are back: restart ICE with them"),
    _told("peerMedia", PeerMediaPush, "摄像头、麦克风、共享屏幕或网络状况", "Camera, microphone, screen or network"),
    _told("youKicked", YouKickedPush, "您被移出，随后断开", "You were put out; closed right after"),
    _told(
        "youSuperseded", YouSupersededPush, "您已在另一设备进入，此连接断开", "Another device took your place; closed"
    ),
    _told("lobbyWaiting", LobbyWaitingPush, "（主持人）等候名单", "(Host) who waits at the door"),
    _told("lobbyAdmitted", LobbyAdmittedPush, "已准许进入：请再次 join", "You may come in: join again"),
    _told("lobbyDenied", LobbyDeniedPush, "主持人未准许进入", "The host did not let you in"),
    _told("controlCommand", ControlCommandPush, "主持人已关闭您的设备", "The host switched your device off"),
    _told(
        "controlPrompt", ControlPromptPush, "主持人请您打开设备：同意或拒绝", "The host asks for a device: agree or not"
    ),
    _told("controlResult", ControlResultPush, "（主持人）对方的答复", "(Host) what came of the question"),
    _told("handQueue", HandQueuePush, "举手队列", "Raised hands, in order"),
    _told("chatMessage", ChatMessagePush, "聊天消息", "A line of chat"),
    _told("prompterDoc", PrompterDocPush, "（阿姨、主持人）提词内容", "(Helpers, host) a text to read from"),
    _told("prompterState", PrompterStatePush, "（阿姨、主持人）提词器的时钟", "(Helpers, host) its clock"),
    _told("prompterProgress", PrompterProgressPush, "（主持人）阿姨读到的位置", "(Host) where a helper is"),
    _told(
        "hostAbsent", HostAbsentPush, "主持人离开，面试间保留到该时刻", "The host is gone; the room lives until then"
    ),
    _told("hostBack", HostBackPush, "主持人已回来", "The host is back"),
    _told("tokenExpiring", TokenExpiringPush, "媒体令牌将到期：请 renewToken", "The media token runs out: renewToken"),
)
"""Kept and given again to who comes back."""
RELAYED: Final = (
    _relayed("offer", SessionPush, "来自另一参会者的 offer", "An offer from a peer"),
    _relayed("answer", SessionPush, "来自另一参会者的 answer", "An answer from a peer"),
    _relayed("candidate", CandidatePush, "来自另一参会者的 ICE 候选", "An ICE candidate from a peer"),
    _relayed("bye", ByePush, "另一参会者结束了一条媒体连接", "A peer ended a media connection"),
)
"""Not kept: peers restart ICE after a return."""
RESYNC: Final[Push[Any]] = Push(
    "roomResync",
    RoomResyncPush,
    Text("服务曾中断，之前的消息可能不完整：请 sync", "A store was down; something may be missing: sync"),
)
EVENTS: Final = {push.event: push for push in TOLD}
LAST_WORDS: Final = frozenset({"youKicked", "youSuperseded", "roomEnded"})
"""Whoever hears one of these is put out right after."""
SHOWN_THE_DOOR: Final = LAST_WORDS | {"lobbyDenied"}


def told(entry: StreamEntry) -> Sequence[Delivery]:
    event = entry.event
    if not isinstance(event, LiveRoomPushed) or event.event not in EVENTS:
        return ()
    # Its payload was made from the push's own model, in the step that it tells of.
    return [Delivery(NAME, event.rooms, event.event, event.payload, offset=entry.offset, at=event.at.timestamp())]
