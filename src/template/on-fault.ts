import type { TemplateError } from '../errors.js';

/** Told of what is wrong with a template; when it returns, the work goes on without what that concerns. */
export type OnFault = (fault: TemplateError) => void;

/** Nothing goes on after the first fault. */
export function refuse(fault: TemplateError): never {
  throw fault;
}
