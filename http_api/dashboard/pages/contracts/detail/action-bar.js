// The buttons below a contract: what its state and the reader's permissions allow, as the server says.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { openPreview, saveDocument, useDocuments } from "./documents.js";

/** Name, icon and kind of the buttons, the most wanted first. */
const BUTTONS = [
  ["initiate", "send", "primary"],
  ["reinitiate", "send", "primary"],
  ["recordPayment", "check", "primary"],
  ["confirmOnboard", "check", "primary"],
  ["graduate", "check", "primary"],
  ["previewDraft", "eye", "plain"],
  ["download", "download", "plain"],
  ["changeWorker", "swap", "plain"],
  ["renew", "renew", "plain"],
  ["edit", "edit", "plain"],
  ["sync", "refresh", "plain"],
  ["preview", "eye", "plain"],
  ["assign", "person", "plain"],
  ["withdraw", "undo", "danger-outline"],
  ["void", "block", "danger-outline"],
  ["refund", "undo", "danger-outline"],
  ["discard", "block", "danger-outline"],
  ["delete", "trash", "ghost danger-text push"],
  ["requestDeletion", "trash", "ghost danger-text push"],
];
const STARTS_SIGNING = new Set(["initiate", "reinitiate"]);

/**
 * `write(mode, contract)` opens the form.
 * @param {{ contract: Rest.ContractDetail, actions: ContractActions, write: Write }} props
 * @typedef {ReturnType<typeof import("./actions.js").useContractActions>} ContractActions
 * @typedef {(mode: string, contract: Rest.ContractDetail) => void} Write
 */
export function ActionBar({ contract, actions, write }) {
  const documents = useDocuments(contract.id);
  const allowed = /** @type {string[]} */ (contract.allowedActions);
  const offered = BUTTONS.filter(([name]) => allowed.includes(name));
  if (!offered.length) return null;
  const form = (/** @type {string} */ mode) => write(mode, contract);
  /** @type {Record<string, () => unknown>} */
  const work = {
    ...Object.fromEntries(["changeWorker", "renew", "edit"].map((name) => [name, () => { form(name); }])),
    download: () => saveDocument(contract),
    preview: () => openPreview(contract),
    sync: actions.sync,
  };
  const busy = { download: documents.document, preview: documents.preview };
  const incomplete = contract.missingToSign.length > 0;
  return html`<footer class="drawer-foot">${offered.map(([name, icon, kind]) => {
    const blocked = incomplete && STARTS_SIGNING.has(name);
    return html`<${Button} key=${name} icon=${icon} kind=${kind} label=${t(`contractAction.${name}`)}
      action=${work[name] ?? (() => { actions.ask(name); })} testId=${`do-${name}`} disabled=${blocked}
      busy=${busy[/** @type {keyof typeof busy} */ (name)]?.status === "running"}
      title=${blocked ? t("contract.missing") : undefined} />`;
  })}</footer>`;
}
