"""Rules of the teleprompter."""

import pytest

from domain.interviews.errors import (
    PrompterForWorkersOnly,
    TargetNotFound,
)
from domain.interviews.live.commands import (
    PrompterControl,
    PrompterLoad,
    PrompterProgress,
)
from tests.domain.interviews.live.room_scenario import CUSTOMER, WORKER, RoomScenario, a_guest


def test_the_teleprompter_reaches_workers_and_never_customers(scenario: RoomScenario) -> None:
    with pytest.raises(PrompterForWorkersOnly):
        scenario.send(scenario.host, PrompterLoad(content="x", targets=(CUSTOMER,)))
    loaded = scenario.send(scenario.host, PrompterLoad(content="大家好\n我叫王芳", auto_play=True))
    scenario.send(scenario.host, PrompterControl(doc_id=loaded.doc_id, action="PAUSE"))
    scenario.send(WORKER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))

    assert [event for event in scenario.events(WORKER) if "prompter" in event] == ["prompterDoc", "prompterState"]
    assert not [event for event in scenario.events(CUSTOMER) if "prompter" in event]
    assert scenario.snapshot(CUSTOMER).prompter is None
    assert scenario.last(scenario.host, "prompterProgress").position == 0.5
    with pytest.raises(TargetNotFound):
        scenario.send(CUSTOMER, PrompterProgress(doc_id=loaded.doc_id, position=0.5))


def test_a_worker_who_joins_late_computes_the_same_position(scenario: RoomScenario) -> None:
    content = "\n".join("第一行" for _ in range(10))
    scenario.send(scenario.host, PrompterLoad(content=content, speed=51.2, font_px=32, auto_play=True))
    scenario.wait(5)  # 256 of 512 nominal pixels

    late = a_guest("late worker")
    scenario.join(late, identity="helper")

    seen = scenario.snapshot(late).prompter
    elapsed = (scenario.now - seen.state.anchor_at).total_seconds()
    assert seen.state.position + elapsed * seen.state.speed / seen.doc.height_px == pytest.approx(0.5)


def test_the_teleprompter_clock_is_anchored_at_each_change(scenario: RoomScenario) -> None:
    content = "\n".join("行" for _ in range(10))
    doc = scenario.send(scenario.host, PrompterLoad(content=content, speed=51.2, font_px=32)).doc_id

    def state_after(**control: object) -> tuple[str, float, bool]:
        scenario.send(scenario.host, PrompterControl(doc_id=doc, **control))
        state = scenario.last(WORKER, "prompterState").state
        return state.state, round(state.position, 6), state.visible

    assert state_after(action="PLAY") == ("playing", 0, True)
    scenario.wait(2)
    assert state_after(action="SPEED", speed=102.4) == ("playing", 0.2, True)
    scenario.wait(2)
    assert state_after(action="PAUSE") == ("paused", 0.6, True)
    scenario.wait(60)
    assert state_after(action="SEEK", position=0.9) == ("paused", 0.9, True)
    assert state_after(action="HIDE") == ("paused", 0.9, False)
    assert state_after(action="PLAY") == ("playing", 0.9, False)
    scenario.wait(60)
    assert state_after(action="SHOW") == ("playing", 1, True)
    assert state_after(action="PLAY") == ("playing", 0, True)
    assert state_after(action="STOP") == ("stopped", 0, True)
    with pytest.raises(TargetNotFound):
        scenario.send(scenario.host, PrompterControl(doc_id="old", action="PLAY"))


def test_a_text_for_one_worker_is_not_shown_to_another(scenario: RoomScenario) -> None:
    other = a_guest("other worker")
    scenario.join(other, identity="helper")

    scenario.send(scenario.host, PrompterLoad(content="x", targets=(WORKER,)))

    assert "prompterDoc" in scenario.events(WORKER)
    assert "prompterDoc" not in scenario.events(other)
    assert scenario.snapshot(other).prompter is None
