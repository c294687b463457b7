"""Errors of the interviews area."""

from domain.shared.errors import (
    Conflict,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RateLimited,
    RuleViolated,
    Unavailable,
)
from domain.shared.text import Text


class RoomNotFound(NotFound):
    code = "ROOM_NOT_FOUND"
    text = Text("面试间不存在", "No such interview room")


class RoomEnded(RuleViolated):
    """`details["endReason"]` is the reason, where it is known."""

    code = "ROOM_ENDED"
    text = Text("面试已结束", "This interview has ended")


class RoomNotOpen(RuleViolated):
    """The interview is scheduled (`details["startsAt"]`) and its host has not opened it."""

    code = "ROOM_NOT_OPEN"
    text = Text("面试尚未开始", "This interview has not started")


class ScheduleNotAhead(RuleViolated):
    code = "SCHEDULE_NOT_AHEAD"
    text = Text("预约时间已过，请选择以后的时间", "This time has passed; please choose a later one")


class RoomNotEnded(RuleViolated):
    code = "ROOM_NOT_ENDED"
    text = Text("面试尚未结束", "This interview is still in progress")


class RoomFull(RuleViolated):
    code = "ROOM_FULL"
    text = Text("面试间人数已满", "This interview room is full")


class RoomLocked(RuleViolated):
    code = "ROOM_LOCKED"
    text = Text("面试间已锁定", "This interview room is locked")


class LobbyFull(RuleViolated):
    code = "LOBBY_FULL"
    text = Text("等候人数过多，请稍后再试", "Too many people are waiting; please try again later")


class RoomIdTaken(Conflict):
    code = "ROOM_ID_TAKEN"
    text = Text("面试间编号已被使用", "This room id is taken")


class ActiveRoomExists(Conflict):
    """`details["roomId"]` is the host's active room, where it is known."""

    code = "ACTIVE_ROOM_EXISTS"
    text = Text("您已有进行中的面试间", "You already have an active interview room")


class NotHost(PermissionDenied):
    code = "NOT_HOST"
    text = Text("仅主持人可以执行此操作", "Only the host may do this")


class NotYourRoom(PermissionDenied):
    code = "NOT_YOUR_ROOM"
    text = Text("无权访问该面试间", "This is not your interview room")


class Banned(PermissionDenied):
    code = "KICKED"
    text = Text("您已被移出面试间，不能再次进入", "You were removed from this interview and cannot rejoin")


class CannotJoin(PermissionDenied):
    """The one code that legacy pages know; `details["reason"]` is the precise code."""

    code = "CANNOT_JOIN_ROOM"
    text = Text("无法加入面试间，请使用邀请链接", "You cannot join this interview; open its invitation")


class KickFailed(PermissionDenied):
    """The one code that legacy pages know; `details["reason"]` is the precise code."""

    code = "KICK_FAILED"
    text = Text("移出失败", "The participant could not be removed")


class DismissFailed(PermissionDenied):
    """The one code that legacy pages know; `details["reason"]` is the precise code."""

    code = "DISMISS_FAILED"
    text = Text("解散失败", "The interview could not be ended")


class MediaUserIdTaken(Conflict):
    code = "MEDIA_USER_ID_TAKEN"
    text = Text("该用户标识已被他人使用", "Another participant of the room has this user id")


class NotJoined(RuleViolated):
    """The connection has no seat in the room, or another device has taken its seat over."""

    code = "NOT_JOINED"
    text = Text("您不在该面试间中", "You are not in this interview")


class PeerOffline(RuleViolated):
    """The receiver is not connected, is in the lobby, or is in another room: the sender does not learn which."""

    code = "PEER_OFFLINE"
    text = Text("对方不在线", "The other participant is offline")


class DeviceLocked(RuleViolated):
    code = "MIC_LOCKED"
    text = Text("主持人已锁定此设备", "The host has locked this device")


class ScreenShareDisabled(RuleViolated):
    code = "SCREEN_SHARE_OFF"
    text = Text("主持人未开放共享屏幕", "The host does not allow guests to share their screen")


class ChatDisabled(RuleViolated):
    code = "CHAT_OFF"
    text = Text("主持人已关闭聊天", "The host has turned the chat off")


class TargetNotFound(NotFound):
    """A command names a participant, a device request or a document that does not exist (any more)."""

    code = "NO_SUCH_TARGET"
    text = Text("目标不存在", "There is no such target")


class PrompterForWorkersOnly(RuleViolated):
    code = "PROMPTER_FOR_HELPERS"
    text = Text("提词器只能发给阿姨", "The teleprompter is for domestic workers only")


class TicketInvalid(NotAuthenticated):
    code = "TICKET_INVALID"
    text = Text("入场凭证无效，请重新打开邀请链接", "The ticket is not valid; open the invitation again")


class TicketExpired(NotAuthenticated):
    code = "TICKET_EXPIRED"
    text = Text("入场凭证已过期，请重新打开邀请链接", "The ticket has expired; open the invitation again")


class InviteInvalid(NotFound):
    """The invitation is forged, unknown or revoked: the bearer does not learn which."""

    code = "INVITE_INVALID"
    text = Text("邀请链接无效或已撤销", "The invitation is not valid or was revoked")


class InviteExpired(RuleViolated):
    code = "INVITE_EXPIRED"
    text = Text("邀请链接已过期", "The invitation has expired")


class InviteUsedUp(RuleViolated):
    code = "INVITE_USED_UP"
    text = Text("邀请链接的使用次数已用完", "The invitation has been used up")


class TooManyInvites(RuleViolated):
    code = "TOO_MANY_INVITES"
    text = Text("该面试间的邀请过多", "This interview has too many invitations")


class EventRateExceeded(RateLimited):
    """One connection sends one kind of event too often."""


class ForgedReport(NotAuthenticated):
    """A callback whose signature, app id, time or nonce does not prove that the media provider sent it."""

    code = "CALLBACK_FORGED"
    text = Text("回调签名无效", "The signature of the callback is not valid")


class MediaNotConfigured(Unavailable):
    code = "MEDIA_NOT_CONFIGURED"
    text = Text("未配置即构音视频服务", "No media service is configured")
