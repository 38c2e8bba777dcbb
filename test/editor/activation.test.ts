import assert from "node:assert/strict";
import * as vscode from "vscode";

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe("the extension", () => {
  const extension = () => {
    const found = vscode.extensions.getExtension("fuselab.fuselab");
    assert.ok(found, "the editor does not know fuselab.fuselab");
    return found;
  };

  it("runs where the workspace is, in a Node extension host", () => {
    assert.equal(extension().extensionKind, vscode.ExtensionKind.Workspace);
    assert.equal(typeof process.versions.node, "string");
  });

  it("activates", async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it("has code behind every command that its manifest names, and names every command", async () => {
    const { contributes } = extension().packageJSON as Manifest;
    const named = contributes.commands.map(({ command }) => command).sort();
    const views = /\.(focus|open|resetViewLocation|removeView|toggleVisibility)$/;
    const bound = (await vscode.commands.getCommands(true))
      .filter((command) => command.startsWith("fuselab.") && !isOfView(command))
      .sort();
    assert.deepEqual(bound, named);

    /** The editor makes these itself, for each tree. */
    function isOfView(command: string): boolean {
      return views.test(command) && /^fuselab\.(runs|models)\./.test(command);
    }
  });
});
