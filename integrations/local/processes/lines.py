"""Cuts what a child prints into lines and says which worker a line came from."""

from collections.abc import Iterator

# A line without an end must not fill our memory; it is handed on in pieces of this size.
LONGEST_LINE_BYTES = 64 * 1024


class LineSplitter:
    """Feed it chunks as they come; it gives whole lines without their ends."""

    def __init__(self, longest: int = LONGEST_LINE_BYTES) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            yield from self._pieces(line.removesuffix(b"\r"))
        while len(self._rest) > self._longest:
            piece, self._rest = self._rest[: self._longest], self._rest[self._longest :]
            yield piece

    def finish(self) -> Iterator[bytes]:
        """What was printed after the last line end."""
        rest, self._rest = self._rest, b""
        if rest:
            yield rest

    def _pieces(self, line: bytes) -> Iterator[bytes]:
        for start in range(0, max(len(line), 1), self._longest):
            yield line[start : start + self._longest]


def labelled(worker: int, line: bytes) -> bytes:
    """The line with its worker: as a field of a JSON object, in brackets before anything else."""
    if not (line.startswith(b'{"') and line.endswith(b"}")):
        return b"[worker %d] %s" % (worker, line)
    if b'"worker":' in line:
        return line
    return b'{"worker":%d,%s' % (worker, line[1:])
