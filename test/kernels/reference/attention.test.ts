import { runCases } from "./cases.js";

runCases("attention");
