// The draft of a notification template: variables, refusals by field, and what to do after another person's save.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rebased } from "../../http_api/dashboard/lib/rebase.js";
import {
  changed, draftOf, problemsOf, withVariable,
} from "../../http_api/dashboard/pages/notification-templates/draft.js";

const TEMPLATE = /** @type {any} */ ({
  id: "t1", version: 1, type: "CONTRACT_CREATED", name: "新建合同", title: "新建", titleEn: "New", content: "客户",
  contentEn: "", actionUrl: "#/contracts", actionText: "查看", actionTextEn: "", priority: "HIGH", enabled: true,
});

test("a variable stands where the caret was, or at the end", () => {
  assert.deepEqual(withVariable("合同 已签", "number", 3, 3), { text: "合同 {{number}}已签", caret: 13 });
  assert.deepEqual(withVariable("合同 XX 已签", "number", 3, 5), { text: "合同 {{number}} 已签", caret: 13 });
  assert.equal(withVariable("合同", "number").text, "合同{{number}}");
});

test("a refusal is shown at its field, with the variables that it names", () => {
  const unknown = { message: "没有的变量", code: "TEMPLATE_UNKNOWN_VARIABLE",
    details: { field: "contentEn", variables: ["phone", "x"] } };

  assert.deepEqual(problemsOf(unknown), { contentEn: "没有的变量 {{phone}} {{x}} (TEMPLATE_UNKNOWN_VARIABLE)" });
  const invalid = { message: "m", code: "INVALID_REQUEST", details: { fields: [{ field: "actionUrl", problem: "格式不对" }] } };
  assert.deepEqual(problemsOf(invalid), { actionUrl: "格式不对" });
  assert.deepEqual(problemsOf({ message: "冲突", code: "TEMPLATE_VERSION_CONFLICT" }), {});
});

test("after a conflict, untouched fields take the new values and typed ones stay", () => {
  const base = draftOf(TEMPLATE);
  const draft = { ...base, title: "我的标题" };
  const current = { ...base, title: "别人的标题", enabled: false };

  const next = rebased(draft, base, current);

  assert.deepEqual(changed(base, current), ["title", "enabled"]);
  assert.deepEqual([next.title, next.enabled], ["我的标题", false]);
  assert.deepEqual(changed(current, next), ["title"]);
});
