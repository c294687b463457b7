"""Signed addresses and upload forms by which clients exchange objects with a bucket of Tencent COS themselves."""

from datetime import timedelta
from urllib.parse import quote

from domain.files.ports import DirectForm, ServedAs
from domain.shared.ports import Clock
from integrations.tencent.cos.http import SKEW_SECONDS, CosHttp


class CosDirectAccess:
    """Implements `DirectAccess`."""

    def __init__(self, cos: CosHttp, clock: Clock) -> None:
        self._cos = cos
        self._clock = clock

    def link(self, key: str, served: ServedAs, seconds: int) -> str:
        disposition = "inline" if served.inline else "attachment"
        params = {
            "response-content-type": served.content_type,
            "response-content-disposition": f"{disposition}; filename*=UTF-8''{quote(served.file_name, safe='')}",
            "response-cache-control": f"private, max-age={seconds}",
        }
        return self._cos.signed_address("GET", key, params, {}, seconds)

    def part_link(self, key: str, storage_id: str, number: int, size: int, seconds: int) -> str:
        params = {"partNumber": str(number), "uploadId": storage_id}
        return self._cos.signed_address("PUT", key, params, {"content-length": str(size)}, seconds)

    def form(self, key: str, size: int, seconds: int) -> DirectForm:
        now = self._clock.now()
        starts = int(now.timestamp())
        expires = (now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        conditions = [{"bucket": self._cos.bucket.name}, {"key": key}, ["content-length-range", size, size]]
        fields = self._cos.bucket.key.form_fields(conditions, expires, starts - SKEW_SECONDS, starts + seconds)
        return DirectForm(f"{self._cos.bucket.endpoint}/", {"key": key, **fields})
