// Claiming customers of the pool: what is left of the caps, and the button that says why not.
import { html, useEffect } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { dateTime } from "../../../lib/format.js";
import { useDebounced, useNow, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { useNamespace } from "../../../lib/live.js";
import { currentUser } from "../../../lib/session.js";
import { Button } from "../../../components/button.js";
import { toast, toastError } from "../../../components/toast.js";
import { claimObstacle } from "./obstacles.js";

/** @typedef {import("../words.js").Customer} Customer */

const BETWEEN_READS_MS = 1_000;

/**
 * The numbers of customers that the reader holds and can still claim; read again when their customers change.
 * @returns {Rest.Capacity | null}
 */
export function useCapacity() {
  const ownId = currentUser().id;
  /** @type {import("../../../lib/hooks.js").Resource<Rest.Capacity>} */
  const { data, reload } = useResource("capacity", (signal) => get("/customers/my-customer-count", {}, signal));
  const soon = useDebounced(reload, BETWEEN_READS_MS);
  /** @param {Push.CustomerChangedPush} push */
  const onChange = ({ ownerId, change }) => { if (ownerId === ownId || change === "released") soon(); };
  useNamespace("/customers", { customerChanged: onChange, gap: reload });
  const now = useNow(300_000);
  useEffect(() => { if (data) reload(); }, [now]); // a new day frees places
  return data;
}

/** @param {{ reason: string, values?: Record<string, unknown>, until?: number }} obstacle */
export const obstacleText = ({ reason, values, until }) =>
  t(`claimObstacle.${reason}`, { ...values, until: until && dateTime(until).slice(5, 16) });

/**
 * `refused(error)` is told of a refusal, such as a lost race, after the reader was.
 * @param {{ customer: Customer, capacity: Rest.Capacity | null, small?: boolean, done: () => unknown,
 *   refused: (error: import("../../../lib/http.js").ApiError) => unknown }} props
 */
export function ClaimButton({ customer, capacity, small = false, done, refused }) {
  const now = useNow();
  const obstacle = claimObstacle(customer, capacity, currentUser().id, now);
  const why = obstacle && obstacleText(obstacle);
  async function work() {
    try {
      const { message } = await call("POST", "/customers/public-pool/claim", { body: { customerIds: [customer.id] } });
      toast(message);
      await done();
    } catch (error) {
      toastError(error);
      await refused(error);
    }
  }
  return html`<span class="claim"><${Button} small=${small} kind="primary" icon="check" label=${t("customerAction.claim")}
      action=${work} disabled=${Boolean(obstacle)} title=${why ?? undefined} testId=${`claim-${customer.customerId}`} />
    ${why && html`<span class="small-text muted claim-why">${why}</span>`}</span>`;
}
