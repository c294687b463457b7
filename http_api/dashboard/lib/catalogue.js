// Values of the domain that pages need, derived by the server from its own tables, so that no rule stands here twice.

/** Filled before the first page is drawn. */
export const catalogue = {
  /** @type {string[]} what the routes declare as their audit action */
  auditActions: [],
  /** @type {Record<string, string[]>} the types that a contract can have, by category */
  contractTypes: {},
  /** @type {Record<string, string[]>} the fields without which a contract cannot be saved, by category */
  requiredFields: {},
  /** @type {Rest.Stage[]} of customers, the last one of lost ones */
  customerStages: [],
  /** From this many days before its end a contract counts as ending soon. */
  endingSoonDays: 0,
  /** @type {Rest.FollowUpStatus[]} */
  followUpStatuses: [],
  /** @type {Rest.FollowUpType[]} */
  followUpTypes: [],
  /** @type {Rest.LeadLevel[]} the levels that people give */
  grades: [],
  /** @type {Rest.LeadLevel[]} */
  leadLevels: [],
  /** @type {Rest.FollowUpStatus[]} of customers whom their owner has not contacted */
  notFollowedUp: [],
  /** @type {string[]} in Chinese, as users have them */
  provinces: [],
  /** For so long, who released a customer to the pool cannot claim it. */
  reclaimHours: 0,
  /** @type {string[]} the codes of the roles that every agency has */
  systemRoles: [],
  /** @type {Rest.Stage[]} of customers without a contract */
  unsignedStages: [],
};

export async function loadCatalogue() {
  const answer = await fetch(new URL("../catalogue.json", import.meta.url));
  Object.assign(catalogue, await answer.json());
}
