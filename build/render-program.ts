import { rolldown, type OutputChunk, type Plugin, type RolldownOptions } from 'rolldown';

/**
 * The program that renders the templates of others: one file that needs no other, since the process that runs it may read
 * none. The part of it that runs inside a template's context is bundled first, and is a text in it.
 */
export function renderProgram(): Plugin & { readonly modules: readonly string[] } {
  const modules: string[] = [];
  return {
    name: 'render-program',
    /** What went into it, for who asks for licences. */
    modules,
    async generateBundle() {
      const context = await bundle('src/template/render/render-context.ts', 'renderContext');
      const source = await bundle('src/template/render/render-process.ts', 'renderProcess', {
        RENDER_CONTEXT: JSON.stringify(`(() => { ${context.code} return renderContext; })()`),
      });
      modules.push(...context.moduleIds, ...source.moduleIds);
      this.emitFile({ type: 'asset', fileName: 'render-process.js', source: source.code });
    },
  };
}

/** A script that declares a variable with what the file exports. */
async function bundle(
  input: string,
  name: string,
  define: Readonly<Record<string, string>> = {},
): Promise<OutputChunk> {
  const options: RolldownOptions = {
    input,
    platform: 'node',
    transform: { define: { ...define } },
  };
  const built = await rolldown(options);
  const { output } = await built.generate({
    format: 'iife',
    name,
    minify: true,
    globals: (id) => `require(${JSON.stringify(id)})`,
  });
  await built.close();
  return output[0];
}
