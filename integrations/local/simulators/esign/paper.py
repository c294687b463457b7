"""What the simulated provider shows to people: a signed PDF, and pages for looking, signing and refusing."""

from html import escape

from integrations.local.simulators.esign.signing import written
from integrations.local.simulators.esign.world import S_REJECTED, S_SIGNED, S_SIGNING, SimContract, SimSigner

_STATES = {S_SIGNED: "已签署", S_SIGNING: "待签署", S_REJECTED: "已拒签"}
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


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main>{body}"
        "<p><small>电子签模拟平台 · 仅用于开发与演示，不具法律效力</small></p></main></html>"
    )


def sign_page(contract: SimContract, signer: SimSigner) -> str:
    what = "作废协议" if contract.voiding else "合同"
    refuse = (
        '<form method="post"><input type="hidden" name="action" value="reject">'
        '<input name="remark" maxlength="50" aria-label="拒签原因" placeholder="拒签原因">'
        '<button class="refuse" id="reject">拒绝签署</button></form>'
    )
    body = (
        f"<h1>{escape(contract.name)}</h1><small>{what}编号 {escape(contract.contract_no)} · "
        f"签署人 {escape(signer.name)} · 截止 {written(contract.expires_at)}</small>"
        f"{_contents(contract)}{_progress(contract)}"
        '<form method="post"><input type="hidden" name="action" value="sign">'
        f'<button class="sign" id="sign">同意并签署{what if contract.voiding else ""}</button></form>'
        f"{refuse if contract.may_refuse and not contract.voiding else ''}"
    )
    return page(f"签署 {contract.name}", body)


def preview_page(contract: SimContract) -> str:
    return page(contract.name, f"<h1>{escape(contract.name)}</h1>{_contents(contract)}{_progress(contract)}")


def message_page(text: str) -> str:
    return page(text, f'<h1 id="result">{escape(text)}</h1>')


def pdf_of(contract: SimContract, size: int = 0) -> bytes:
    """A small valid PDF that names its contract; padded with a comment to `size`."""
    signed = ", ".join(f"{signer.sign_order}:{signer.account[:12]}" for signer in contract.signers)
    text = f"Contract {contract.contract_no} signed by {signed}".encode("ascii", "replace")
    stream = b"BT /F1 12 Tf 72 770 Td (" + text.translate(None, b"()\\") + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    document, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    if size > len(document):
        document += b"%" + b"x" * (size - len(document)) + b"\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return document + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def _contents(contract: SimContract) -> str:
    rows = []
    for entry in contract.templates:
        rows += [(key, str(value)) for key, value in (entry.get("fillData") or {}).items()]
    return "<table>" + "".join(f"<tr><th>{escape(k)}<td>{escape(v)}" for k, v in rows) + "</table>"


def _progress(contract: SimContract) -> str:
    rows = "".join(
        f"<tr><th>{signer.sign_order}. {escape(signer.name)}<td>{_STATES.get(signer.status, '未轮到')}"
        for signer in contract.signers
    )
    return f"<table>{rows}</table>"
