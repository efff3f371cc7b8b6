import type { ActiveLayer } from '../../src/template/compose-template.js';
import type { Render, Template } from '../../src/template/template.js';

export function fakeTemplate(name: string, parents: readonly Template[] = []): Template {
  return {
    origin: name,
    isBuiltIn: false,
    manifest: { name, layers: [] },
    parents,
    readLayer: () => [],
    digest: () => `sha256:${name}`,
  };
}

/** A layer of files; a function is a file that is rendered. */
export function fakeLayer(
  template: Template,
  files: Readonly<Record<string, string | Uint8Array | Render>>,
  from = 'base',
): ActiveLayer {
  return {
    template,
    files: Object.entries(files).map(([path, content]) => ({
      path,
      content,
      executable: path.endsWith('.sh'),
      origin: `${template.origin}/${from}/${path}`,
    })),
  };
}
