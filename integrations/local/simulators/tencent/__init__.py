"""A local simulator of Tencent Cloud (腾讯云) for development and tests: object storage (COS) and recognition (OCR).

COS has its XML protocol over HTTP, with real signatures of requests, addresses and forms, parts, ranges and errors. OCR
verifies real TC3 signatures, reads cards that a picture carries with it, and has the provider's errors and limits.
"""
