import { expect, it } from "vitest";
import type { Translator } from "../../src/models/translator.js";
import { distances } from "../../src/study/distances.js";
import { pair } from "./measured.js";
import { smallModel } from "./small-model.js";

const rival = smallModel({ model: "rnnencdec" });
const names = async (model: Translator, other?: Translator): Promise<string[]> =>
  (await distances(model, pair, other)).curves.map(({ name }) => name);

it("distances have a curve for every condition that a model can be in", async () => {
  expect(await names(smallModel())).toEqual(["as it is", "α frozen", "recurrence cut"]);
  expect(await names(smallModel(), rival)).toEqual(["as it is", "α frozen", "recurrence cut", "no attention"]);
  expect(await names(rival, rival)).toEqual(["as it is", "recurrence cut"]);
});
