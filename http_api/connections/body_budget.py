"""The bytes that may be held for unfinished requests, in all and per address."""


class BodyBudget:
    def __init__(self, in_all: int, per_address: int) -> None:
        self.held = 0
        self._in_all = in_all
        self._per_address = per_address
        self._by_address: dict[str, int] = {}

    def take(self, address: str, count: int) -> bool:
        """False if it would be too much. An empty `address` is limited by the budget in all alone."""
        held = self._by_address.get(address, 0) + count
        if self.held + count > self._in_all or (address and held > self._per_address):
            return False
        self.held += count
        self._by_address[address] = held
        return True

    def give_back(self, address: str, count: int) -> None:
        self.held -= count
        left = self._by_address[address] - count
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]
