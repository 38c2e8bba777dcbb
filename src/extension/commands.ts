/** Commands of the contract, registered and run by their ids; what they throw is shown in one way. */
import * as vscode from "vscode";
import type { CommandContract, CommandId } from "./commandContract.ts";
import type { Failures } from "./failures.ts";
import { trustSteps } from "./trust.ts";

export class Commands {
  readonly #failures: Failures;

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  bind<Id extends CommandId>(id: Id, act: CommandContract[Id]): vscode.Disposable {
    return vscode.commands.registerCommand(`fuselab.${id}`, async (...args: unknown[]) => {
      try {
        await (act as (...args: unknown[]) => Promise<void>)(...args);
      } catch (error) {
        this.#failures.show(error, trustSteps(error));
      }
    });
  }

  async run<Id extends CommandId>(id: Id, ...args: Parameters<CommandContract[Id]>): Promise<void> {
    await vscode.commands.executeCommand(`fuselab.${id}`, ...args);
  }
}
