"""Web pages of the simulated provider where people read, sign and reject contracts."""

from html import escape

from aiohttp import web

from integrations.local.simulators.esign.signing_engine import SigningEngine, format_china_time
from integrations.local.simulators.esign.state import (
    SIGNER_REJECTED,
    SIGNER_SIGNED,
    SIGNER_SIGNING,
    Refusal,
    SimContract,
    SimSigner,
    SimulatorState,
    may_act,
)

_STATUS_TEXTS = {SIGNER_SIGNED: "已签署", SIGNER_SIGNING: "待签署", SIGNER_REJECTED: "已拒签"}
_STYLE = """
:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;font:16px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
body{background:#f4f5f7;color:#1c1e21}
main{max-width:640px;margin:24px auto;padding:24px;background:#fff;border-radius:12px}
h1{font-size:20px;margin:0 0 4px}small{color:#667}table{width:100%;border-collapse:collapse;margin:16px 0}
td,th{padding:6px 8px;border-bottom:1px solid #8884;text-align:left;vertical-align:top}
th{width:40%;font-weight:400;color:#667}
button{font:inherit;padding:10px 24px;border:0;border-radius:8px;cursor:pointer}
.sign{background:#1668dc;color:#fff}.refuse{background:#d4380d22;color:#d4380d}
input{font:inherit;width:100%;padding:8px;margin:8px 0;border:1px solid #8886;border-radius:8px;background:none;
color:inherit}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}main{background:#1c1e21}small,th{color:#99a}}
"""


class SigningPages:
    def __init__(self, state: SimulatorState, signing: SigningEngine) -> None:
        self._state = state
        self._signing = signing

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/s/{token}", self.show),
            web.post("/s/{token}", self.act),
            web.get("/preview/{contract_no}", self.preview),
        ]

    async def show(self, request: web.Request) -> web.Response:
        contract, signer = self._contract_and_signer(request)
        return _html_response(sign_page(contract, signer))

    async def act(self, request: web.Request) -> web.Response:
        contract, signer = self._contract_and_signer(request)
        form = await request.post()
        try:
            if form.get("action") == "reject":
                self._signing.reject(contract, signer.account, str(form.get("remark", ""))[:50])
                result = "已拒绝签署"
            else:
                self._signing.sign(contract, signer.account)
                result = "签署成功"
        except Refusal as refusal:
            return _html_response(message_page(refusal.message), 409)
        if contract.redirect_url:
            raise web.HTTPFound(contract.redirect_url)
        return _html_response(message_page(result))

    async def preview(self, request: web.Request) -> web.Response:
        contract = self._state.records.contracts.get(request.match_info["contract_no"])
        return _html_response(preview_page(contract)) if contract else _html_response(message_page("合同不存在"), 404)

    def _contract_and_signer(self, request: web.Request) -> tuple[SimContract, SimSigner]:
        found = self._state.find_token(request.match_info["token"])
        if found is None or found[1].token_expires_at <= self._state.now() or not may_act(*found):
            raise web.HTTPGone(text=message_page("链接已失效，请重新获取"), content_type="text/html")
        return found


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main>{body}"
        "<p><small>电子签模拟平台 · 仅用于开发与演示，不具法律效力</small></p></main></html>"
    )


def sign_page(contract: SimContract, signer: SimSigner) -> str:
    kind = "作废协议" if contract.voiding else "合同"
    reject_form = (
        '<form method="post"><input type="hidden" name="action" value="reject">'
        '<input name="remark" maxlength="50" aria-label="拒签原因" placeholder="拒签原因">'
        '<button class="refuse" id="reject">拒绝签署</button></form>'
    )
    body = (
        f"<h1>{escape(contract.name)}</h1><small>{kind}编号 {escape(contract.contract_no)} · "
        f"签署人 {escape(signer.name)} · 截止 {format_china_time(contract.expires_at)}</small>"
        f"{_contents(contract)}{_progress(contract)}"
        '<form method="post"><input type="hidden" name="action" value="sign">'
        f'<button class="sign" id="sign">同意并签署{kind if contract.voiding else ""}</button></form>'
        f"{reject_form if contract.may_refuse and not contract.voiding else ''}"
    )
    return page(f"签署 {contract.name}", body)


def preview_page(contract: SimContract) -> str:
    return page(contract.name, f"<h1>{escape(contract.name)}</h1>{_contents(contract)}{_progress(contract)}")


def message_page(text: str) -> str:
    return page(text, f'<h1 id="result">{escape(text)}</h1>')


def _contents(contract: SimContract) -> str:
    rows = []
    for entry in contract.templates:
        rows += [(key, str(value)) for key, value in (entry.get("fillData") or {}).items()]
    return "<table>" + "".join(f"<tr><th>{escape(k)}<td>{escape(v)}" for k, v in rows) + "</table>"


def _progress(contract: SimContract) -> str:
    rows = "".join(
        f"<tr><th>{signer.sign_order}. {escape(signer.name)}<td>{_STATUS_TEXTS.get(signer.status, '未轮到')}"
        for signer in contract.signers
    )
    return f"<table>{rows}</table>"


def _html_response(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
