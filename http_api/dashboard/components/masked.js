// Personal values are masked. They can be revealed, and the server records who revealed them.
import { html, useEffect, useState } from "../lib/view.js";
import { call } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Watermark, showWatermark } from "./watermark.js";
import { Tag } from "./tag.js";
import { toastError } from "./toast.js";

const SHOWN_MS = 60_000;

/**
 * @param {{ value: string | null | undefined, revealed?: string | null, reveal: () => unknown, allowed: boolean,
 * mono?: boolean, testId: string }} props
 */
export function Masked({ value, revealed, reveal, allowed, mono, testId }) {
  if (!value) return "—";
  const shown = revealed ?? value;
  return html`${mono ? html`<code>${shown}</code>` : html`<span class="numeric">${shown}</span>`}
    ${revealed ? html`<${Tag}>${t("masked.revealed")}<//><${Watermark} />`
      : allowed && html`<${Button} small iconOnly kind="ghost" icon="eye"
      label=${t("masked.reveal")} action=${reveal} testId=${testId} />`}`;
}

/**
 * Revealed values by field, for a minute: none stays on an unattended screen. A change of `state` forgets them, too.
 * @param {string} path
 * @param {unknown} state
 */
export function useReveal(path, state) {
  const [values, setValues] = useState(/** @type {Record<string, string | null>} */ ({}));
  useEffect(() => {
    if (!Object.keys(values).length) return undefined;
    const timer = setTimeout(() => setValues({}), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [values]);
  useEffect(() => setValues({}), [path, state]);

  /** @param {string} field */
  async function reveal(field) {
    try {
      const { data } = await call("POST", path, { body: { fields: [field] } });
      showWatermark();
      setValues((before) => ({ ...before, [field]: data[field] }));
    } catch (error) {
      toastError(error);
    }
  }
  return { values, reveal };
}
