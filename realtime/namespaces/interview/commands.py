"""Events of `/interview` that are one command each: the payload is validated, then its rule is applied."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from domain.interviews.live.commands import (
    AnswerOffer,
    Bye,
    Candidate,
    ChatSend,
    Command,
    ControlRequest,
    ControlRespond,
    HandLower,
    HandRaise,
    Kick,
    LobbyDecide,
    MediaStateChange,
    MuteAll,
    Offer,
    Ping,
    PrompterControl,
    PrompterLoad,
    PrompterProgress,
    Relayed,
    Rename,
    Stats,
    Unban,
    Update,
)
from domain.interviews.live.results import Pong
from domain.shared.model import Model
from realtime.socketio.acknowledgements import acknowledged

P = TypeVar("P", bound=Command)
Handler = Callable[..., Awaitable[dict[str, object]]]


def _command(event: str, command: type[P], about: str) -> Handler:
    async def handle(self: "InterviewEvents", sid: str, payload: P) -> Model | None:
        return await self.execute(sid, event, payload)

    handle.__doc__ = about
    return acknowledged(command)(handle)


def _signal(event: str, command: type[Relayed], about: str) -> Handler:
    async def handle(self: "InterviewEvents", sid: str, payload: Relayed) -> None:
        await self.relay(sid, event, payload)

    handle.__doc__ = about
    return acknowledged(command)(handle)


class InterviewEvents:
    async def execute(self, sid: str, event: str, command: Command) -> Model | None:
        raise NotImplementedError

    async def relay(self, sid: str, event: str, command: Relayed) -> None:
        raise NotImplementedError

    def require_rate(self, sid: str, event: str) -> None:
        """Raises EventRateExceeded, NotJoined."""
        raise NotImplementedError

    on_update = _command("update", Update, "（主持人）修改面试间设置 · (host) change the room settings")
    on_lobbyDecide = _command(
        "lobbyDecide", LobbyDecide, "（主持人）同意或拒绝等候者进入 · (host) admit or deny a waiting guest"
    )
    on_kick = _command("kick", Kick, "（主持人）移出，默认禁止再次进入 · (host) remove, by default with a ban")
    on_unban = _command("unban", Unban, "（主持人）解除禁止 · (host) lift a ban")
    on_rename = _command(
        "rename", Rename, "改名：自己，或（主持人）任何人 · rename yourself, or (host) any participant"
    )
    on_controlRequest = _command(
        "controlRequest",
        ControlRequest,
        "（主持人）关闭设备，或请对方打开 · (host) turn a device off, or ask to turn it on",
    )
    on_controlRespond = _command(
        "controlRespond", ControlRespond, "同意或拒绝打开设备 · accept or decline to turn a device on"
    )
    on_muteAll = _command(
        "muteAll", MuteAll, "（主持人）全体关闭，可锁定 · (host) turn a device off for all guests, optionally locked"
    )
    on_mediaState = _command("mediaState", MediaStateChange, "自己的设备状态 · the state of your own devices")
    on_handRaise = _command("handRaise", HandRaise, "举手 · raise your hand")
    on_handLower = _command(
        "handLower", HandLower, "取消举手：自己，或（主持人）任何人 · lower your hand, or (host) any hand"
    )
    on_chatSend = _command("chatSend", ChatSend, "发送消息 · send a chat message to all, or to one participant")
    on_prompterLoad = _command(
        "prompterLoad", PrompterLoad, "（主持人）提词内容，仅阿姨可见 · (host) load a text that only workers see"
    )
    on_prompterControl = _command(
        "prompterControl", PrompterControl, "（主持人）控制提词器 · (host) control the teleprompter"
    )
    on_prompterProgress = _command(
        "prompterProgress", PrompterProgress, "（阿姨）读到的位置 · (worker) report the reading position"
    )

    on_offer = _signal(
        "offer", Offer, "转交 offer；restart 为真时重启 ICE · send an offer to a peer; `restart` restarts ICE"
    )
    on_answer = _signal("answer", AnswerOffer, "转交 answer · send an answer to a peer")
    on_candidate = _signal(
        "candidate", Candidate, "转交 ICE 候选 · send an ICE candidate to a peer; null: end of candidates"
    )
    on_bye = _signal("bye", Bye, "结束一条媒体连接 · close a media connection with a peer")

    @acknowledged(Ping)
    async def on_ping(self, sid: str, payload: Ping) -> Pong:
        """时钟校准：返回服务器时间 · the server time, for the clock of the teleprompter"""
        self.require_rate(sid, "ping")
        return Pong(t=payload.t, server_time=datetime.now(UTC))

    @acknowledged(Stats)
    async def on_stats(self, sid: str, payload: Stats) -> None:
        """媒体质量（抽样） · sampled quality of the media"""
        self.require_rate(sid, "stats")
