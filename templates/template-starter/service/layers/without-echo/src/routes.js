/** By method and path: from a request to a body, with a status unless it is 200. */
export const routes = {};
