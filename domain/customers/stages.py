"""The stages of a customer (客户状态): the steps by hand, and the stage that follows from the contracts."""

from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from typing import Final

from domain.shared.text import Text


class Stage(StrEnum):
    """Stored as the labels of the former system."""

    PENDING = "待定"
    MATCHING = "匹配中"
    INTERVIEWED = "已面试"
    SIGNING = "签约中"
    SIGNED = "已签约"
    REFUNDING = "退款中"
    REFUNDED = "已退款"
    LOST = "流失客户"


STAGE_LABELS: Final[Mapping[Stage, Text]] = {
    Stage.PENDING: Text("待定", "Pending"),
    Stage.MATCHING: Text("匹配中", "Matching"),
    Stage.INTERVIEWED: Text("已面试", "Interviewed"),
    Stage.SIGNING: Text("签约中", "Signing"),
    Stage.SIGNED: Text("已签约", "Signed"),
    Stage.REFUNDING: Text("退款中", "Refunding"),
    Stage.REFUNDED: Text("已退款", "Refunded"),
    Stage.LOST: Text("流失客户", "Lost"),
}

STEPS: Final[Mapping[Stage, Set[Stage]]] = {
    Stage.PENDING: {Stage.MATCHING, Stage.LOST},
    Stage.MATCHING: {Stage.INTERVIEWED, Stage.LOST},
    Stage.INTERVIEWED: {Stage.SIGNING, Stage.LOST},
    Stage.SIGNING: {Stage.SIGNED, Stage.LOST},
    Stage.SIGNED: {Stage.REFUNDING},
    Stage.REFUNDING: {Stage.REFUNDED},
    Stage.REFUNDED: set(),
    Stage.LOST: {Stage.PENDING, Stage.MATCHING, Stage.INTERVIEWED, Stage.SIGNING},
}
"""The steps that people take by hand; see `possible_steps`."""

LEAD_STAGES: Final = frozenset({Stage.PENDING, Stage.MATCHING, Stage.INTERVIEWED, Stage.LOST})
"""The stages of a customer without a contract."""
UNSIGNED_STAGES: Final = LEAD_STAGES | {Stage.SIGNING}


class Standing(StrEnum):
    """The common state of all contracts of a customer."""

    NONE = "none"
    SIGNING = "signing"
    IN_FORCE = "in-force"
    REFUNDED = "refunded"


_STAGE_OF_STANDING: Final[Mapping[Standing, Stage]] = {
    Standing.SIGNING: Stage.SIGNING,
    Standing.IN_FORCE: Stage.SIGNED,
    Standing.REFUNDED: Stage.REFUNDED,
}
_STANDING_OF_STAGE: Final[Mapping[Stage, Standing]] = {
    Stage.SIGNING: Standing.SIGNING,
    Stage.SIGNED: Standing.IN_FORCE,
    Stage.REFUNDING: Standing.IN_FORCE,
    Stage.REFUNDED: Standing.REFUNDED,
}
_STRONGEST_FIRST: Final = (Standing.IN_FORCE, Standing.SIGNING, Standing.REFUNDED)


def overall_standing(contracts: Iterable[Standing]) -> Standing:
    """Of a customer with these contracts. One in force outweighs one that is being signed, and that a refunded one."""
    present = set(contracts)
    return next((standing for standing in _STRONGEST_FIRST if standing in present), Standing.NONE)


def stage_of(standing: Standing, lead_stage: Stage) -> Stage:
    """The stage when the standing has changed. `lead_stage`: the last one without a contract."""
    return _STAGE_OF_STANDING.get(standing, lead_stage)


def possible_steps(stage: Stage, standing: Standing) -> Set[Stage]:
    """The steps that people may take now. A lost customer whose contract is still being signed regains that stage."""
    if stage is Stage.LOST and standing is Standing.SIGNING:
        return {Stage.SIGNING}
    return STEPS[stage]


def standing_behind(stage: Stage) -> Standing:
    """The standing that a document of the former system stands for: it stores the stage alone."""
    return _STANDING_OF_STAGE.get(stage, Standing.NONE)
