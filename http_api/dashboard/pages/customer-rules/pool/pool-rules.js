// The pool rules (公海规则): after how many days without a follow-up customers fall into the pool, with a dry run.
import { html, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { useResource } from "../../../lib/hooks.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { DryRun } from "./dry-run.js";
import { PoolRulesForm } from "./form.js";

/** @param {{ enums: import("../../customers/enums.js").Enums, staff: Rest.AssigneeAnswer[] }} props */
export function PoolRules({ enums, staff }) {
  /** @type {import("../../../lib/hooks.js").Resource<Rest.PoolRulesAnswer>} */
  const { data, error, reload, change } = useResource("pool-rules",
    (signal) => get("/customers/pool-rules", {}, signal));
  const [edits, setEdits] = useState(0);
  /** @param {Rest.PoolRulesAnswer} rules */
  function saved(rules) {
    change(() => rules);
    setEdits((count) => count + 1);
  }
  if (!data) return error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${8} />`;
  return html`<${PoolRulesForm} rules=${data} enums=${enums} staff=${staff} saved=${saved} />
    <${DryRun} enums=${enums} staff=${staff} revision=${edits} />`;
}
