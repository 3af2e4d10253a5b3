import { parseJson } from "../../bench/report/json.js";
import type { BenchReport } from "../../bench/report/report.js";
import { byId } from "../page/figure.js";
import { showReport } from "./show-report.js";

const report: BenchReport = parseJson(byId("report-data").textContent ?? "");
showReport(report);
