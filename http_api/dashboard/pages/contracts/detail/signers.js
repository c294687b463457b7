// The parties in their signing order, when each signed, and signing links for those who can sign now.
import { html, useEffect, useRef } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { dateTime } from "../../../lib/format.js";
import { forgetTask, runTask, useTask } from "../../../lib/tasks.js";
import { Button } from "../../../components/button.js";
import { Icon } from "../../../components/icons.js";
import { Problem } from "../../../components/states.js";
import { TaskNote } from "../../../components/task-note.js";
import { Tag } from "../../../components/tag.js";
import { toast, toastError } from "../../../components/toast.js";
import { signedCount } from "../words.js";

const LINKS_MS = 25 * 60_000; // less than the provider promises

/** @type {Record<string, string>} */
const KINDS = { signed: "good", signing: "warn", rejected: "bad" };

/** @param {{ contract: Rest.ContractDetail }} props */
export function ContractSigners({ contract }) {
  const { signers, allowedActions, pendingClosure } = contract;
  const { links, problem, task, ask } = useLinks(contract);
  if (!signers.length) return null;
  const signed = signedCount(signers);
  const voiding = pendingClosure?.kind === "void" && pendingClosure.accepted;
  return html`<section aria-labelledby="signers-title">
    <h3 id="signers-title">${t(voiding ? "contract.voidSigners" : "contract.signers")}${" "}
      <span class="muted small-text numeric" data-testid="signers-count">${signed}/${signers.length}</span></h3>
    <ol class="signers">${signers.map((signer) => html`<${Signer} key=${signer.account} signer=${signer}
      link=${links?.[signer.account]} asked=${Boolean(links)} />`)}</ol>
    <${TaskNote} task=${task} about=${t("contractTask.links")} testId="links-task" />
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="link-row">
      ${allowedActions.includes("getSigningLinks") && html`<${Button} small icon="open"
        label=${t(links ? "contract.newLinks" : "contract.links")} action=${ask} testId="get-links"
        busy=${task?.status === "running"} />
        ${links && html`<span class="muted small-text">${t("contract.linksLast")}</span>`}`}
    </div>
  </section>`;
}

/** @param {{ signer: Rest.SignerAnswer, link: string | null | undefined, asked: boolean }} props */
function Signer({ signer, link, asked }) {
  const { role, roleText, name, phone, auto, state, signTime } = signer;
  return html`<li class=${`signer ${state}`} data-testid=${`signer-${role}`}>
    <span class=${`signer-dot ${state}`} aria-hidden="true">
      ${state === "signed" && html`<${Icon} name="check" size=${14} />`}
      ${state === "rejected" && html`<${Icon} name="close" size=${14} />`}</span>
    <div class="signer-text"><span><strong>${name}</strong> <span class="muted small-text">${roleText}
      ${auto ? ` · ${t("contract.autoSeal")}` : phone && ` · ${phone}`}</span></span>
      <span class="muted small-text numeric">${signTime ? dateTime(signTime) : ""}</span></div>
    <${Tag} kind=${KINDS[state]}>${t(`signerState.${state}`)}<//>
    ${link ? html`<${Link} url=${link} name=${name} role=${role} />`
      : asked && !auto && state === "waiting" && html`<p class="signer-link muted small-text">
        ${t("contract.notYetTheirTurn")}</p>`}
  </li>`;
}

/** @param {{ url: string, name: string, role: string }} props */
function Link({ url, name, role }) {
  const label = t("contract.linkOf", { name });
  async function copy() {
    try {
      await navigator.clipboard.writeText(url);
      toast(t("contract.copied"));
    } catch {
      // Without a secure context the reader copies by hand.
      /** @type {HTMLInputElement | null} */ (document.getElementById(`link-${role}`))?.select();
    }
  }
  return html`<div class="signer-link"><input id=${`link-${role}`} readonly value=${url} aria-label=${label}
      onFocus=${(/** @type {any} */ event) => event.target.select()} data-testid=${`link-${role}`} />
    <${Button} small icon="copy" label=${t("contract.copy")} action=${copy} testId=${`copy-${role}`} />
    <a class="button small" href=${url} target="_blank" rel="noopener noreferrer" data-testid=${`open-${role}`}>
      <${Icon} name="open" size=${16} /><span>${t("contract.open")}</span></a></div>`;
}

/**
 * Signing links, requested on demand because they expire after half an hour. Progress of the signing drops them.
 * @param {Rest.ContractDetail} contract
 */
function useLinks({ id, contractStatus, attempt, pendingClosure, signers }) {
  const key = [
    "links", id, contractStatus, attempt?.number, pendingClosure?.accepted, ...signers.map(({ state }) => state),
  ].join(" ");
  const task = useTask(key);
  const shown = useRef(true);
  useEffect(() => () => { shown.current = false; }, []);

  async function ask() {
    const { status, slow, error } = await runTask(key, "POST", `/contracts/${id}/resend-sign-urls`, { body: {} });
    setTimeout(() => forgetTask(key), LINKS_MS);
    if (slow && status === "done") toast(t("contractTask.links.done"));
    if (error && !shown.current) toastError(error);
  }
  /** @type {Rest.LinksAnswer | undefined} */
  const answer = task?.result;
  const links = answer && Object.fromEntries(answer.signUrls.map(({ account, signUrl }) => [account, signUrl]));
  return { links, problem: task?.error, task, ask };
}
