"""Signatures, against vectors that were checked with the provider's own code."""

from integrations.tencent.cos.signatures import CosKey
from integrations.tencent.tc3 import Tc3Key

BODY = b'{"CardSide":"FRONT","ImageBase64":"AAAA"}'
HEADERS = {"content-type": "application/json; charset=utf-8", "host": "ocr.tencentcloudapi.com"}


def test_a_request_to_cos() -> None:
    headers = {"content-type": "image/png", "host": "demo-1250000000.cos.ap-guangzhou.myqcloud.com"}

    fields = CosKey("id", "sim-secret").signed_fields("PUT", "/avatar/a 1.png", {}, headers, "1700000000;1700000600")

    assert fields["q-signature"] == "f93958c4ecc7908fb22b45d6e14c02eb7393991f"
    assert fields["q-header-list"] == "content-type;host"


def test_a_call_of_the_cloud_api() -> None:
    key = Tc3Key("id", "sim-secret")

    plain = key.authorization("ocr", HEADERS, BODY, 1700000000)
    with_action = key.authorization("ocr", {**HEADERS, "x-tc-action": "idcardocr"}, BODY, 1700000000)

    assert plain.startswith(
        "TC3-HMAC-SHA256 Credential=id/2023-11-14/ocr/tc3_request, SignedHeaders=content-type;host,"
    )
    assert plain.endswith("=554978c5396c394d520a176ee57f5e9a2e3886321a61703f3249c32836a7ad4a")
    assert with_action.endswith("=25fe366d0b732607fd1f6352ffe1e7b98bda1dbc1e74b3cb821c98ed7320a1e5")
