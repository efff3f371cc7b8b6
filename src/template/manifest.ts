import type { Answers, Choice, When } from '../options/option.js';
import type { Supports } from '../options/offered-options.js';

/** `template.json`; its published schema is template.schema.json, which is also what checks it. */
export interface Manifest {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** A range of versions, as semver writes it. */
  readonly generator?: string;
  readonly selectable?: boolean;
  readonly extends?: readonly string[];
  readonly supports?: Supports;
  readonly options?: Readonly<Record<string, ManifestOption>>;
  readonly layers: readonly ManifestLayer[];
  readonly remove?: readonly Removal[];
  readonly examples?: Readonly<Record<string, Answers>>;
  readonly facts?: readonly FactRule[];
}

export interface ManifestOption {
  readonly type: 'choice' | 'boolean' | 'string';
  readonly label: string;
  readonly help?: string;
  readonly choices?: readonly (Omit<Choice, 'label'> & { readonly label?: string })[];
  readonly default?: string | boolean;
  readonly pattern?: string;
  readonly secret?: boolean;
  readonly when?: When;
}

export interface ManifestLayer {
  readonly from: string;
  readonly when?: When;
}

export interface Removal {
  /** A file, or a folder with a slash at its end. */
  readonly path: string;
  readonly when?: When;
}

export interface FactRule {
  readonly set: Facts;
  readonly when?: When;
}

export type Facts = Readonly<Record<string, unknown>>;
