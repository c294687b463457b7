"""A local simulator of the API of 爱签 (电子签) for development, demonstrations and tests.

It speaks the same wire protocol: signed multipart requests, codes in HTTP 200, contracts that wait for their signers,
and signed callbacks that are retried until the response is `ok`. It also has a page where a person signs or rejects.
"""
