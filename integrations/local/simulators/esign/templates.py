"""Two contract templates, as an agency would create them on the provider's web site."""

from typing import Any, Final

from integrations.local.simulators.esign.state import Refusal

HOUSEKEEPING_TEMPLATE: Final = "TN-HOMECARE"
TRAINING_TEMPLATE: Final = "TN-TRAINING"


def _control(
    key: str, data_type: int = 1, *, required: bool = True, page: int = 1, options: tuple[str, ...] = ()
) -> Any:
    option_rows = [{"label": label, "selected": False, "index": index} for index, label in enumerate(options)]
    return {
        "dataKey": key,
        "dataType": data_type,
        "required": int(required),
        "fillType": 0,
        "page": page,
        "autoScale": 1,
        "options": option_rows,
    }


_SERVICES: Final = ("月嫂", "住家育儿嫂", "住家保姆", "白班保姆", "住家护老", "保洁", "小时工")
_PARTIES: Final = (_control("甲方", 6, required=False), _control("乙方", 6, required=False))

TEMPLATES: Final[dict[str, dict[str, Any]]] = {
    HOUSEKEEPING_TEMPLATE: {
        "name": "家政服务合同（三方）",
        "comment": "客户、服务人员、公司三方签署",
        "controls": [
            _control("客户姓名"),
            _control("客户电话"),
            _control("客户身份证号", 4),
            _control("阿姨姓名"),
            _control("阿姨电话"),
            _control("阿姨身份证", 4),
            _control("服务类型", 16, required=False, options=_SERVICES),
            _control("服务内容", 9, required=False, options=("照顾老人", "辅助照顾老人", "照顾婴儿", "做饭", "保洁")),
            _control("休息方式", 2, required=False, options=("单休", "双休", "月休四天", "不休")),
            _control("合同开始时间", 5),
            _control("合同结束时间", 5),
            _control("阿姨工资"),
            _control("阿姨工资大写"),
            _control("服务费"),
            _control("服务费大写"),
            _control("同意保险条款", 3, required=False),
            _control("服务备注", 8, required=False, page=2),
            *_PARTIES,
            _control("丙方", 6, required=False),
        ],
    },
    TRAINING_TEMPLATE: {
        "name": "职业培训协议",
        "comment": "公司与学员签署",
        "controls": [
            _control("学员姓名"),
            _control("学员电话"),
            _control("学员身份证号", 4),
            _control("课程列表", 8, required=False),
            _control("培训费"),
            _control("培训费大写"),
            *_PARTIES,
        ],
    },
}


def find_template(number: str) -> dict[str, Any]:
    template = TEMPLATES.get(number)
    if template is None:
        raise Refusal(100050, "模板不存在")
    return template
