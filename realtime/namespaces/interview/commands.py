"""The events of `/interview` that are one command each: checked for shape, done by the rule of its kind."""

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
        return await self.act(sid, event, payload)

    handle.__doc__ = about
    return acknowledged(command)(handle)


def _message(event: str, command: type[Relayed], about: str) -> Handler:
    async def handle(self: "InterviewEvents", sid: str, payload: Relayed) -> None:
        await self.pass_on(sid, event, payload)

    handle.__doc__ = about
    return acknowledged(command)(handle)


class InterviewEvents:
    async def act(self, sid: str, event: str, command: Command) -> Model | None:
        raise NotImplementedError

    async def pass_on(self, sid: str, event: str, command: Relayed) -> None:
        raise NotImplementedError

    def be_patient(self, sid: str, event: str) -> None:
        raise NotImplementedError

    on_update = _command("update", Update, "（主持人）修改房间设置 · (host) settings of the room")
    on_lobbyDecide = _command("lobbyDecide", LobbyDecide, "（主持人）准许或拒绝等候者 · (host) admit or refuse")
    on_kick = _command("kick", Kick, "（主持人）移出并禁止再次进入 · (host) put out, and by default bar")
    on_unban = _command("unban", Unban, "（主持人）解除禁止 · (host) lift a bar")
    on_rename = _command("rename", Rename, "改名：自己，或（主持人）任何人 · oneself, or (host) anybody")
    on_controlRequest = _command(
        "controlRequest", ControlRequest, "（主持人）关闭设备，或请对方打开 · (host) switch a device off, or ask for it"
    )
    on_controlRespond = _command("controlRespond", ControlRespond, "同意或拒绝打开设备 · agree or decline")
    on_muteAll = _command("muteAll", MuteAll, "（主持人）全体关闭，可锁定 · (host) everybody off, locked or not")
    on_mediaState = _command("mediaState", MediaStateChange, "自己的设备状态 · the state of one's own devices")
    on_handRaise = _command("handRaise", HandRaise, "举手 · raise a hand")
    on_handLower = _command("handLower", HandLower, "放下：自己，或（主持人）任何人 · one's own, or (host) anybody's")
    on_chatSend = _command("chatSend", ChatSend, "发送消息 · say something to all, or to one")
    on_prompterLoad = _command(
        "prompterLoad", PrompterLoad, "（主持人）提词内容，仅阿姨可见 · (host) a text for helpers"
    )
    on_prompterControl = _command("prompterControl", PrompterControl, "（主持人）控制提词器 · (host) steer it")
    on_prompterProgress = _command("prompterProgress", PrompterProgress, "（阿姨）读到的位置 · (helper) where one is")

    on_offer = _message("offer", Offer, "转交 offer；restart 为真时重启 ICE · to a peer; `restart` restarts ICE")
    on_answer = _message("answer", AnswerOffer, "转交 answer · to a peer")
    on_candidate = _message("candidate", Candidate, "转交 ICE 候选 · to a peer; null: no more")
    on_bye = _message("bye", Bye, "结束一条媒体连接 · to a peer")

    @acknowledged(Ping)
    async def on_ping(self, sid: str, payload: Ping) -> Pong:
        """时钟校准：返回服务器时间 · for the clock offset of the teleprompter"""
        self.be_patient(sid, "ping")
        return Pong(t=payload.t, server_time=datetime.now(UTC))

    @acknowledged(Stats)
    async def on_stats(self, sid: str, payload: Stats) -> None:
        """媒体质量（抽样） · how good the media are; sampled"""
        self.be_patient(sid, "stats")
