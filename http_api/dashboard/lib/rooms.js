// Addresses of interview rooms.

/**
 * The path of a room in the HTTP interface.
 * @param {string} roomId
 */
export const roomPath = (roomId) => `/interview/rooms/${encodeURIComponent(roomId)}`;

/**
 * The page on which the interview takes place.
 * @param {string} roomId
 */
export const roomPage = (roomId) => `/interview/${encodeURIComponent(roomId)}`;
