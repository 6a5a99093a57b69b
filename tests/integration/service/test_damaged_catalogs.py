"""A published catalog whose files are not what was built never reaches a student."""

import shutil

import pytest
import structlog

from tests.support.world import World


@pytest.mark.parametrize("damage", ["touched", "cut", "half there"])
def test_what_serves_goes_on_when_the_published_catalog_is_damaged(
    world: World, damage: str
) -> None:
    serving = world.serving.state().catalog_version
    whole = world.settings.store / "catalog" / serving
    damaged = world.settings.store / "catalog" / f"{len(damage):016x}"
    shutil.copytree(whole, damaged)
    try:
        file = damaged / "earnings.npy"
        content = bytearray(file.read_bytes())
        content[-2] ^= 1
        file.unlink()
        if damage != "half there":
            file.write_bytes(content[: len(content) // 2] if damage == "cut" else content)
        now = world.clock.now()
        with world.work() as work:
            work.publications.add_catalog(damaged.name, {}, now)
            work.publications.publish("catalog", damaged.name, "test", "", now)
        with structlog.testing.capture_logs() as logs:
            world.serving.poll()
        assert world.serving.state().catalog_version == serving
        assert world.search()["catalog_version"] == serving
        (said,) = [log["what"] for log in logs if log["event"] == "serving_version_unusable"]
        assert damaged.name in said
        if damage != "half there":
            assert f"Remove {damaged} and build it again" in said
    finally:
        shutil.rmtree(damaged)
