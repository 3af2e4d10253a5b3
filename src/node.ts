/** What needs files: runs kept in folders, sentence pairs read from them. Everything else is in `backflow`. */
export { readPairs, readTextFile } from "./data/pairs.node.js";
export { RunDirectory } from "./training/run-directory.node.js";
