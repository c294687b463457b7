// The owner whose contracts the reader sees.
import { currentUser, hasCapability } from "../../lib/session.js";

/** The reader's id if they see their own contracts only, else empty. Events tell them also of contracts they lost. */
export const ownScope = () => (hasCapability("contract:see-all") ? "" : currentUser().id);
