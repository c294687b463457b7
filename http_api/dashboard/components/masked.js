// Personal values are masked; they can be revealed, and the server writes down who did.
import { html, useEffect, useState } from "../lib/view.js";
import { call } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Tag } from "./tag.js";
import { toastError } from "./toast.js";

const SHOWN_MS = 60_000;

export function Masked({ value, revealed, reveal, allowed, mono, testId }) {
  if (!value) return "—";
  const shown = revealed ?? value;
  return html`${mono ? html`<code>${shown}</code>` : html`<span class="numeric">${shown}</span>`}
    ${revealed ? html`<${Tag}>${t("masked.revealed")}<//>` : allowed && html`<${Button} small iconOnly kind="ghost"
      icon="eye" label=${t("masked.reveal")} action=${reveal} testId=${testId} />`}`;
}

/** A revealed value does not stay on a screen that nobody looks at. `state`: what it is forgotten with. */
export function useReveal(path, state) {
  const [values, setValues] = useState({});
  useEffect(() => {
    if (!Object.keys(values).length) return undefined;
    const timer = setTimeout(() => setValues({}), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [values]);
  useEffect(() => setValues({}), [path, state]);

  async function reveal(field) {
    try {
      const { data } = await call("POST", path, { body: { fields: [field] } });
      setValues((before) => ({ ...before, [field]: data[field] }));
    } catch (error) {
      toastError(error);
    }
  }
  return { values, reveal };
}
