"""The directory of the metrics that several app processes share: empty at each start, not on the disk of the data."""

from contextlib import ExitStack
from pathlib import Path

from integrations.local.metrics_directory import keep_metrics_directory, new_metrics_directory, remove_metrics_directory


def test_each_start_has_an_empty_directory_on_another_disk_than_the_data(tmp_path: Path) -> None:
    with ExitStack() as crashed, ExitStack() as stack:
        first = new_metrics_directory(crashed)
        keep_metrics_directory(first, tmp_path, crashed)
        (first / "counter_1.db").touch()
        crashed.pop_all()

        second = new_metrics_directory(stack)
        keep_metrics_directory(second, tmp_path, stack)

        assert list(second.iterdir()) == []
        assert not first.exists()
        assert second.stat().st_dev != tmp_path.stat().st_dev
        assert (tmp_path / "metrics").resolve() == second
    assert not second.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_an_earlier_version_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/counter_1.db").touch()

    with ExitStack() as stack:
        keep_metrics_directory(new_metrics_directory(stack), tmp_path, stack)

        assert list((tmp_path / "metrics").iterdir()) == []


def test_a_missing_data_directory_is_made(tmp_path: Path) -> None:
    with ExitStack() as stack:
        keep_metrics_directory(new_metrics_directory(stack), tmp_path / "data", stack)

        assert (tmp_path / "data/metrics").is_dir()
    assert list((tmp_path / "data").iterdir()) == []


def test_a_link_to_another_place_is_removed_and_its_target_is_not(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/metrics").symlink_to(tmp_path / "precious")

    remove_metrics_directory(tmp_path / "data")

    assert (tmp_path / "precious").exists()
    assert list((tmp_path / "data").iterdir()) == []
