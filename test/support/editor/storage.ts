/** What the editor has written down for its next start. */
import type { Page } from "playwright-core";
import { until } from "../waiting.ts";

/**
 * The editor writes down what views store every few seconds, not when its window is closed: waits until that holds
 * the words.
 */
export async function untilStored(page: Page, ...words: readonly string[]): Promise<void> {
  await until(`stored: ${words}`, async () => {
    const values = await page.evaluate(async () => {
      const databases = (await indexedDB.databases()).flatMap(({ name }) => name ?? []);
      const found = await Promise.all(
        databases.map(
          (name) =>
            new Promise<string>((resolve, reject) => {
              const opening = indexedDB.open(name);
              opening.onerror = () => reject(opening.error);
              opening.onsuccess = () => {
                const database = opening.result;
                if (!database.objectStoreNames.contains("ItemTable")) return resolve("");
                const all = database.transaction("ItemTable").objectStore("ItemTable").getAll();
                all.onerror = () => reject(all.error);
                all.onsuccess = () => resolve(all.result.map(String).join("\n"));
                database.close();
              };
            }),
        ),
      );
      return found.join("\n");
    });
    const plain = values.replaceAll("\\", "");
    return words.every((word) => plain.includes(word));
  });
}
