import { runCases } from "./cases.js";

runCases("recurrent");
