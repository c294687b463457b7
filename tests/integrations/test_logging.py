"""Log files rotate by their size in bytes and format each line once; identical errors are sampled."""

import json
import logging
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from integrations.logging import JsonLines, RotatingLines
from integrations.repeated_errors import MAX_KINDS, PERIOD_SECONDS, SHOWN, RepeatedErrors
from tests.product_logs import ProductLogs, product_logs
from tests.small_disk import small_disk


class CountingFormatter(JsonLines):
    calls = 0

    def format(self, record: logging.LogRecord) -> str:
        self.calls += 1
        return super().format(record)


def record_of(message: str) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "business", "levelname": "INFO", "msg": message})


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[ProductLogs]:
    with product_logs(tmp_path) as logs:
        yield logs


def test_a_line_is_formatted_once(tmp_path: Path) -> None:
    handler = RotatingLines(tmp_path / "business.log", 10_000, 3)
    formatter = CountingFormatter()
    handler.setFormatter(formatter)

    for number in range(20):
        handler.emit(record_of(f"合同 {number}"))
    handler.close()

    assert formatter.calls == 20


def test_files_rotate_by_bytes_and_lose_no_line(tmp_path: Path) -> None:
    messages = [f"合同 {number} {'签' * (number % 40)}" for number in range(200)]
    for part in (messages[:90], messages[90:]):  # as after a restart, which goes on with the file
        handler = RotatingLines(tmp_path / "business.log", 1000, 100)
        handler.setFormatter(JsonLines())
        for message in part:
            handler.emit(record_of(message))
        handler.close()

    files = sorted(
        tmp_path.iterdir(), key=lambda file: int(file.suffix[1:]) if file.suffix != ".log" else 0, reverse=True
    )
    written = [json.loads(line)["message"] for file in files for line in file.read_text().splitlines()]
    assert written == messages
    sizes = [file.stat().st_size for file in files]
    assert max(sizes) <= 1000
    assert min(sizes[:-1]) > 500


def test_a_line_that_is_longer_than_a_file_is_written_and_old_files_are_removed(tmp_path: Path) -> None:
    handler = RotatingLines(tmp_path / "business.log", 300, 2)
    handler.setFormatter(JsonLines())

    for _ in range(5):
        handler.emit(record_of("x" * 1000))
    handler.close()

    assert sorted(file.name for file in tmp_path.iterdir()) == ["business.log", "business.log.1", "business.log.2"]


def test_lines_that_a_full_disk_does_not_take_are_lost_without_a_word_and_later_ones_are_whole(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with small_disk(1) as disk, product_logs(disk.path) as logs:
        log = logging.getLogger("business")
        log.info("before")
        disk.fill()
        for _ in range(2000):
            log.info("lost " + "x" * 200)
        disk.clear()

        log.info("after")

        assert logs.lines("business")[0]["message"] == "before"
        assert logs.lines("business")[-1]["message"] == "after"
    assert capfd.readouterr() == ("", "")


def test_text_that_cannot_be_encoded_does_not_cost_the_line(logs: ProductLogs) -> None:
    logger = logging.getLogger("error.http")
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "half a character: \ud800", (), None)
    # Not through the logger: the captured text could not be sent from one test process to another.
    for handler in logging.getLogger().handlers:
        if isinstance(handler, RotatingFileHandler):
            handler.handle(record)

    [line] = logs.errors
    assert line["message"] == "half a character: \ud800"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def errors(clock: Clock) -> RepeatedErrors:
    return RepeatedErrors(lambda record: record.name.startswith("error"), clock)


@pytest.fixture
def sampled(errors: RepeatedErrors) -> Iterator[list[logging.LogRecord]]:
    """The records that pass the filter to two handlers, as to standard error and the file."""
    shown: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(record)

    root, log = logging.getLogger(), logging.getLogger("error.sampled")
    handlers = [Keep(), logging.NullHandler()]
    for handler in handlers:
        handler.addFilter(errors)
        root.addHandler(handler)
    yield shown
    for handler in handlers:
        root.removeHandler(handler)
    log.handlers.clear()


def fail(text: str = "x") -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("error.sampled").exception("it failed")


def test_the_first_ten_of_identical_errors_are_shown_then_one_line_counts(
    sampled: list[logging.LogRecord], errors: RepeatedErrors
) -> None:
    for number in range(1000):
        fail(f"a text of its own: {number}")
    first = len(sampled)
    errors.count()
    errors.count()

    assert first == SHOWN
    [line] = sampled[SHOWN:]
    shown = json.loads(JsonLines().format(line))
    assert (shown["message"], shown["level"], shown["repeated"]) == ("it failed", "ERROR", 1000 - SHOWN)
    assert shown["stack"].startswith("ValueError ")


def test_while_an_error_goes_on_each_minute_has_one_line(
    sampled: list[logging.LogRecord], errors: RepeatedErrors, clock: Clock
) -> None:
    for _ in range(5):
        for _ in range(100):
            fail()
            clock.now += PERIOD_SECONDS / 100
        errors.count()

    assert [vars(record).get("repeated") for record in sampled[SHOWN:]] == [90, 100, 100, 100, 100]


def test_after_a_minute_without_it_an_error_is_shown_again(
    sampled: list[logging.LogRecord], errors: RepeatedErrors, clock: Clock
) -> None:
    for _ in range(20):
        fail()
    errors.count()
    clock.now += PERIOD_SECONDS + 1
    sampled.clear()

    fail()

    assert [record.exc_info is not None for record in sampled] == [True]


def test_an_error_that_comes_a_few_times_a_minute_is_always_shown(
    sampled: list[logging.LogRecord], errors: RepeatedErrors, clock: Clock
) -> None:
    for _ in range(100):
        fail()
        clock.now += PERIOD_SECONDS / SHOWN
    errors.count()

    assert len([record for record in sampled if record.exc_info]) == 100


def test_an_error_that_becomes_rare_is_shown_again(
    sampled: list[logging.LogRecord], errors: RepeatedErrors, clock: Clock
) -> None:
    for _ in range(500):
        fail()
    for _ in range(9):
        clock.now += PERIOD_SECONDS / 3
        fail()
    errors.count()

    [counted] = [record for record in sampled if not record.exc_info]
    shown = len(sampled) - 1
    assert (shown, vars(counted)["repeated"]) == (SHOWN + 4, 490 + 5)


def test_different_errors_do_not_hide_each_other(sampled: list[logging.LogRecord]) -> None:
    log = logging.getLogger("error.sampled")
    for _ in range(30):
        log.error("one")
        log.warning("one")
        log.error("two of %s", "a")
        log.error("two of %s", "b")
        fail()

    assert len(sampled) == 5 * SHOWN


def test_errors_that_all_differ_are_bounded_too(sampled: list[logging.LogRecord]) -> None:
    for number in range(5000):
        logging.getLogger("error.sampled").error("error number %s", number)

    assert len(sampled) <= MAX_KINDS + SHOWN


def test_other_streams_and_lower_levels_are_never_sampled(sampled: list[logging.LogRecord]) -> None:
    logging.getLogger("error.sampled").setLevel("INFO")
    for _ in range(30):
        logging.getLogger("business.contracts").warning("sent")
        logging.getLogger("error.sampled").info("retried")

    assert len(sampled) == 60


def test_app_processes_sample_their_errors(logs: ProductLogs) -> None:
    for _ in range(50):
        fail()
        logging.getLogger("business.contracts").warning("sent")

    assert len(logs.errors) == SHOWN
    assert len(logs.lines("business")) == 50
