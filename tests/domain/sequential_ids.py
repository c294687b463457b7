"""Ids and secrets that count up, so that tests can compare them."""

from domain.shared.ports import IdGenerator


class SequentialIds(IdGenerator):
    def __init__(self) -> None:
        self.count = 10**9  # beyond the ids of the builders
        self.secrets: list[str] = []
        """Secrets to return first; later ones are numbered."""

    def next_id(self) -> str:
        self.count += 1
        return f"{self.count:024x}"

    def secret(self) -> str:
        if self.secrets:
            return self.secrets.pop(0)
        self.count += 1
        return f"secret-{self.count}"
