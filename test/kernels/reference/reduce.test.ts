import { runCases } from "./cases.js";

runCases("reduce");
