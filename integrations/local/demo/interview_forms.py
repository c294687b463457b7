"""Random forms of interview rooms: an invented worker and what she is interviewed for."""

from random import Random
from typing import Any, Final

from integrations.local.demo.people import SURNAMES, WOMEN

_POSITIONS: Final = ("月嫂", "住家育儿嫂", "住家保姆", "白班保姆", "住家护老")
_PHONE_PREFIX: Final = "19904"


def interview_form(rng: Random) -> dict[str, Any]:
    worker, customer = rng.choice(SURNAMES) + rng.choice(WOMEN), rng.choice(SURNAMES)
    position = rng.choice(_POSITIONS)
    return {
        "roomName": f"{customer}女士面试{position}{worker}",
        "candidateName": worker,
        "candidatePhone": f"{_PHONE_PREFIX}{rng.randrange(1_000_000):06}",
        "candidatePosition": position,
    }
