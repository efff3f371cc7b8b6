import { TemplateError } from '../../errors.js';
import { lineageOf } from '../lineage.js';
import type { Template } from '../template.js';
import { toFinding, type Finding } from './finding.js';

/** Layers that hold what cannot be a file of a project, such as a link that leads out: no project can be planned with them. */
export function findUnreadableFiles(template: Template): readonly Finding[] {
  return lineageOf(template).flatMap((each) =>
    each.manifest.layers.flatMap(({ from }) => {
      try {
        each.readLayer(from);
        return [];
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        return [toFinding(error)];
      }
    }),
  );
}
