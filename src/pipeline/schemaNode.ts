/** The JSON Schema of recipes, as far as it is used, and the way through it. Knows no schema library, so editors may have it. */

/** The part of a JSON Schema that recipes use. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  /** What may stand there, where a pattern would say it badly. */
  readonly allowed?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What stands at a path of keys and indices; undefined where nothing may stand there. */
export function nodeAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (typeof step === "number") {
      const list: SchemaNode | undefined = node?.anyOf?.find((one) => one.type === "array") ?? node;
      node = list?.prefixItems?.[step] ?? list?.items;
    } else {
      const properties = node?.properties ?? {};
      node = Object.hasOwn(properties, String(step)) ? properties[String(step)] : undefined;
    }
  }
  return node;
}
