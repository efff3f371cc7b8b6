/** The package's own build without Node's modules: none of them is needed to parse flags. */
declare module 'yargs-parser/browser' {
  import parse from 'yargs-parser';
  export default parse;
  export type { Configuration } from 'yargs-parser';
}
