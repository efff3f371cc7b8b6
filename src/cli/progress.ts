import type { Output } from './output.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const LINE_MS = 10_000;

/**
 * Shows that something takes its time: a moving line at a terminal, elsewhere a line every ten seconds.
 * Returns what ends it.
 */
export function showProgress(output: Output, label: string): () => void {
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  if (!output.animated) {
    output.print(`${label} …`);
    const timer = setInterval(() => {
      output.note(`${label} … ${seconds()} s`);
    }, LINE_MS);
    return () => {
      clearInterval(timer);
    };
  }
  let frame = 0;
  const timer = setInterval(() => {
    output.redraw(`${FRAMES[frame++ % FRAMES.length] ?? ''} ${label} ${seconds()} s`);
  }, FRAME_MS);
  return () => {
    clearInterval(timer);
    output.redraw('');
  };
}
