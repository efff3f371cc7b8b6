/** Of the room that others leave, one tenant may take up so much: whoever comes next finds some, too. */
export const TENANT_SHARE = 0.9;

/** @param taken by other tenants */
export function shareOf(room: number, taken: number): number {
  return Math.ceil(TENANT_SHARE * (room - taken));
}
