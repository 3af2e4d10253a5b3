import { runCases } from "./cases.js";

runCases("copy");
