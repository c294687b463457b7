// Whose contracts the reader sees.
import { hasCapability, session } from "../../lib/session.js";

/** The reader's id when they see their own contracts only; they hear of one that goes to somebody else, too. */
export const ownScope = () => (hasCapability("contract:see-all") ? "" : session.get().user.id);
