"""The disk of the embedded servers: its reserve, and when the product must not save."""

from pathlib import Path

from integrations.disk_space import RESERVE_FILE, DataDisk, MachineDisks
from tests.small_disk import small_disk

MB = 1024 * 1024


def test_the_product_stops_saving_before_the_servers_have_no_space() -> None:
    with small_disk(30) as disk:
        data = DataDisk(disk.path)
        data.keep_reserve()
        assert (disk.path / RESERVE_FILE).stat().st_blocks * 512 == 3 * MB
        assert not data.is_full()

        disk.fill(leave_bytes=13 * MB)
        assert not data.is_full()

        disk.fill(leave_bytes=11 * MB)
        assert data.is_full()

        disk.clear()
        assert not data.is_full()


def test_the_reserve_is_released_when_another_program_takes_the_margin_and_the_product_still_saves_nothing() -> None:
    with small_disk(30) as disk:
        data = DataDisk(disk.path)
        data.keep_reserve()
        disk.fill()

        data.keep_reserve()

        assert disk.free_bytes == 3 * MB
        assert data.is_full()

        data.keep_reserve()
        assert not (disk.path / RESERVE_FILE).exists()
        disk.clear()
        assert not data.is_full()
        data.keep_reserve()
        assert (disk.path / RESERVE_FILE).exists()


def test_on_a_large_disk_the_reserve_is_bounded(tmp_path: Path) -> None:
    data = DataDisk(tmp_path)

    data.keep_reserve()

    assert (tmp_path / RESERVE_FILE).stat().st_size <= 64 * MB


async def test_log_files_are_measured_apart_only_on_a_disk_of_their_own(tmp_path: Path) -> None:
    with small_disk(30) as disk:
        (tmp_path / "logs").mkdir()
        data = DataDisk(disk.path)

        apart = await MachineDisks("app1", data, tmp_path / "logs").measure()
        together = await MachineDisks("app1", data, disk.path).measure()
        external = await MachineDisks("app1", None, tmp_path / "logs").measure()

        assert [each.volume for each in apart] == ["data", "logs"]
        assert [each.volume for each in together] == ["data"]
        assert [each.volume for each in external] == ["logs"]
        assert together[0].total_bytes == 30 * MB
