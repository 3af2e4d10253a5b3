import { runCases } from "./cases.js";

runCases("crossEntropy");
