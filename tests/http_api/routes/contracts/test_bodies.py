"""Which fields of a body belong to the template."""

from http_api.routes.contracts.bodies import template_fields_in


def test_fields_with_names_that_are_not_ascii_belong_to_the_template() -> None:
    sent = {"服务内容": "做饭", "服务内容_index": "3", "customerName": "王芳", "多选1": ["a"], "工资": 1}

    assert set(template_fields_in(sent)) == {"服务内容", "多选1", "工资"}
