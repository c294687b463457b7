"""Random contract forms with invented customers and workers. Their ID cards have a region that does not exist."""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from domain.contracts.terms import ContractTerms, validated_terms
from integrations.local.demo.people import MEN, SURNAMES, WOMEN
from integrations.local.demo.places import random_place
from integrations.local.simulators.esign.templates import HOUSEKEEPING_TEMPLATE, TRAINING_TEMPLATE

CUSTOMER_PHONE_PREFIX: Final = "19902"
"""Prefix of the customers' phones. The simulated signers act for these people only."""
_WORKER_PHONE_PREFIX: Final = "19903"
_OTHER_TAIL: Final = 7_919
"""Added to the number of a contract: its two people show different tails when their phones are masked."""

_SERVICES: Final[dict[str, tuple[int, int, int, str]]] = {
    # type: (lowest and highest monthly salary, fee of the agency, tasks)
    "月嫂": (11_800, 18_800, 4_800, "照顾婴儿；做饭"),
    "住家育儿嫂": (7_200, 9_800, 3_200, "照顾婴儿"),
    "住家保姆": (5_800, 7_800, 2_600, "做饭；保洁"),
    "白班保姆": (4_500, 6_200, 2_000, "做饭；保洁"),
    "住家护老": (6_200, 8_600, 2_800, "照顾老人"),
    "保洁": (3_200, 4_200, 1_200, "保洁"),
    "小时工": (2_400, 3_600, 800, "保洁"),
}
_SERVICE_WEIGHTS: Final = (18, 24, 22, 12, 14, 6, 4)
_COURSES: Final = {"高级母婴护理": 6_800, "育婴师": 4_800, "收纳整理": 2_980, "养老护理员": 3_980}
_ROADS: Final = ("幸福路", "人民东路", "花园街", "滨江大道", "学府路", "建设路", "湖滨路", "解放路")
_REMARKS: Final = ("", "", "家里有一只猫", "周日休息", "需要会做月子餐", "老人行动不便，需协助起居", "双胞胎")
_AMOUNT_FIELDS: Final = ("workerSalary", "customerServiceFee", "deposit", "courseAmount", "serviceFeeAmount")
_CHECK_DIGIT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def housekeeping_form(rng: Random, number: int, start: date, months: int = 0) -> dict[str, Any]:
    """The fields of a form for a new housekeeping contract."""
    service = rng.choices(list(_SERVICES), _SERVICE_WEIGHTS)[0]
    months = months or (1 if service == "月嫂" else rng.choice((6, 12)))
    fields = {
        "contractType": service,
        **_customer(rng, number),
        **worker_fields(rng, number, service),
        "startDate": start.isoformat(),
        "endDate": (start + timedelta(days=30 * months + (months > 1) * 5)).isoformat(),
        "customerServiceFee": _SERVICES[service][2] + 200 * rng.randrange(4),
        "salaryPaymentDay": rng.choice((5, 10, 15)),
        "monthlyWorkDays": 26,
        "remarks": rng.choice(_REMARKS),
        "templateNo": HOUSEKEEPING_TEMPLATE,
        "templateParams": {"服务内容": _SERVICES[service][3], "休息方式": rng.choice(("单休", "月休四天"))},
    }
    if rng.random() < 0.3:
        fields["deposit"] = 500 * rng.randint(1, 4)
    return fields


def training_form(rng: Random, number: int) -> dict[str, Any]:
    course = rng.choice(list(_COURSES))
    return {
        "orderCategory": "training",
        "contractType": "职培",
        **_customer(rng, number),
        "courseAmount": _COURSES[course],
        "serviceFeeAmount": _COURSES[course],
        "intendedCourses": [course],
        "consultPosition": "学员咨询",
        "templateNo": TRAINING_TEMPLATE,
        "templateParams": {"课程列表": course},
    }


def worker_fields(rng: Random, number: int, service: str) -> dict[str, Any]:
    """The fields of a worker; another number gives another person."""
    low, high, _, _ = _SERVICES[service]
    return {
        "workerName": rng.choice(SURNAMES) + rng.choice(WOMEN),
        "workerPhone": f"{_WORKER_PHONE_PREFIX}{_scattered(number + _OTHER_TAIL)}",
        "workerIdCard": id_card(rng, number, rng.randint(1968, 1990)),
        "workerAddress": _address(rng),
        "workerSalary": round(rng.randint(low, high), -2),
    }


def id_card(rng: Random, number: int, born: int) -> str:
    """With a valid check digit and a region code that does not exist."""
    body = f"990000{born}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{number % 1000:03}"
    return (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _CHECK_DIGIT_WEIGHTS, strict=True)) % 11]
    )


def _customer(rng: Random, number: int) -> dict[str, Any]:
    return {
        "customerName": rng.choice(SURNAMES) + rng.choice(rng.choice((WOMEN, MEN))),
        "customerPhone": f"{CUSTOMER_PHONE_PREFIX}{_scattered(number)}",
        "customerIdCard": id_card(rng, number, rng.randint(1978, 1999)),
        "customerAddress": _address(rng),
    }


def _scattered(number: int) -> str:
    """Six digits that look random; another number gives other digits."""
    return f"{number * 387_421 % 1_000_000:06}"  # the factor has no divisor in common with the million


def _address(rng: Random) -> str:
    place = random_place(rng)
    city = place.city if place.city == place.province else place.province + place.city
    return f"{city}{rng.choice(_ROADS)} {rng.randint(1, 299)} 号"


def terms_from_form(form: dict[str, Any]) -> ContractTerms:
    """The terms of a form, as a use case takes them."""
    fields = {
        f"{name}Fen" if name in _AMOUNT_FIELDS else name: value for name, value in form.items() if name != "templateNo"
    }
    fields |= {name: value * 100 for name, value in fields.items() if name.endswith("Fen")}
    return validated_terms({**fields, "esignTemplateNo": form["templateNo"], "paymentEnabled": "courseAmount" in form})
