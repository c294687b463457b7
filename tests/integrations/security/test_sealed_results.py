"""Sealed results: who can open them, and what breaks them."""

import pytest

from integrations.security.sealed_results import X25519Sealer

SEALER = X25519Sealer()


def test_each_recipient_opens_all_parts_with_its_secret() -> None:
    secrets = [SEALER.new_secret(), SEALER.new_secret()]
    recipients = [SEALER.recipient_of(secret) for secret in secrets]

    sealed = SEALER.seal([b"outcome", b"file"], recipients, "task")

    for secret, recipient in zip(secrets, recipients, strict=True):
        opened = [SEALER.open(part, n, sealed.keys[recipient], secret, "task") for n, part in enumerate(sealed.parts)]
        assert opened == [b"outcome", b"file"]
    assert b"outcome" not in b"".join([*sealed.parts, *sealed.keys.values()])


def test_nothing_opens_with_another_secret_task_part_or_content() -> None:
    secret, other = SEALER.new_secret(), SEALER.new_secret()
    recipient = SEALER.recipient_of(secret)
    sealed = SEALER.seal([b"outcome", b"file"], [recipient], "task")
    part, key = sealed.parts[0], sealed.keys[recipient]

    for arguments in (
        (part, 0, key, other, "task"),
        (part, 0, key, secret, "another task"),
        (part, 1, key, secret, "task"),
        (part[:-1] + bytes([part[-1] ^ 1]), 0, key, secret, "task"),
        (part, 0, b"", secret, "task"),
        (part, 0, key, "no secret", "task"),
    ):
        with pytest.raises(ValueError, match="not sealed for this secret"):
            SEALER.open(*arguments)


def test_secrets_differ_and_their_recipients_do_not_tell_them() -> None:
    secrets = {SEALER.new_secret() for _ in range(10)}

    assert len(secrets) == 10
    assert secrets.isdisjoint(SEALER.recipient_of(secret) for secret in secrets)
