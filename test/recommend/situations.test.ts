import { describe, expect, it } from 'vitest';
import { OPTIONS } from '../../src/options/table.js';
import { NOT_MEASURED } from '../../src/recommend/measurements.js';
import { recommend } from '../../src/recommend/recommend.js';
import { CANDIDATES, DEFAULTS } from './candidates.js';
import { SITUATIONS } from './situations.js';

describe('what is recommended', () => {
  it.each(SITUATIONS)('is $expected where $why', ({ requirements, expected }) => {
    const { recommended, verdict } = recommend(
      { ...DEFAULTS, ...requirements },
      CANDIDATES,
      NOT_MEASURED,
    );
    expect([...recommended].sort()).toEqual(expected.split(', ').sort());
    expect(verdict === 'tie').toBe(expected.includes(','));
  });

  it('is, of defaults, the framework that is the default', () => {
    const framework = OPTIONS.find((option) => option.name === 'framework');
    const { recommended } = recommend(DEFAULTS, CANDIDATES, NOT_MEASURED);
    expect(recommended).toEqual([framework?.default]);
  });
});
