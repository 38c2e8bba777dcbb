/** Runs a generated ONNX program, for tests of graphs. */
import { InferenceSession, Tensor } from "onnxruntime-node";

export type Numbers = Float32Array | BigInt64Array;
export type Feeds = Readonly<Record<string, Numbers>>;

export interface Program {
  /** Shapes of the feeds are those of the program's inputs. */
  run(feeds: Feeds): Promise<Record<string, Numbers>>;
  /** Runs and answers one output, which is float32. */
  floats(feeds: Feeds, output: string): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function openProgram(bytes: Uint8Array, threads = 1): Promise<Program> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: threads });
  async function run(feeds: Feeds): Promise<Record<string, Numbers>> {
    const tensors: Record<string, Tensor> = {};
    for (const input of session.inputMetadata) {
      if (!input.isTensor) throw new Error(`${input.name} is no tensor`);
      const data = feeds[input.name];
      tensors[input.name] = new Tensor(
        data instanceof BigInt64Array ? "int64" : "float32",
        data,
        input.shape as number[],
      );
    }
    const outputs = await session.run(tensors);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, data as Numbers]),
    );
  }
  return {
    run,
    floats: async (feeds, output) => (await run(feeds))[output] as Float32Array,
    close: () => session.release(),
  };
}

/** Opens, runs once and closes. */
export async function runProgram(
  bytes: Uint8Array,
  feeds: Feeds,
): Promise<Record<string, Numbers>> {
  const program = await openProgram(bytes);
  try {
    return await program.run(feeds);
  } finally {
    await program.close();
  }
}

export const integers = (values: ArrayLike<number>): BigInt64Array =>
  BigInt64Array.from(Array.from(values), BigInt);

/** The largest |a − b| / max(1, |a|, |b|). */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.max(1, Math.abs(a[i]), Math.abs(b[i]));
    const difference = Math.abs(a[i] - b[i]) / size;
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
