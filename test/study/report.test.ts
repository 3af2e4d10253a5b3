import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { renderReport } from "../../src/study/report.js";
import { madeUpReport } from "../web/report-data.js";

const template = '<script type="application/json">"__REPORT_DATA__"</script>';
const between = (html: string): string => html.slice('<script type="application/json">'.length, -"</script>".length);

describe("renderReport", () => {
  it("puts data into the page that read back as they were, also where they spell </script> or $&", () => {
    const data = madeUpReport();
    data.summary.name = "$& $1 </script><!-- <script> \u2028 汤姆";
    const json = between(renderReport(template, data));
    expect(json).not.toMatch(/</);
    expect(JSON.parse(json)).toEqual(data);
  });

  it("refuses a template without a place for data, or with two", () => {
    expect(() => renderReport("<html></html>", madeUpReport())).toThrow(DataError);
    expect(() => renderReport(template + template, madeUpReport())).toThrow(/2 times instead of once/);
  });
});
