"""Translates a signaling command of one participant into the push that another participant receives."""

from domain.interviews.live.commands import AnswerOffer, Candidate, Offer, Relayed
from domain.interviews.live.pushes import ByePush, CandidatePush


def peer_push(room_id: str, sender: str, command: Relayed) -> tuple[str, dict[str, object]]:
    """The event name and the payload. The relay adds `polite` at the receiver."""
    common = {"roomId": room_id, "from": sender, "connId": command.conn_id}
    if isinstance(command, Offer):
        return "offer", common | {"sdp": command.sdp, "kind": command.kind, "restart": command.restart}
    if isinstance(command, AnswerOffer):
        return "answer", common | {"sdp": command.sdp, "kind": command.kind, "restart": False}
    if isinstance(command, Candidate):
        push = CandidatePush(
            room_id=room_id,
            from_id=sender,
            conn_id=command.conn_id,
            candidate=command.candidate,
            sdp_mid=command.sdp_mid,
            sdp_m_line_index=command.sdp_m_line_index,
            username_fragment=command.username_fragment,
        )
        return "candidate", push.model_dump(by_alias=True)
    return "bye", ByePush(room_id=room_id, from_id=sender, conn_id=command.conn_id, reason=command.reason).model_dump(
        by_alias=True
    )
