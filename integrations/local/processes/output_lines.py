"""Splits the output of child processes into lines and labels each line with its app process."""

from collections.abc import Iterator

# A line without an end must not fill the memory; it is passed on in pieces of this size.
LONGEST_LINE_BYTES = 64 * 1024


class LineSplitter:
    """Takes chunks as they arrive and yields whole lines without their line ends."""

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
        """Yields the output after the last line end."""
        rest, self._rest = self._rest, b""
        if rest:
            yield rest

    def _pieces(self, line: bytes) -> Iterator[bytes]:
        for start in range(0, max(len(line), 1), self._longest):
            yield line[start : start + self._longest]


def with_process_label(index: int, line: bytes) -> bytes:
    """The line with the number of its app process: a field of a JSON object, a prefix of any other text."""
    if not (line.startswith(b'{"') and line.endswith(b"}")):
        return b"[worker %d] %s" % (index, line)
    if b'"worker":' in line:
        return line
    return b'{"worker":%d,%s' % (index, line[1:])
