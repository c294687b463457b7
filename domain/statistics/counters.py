"""Named counters. They are only ever added, so each writer can keep its own, and readers sum them."""

from collections.abc import Iterable, Mapping

REGISTERED = "counts.registered"
DELETED = "counts.deleted"
PHONES_BOUND = "counts.phonesBound"
PHONES_LOST = "counts.phonesLost"
LOGINS = "counts.logins"
FAILED = "counts.failed"
ACTIVE = "counts.active"
"""Users that were active on a day, each once: the sum of that day's gaps."""

GROUPS = ("counts", "gaps", "departures", "retained", "regions", "loginCounts")

Grouped = dict[str, dict[str, int]]


class Counters(dict[str, int]):
    """Counts by name, `group.key`. An absent name counts zero; counts may be negative."""

    def __missing__(self, name: str) -> int:
        return 0

    def add(self, other: Mapping[str, int]) -> None:
        if not self:
            self.update(other)
            return
        known = self.get
        self.update({name: known(name, 0) + count for name, count in other.items()})

    def raise_to(self, later: Mapping[str, int]) -> None:
        """For counts that only grow, of which the greater one is the later: takes over the greater ones."""
        self.update({name: count for name, count in later.items() if count > self[name]})

    def only(self, group: str) -> "Counters":
        """The counts of one group."""
        prefix = group + "."
        return Counters({name: count for name, count in self.items() if name.startswith(prefix)})

    def group(self, group: str) -> dict[str, int]:
        """The counts of one group, by key, without zeros."""
        prefix = group + "."
        return {name[len(prefix) :]: count for name, count in self.items() if count and name.startswith(prefix)}

    def grouped(self) -> Grouped:
        """The stored form."""
        groups: Grouped = {}
        for name, count in self.items():
            group, key = name.split(".", 1)
            groups.setdefault(group, {})[key] = count
        return groups

    @classmethod
    def from_grouped(cls, stored: Mapping[str, object]) -> "Counters":
        """Reads the form that `grouped` writes; ignores other fields of the mapping."""
        counters = cls()
        for group in GROUPS:
            counts = stored.get(group)
            if isinstance(counts, Mapping):
                counters.update({f"{group}.{key}": count for key, count in counts.items()})
        return counters


def sum_counters(parts: Iterable[Mapping[str, int]]) -> Counters:
    total = Counters()
    for part in parts:
        total.add(part)
    return total
