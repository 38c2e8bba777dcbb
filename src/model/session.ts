/**
 * A compiled program on the CPU: a thin layer over onnxruntime-node that keeps its types out of the rest.
 * The native library is loaded when the first program is opened, not before. `run` blocks its thread until
 * the program has ended, whatever its signature says: run it in a thread or process of its own.
 */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { Problem } from "../core/problem.ts";

export type TensorData = Float32Array | BigInt64Array;

export interface SessionOptions {
  readonly threads: number;
  /**
   * Whether buffers of a run are kept for the next. It saves some time in programs with large buffers, and holds
   * their memory until `release`.
   */
  readonly keepBuffers: boolean;
}

export class Session {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;

  private constructor(runtime: Runtime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** @throws Problem `unsupported` where ONNX Runtime cannot be loaded on this machine. */
  static async open(
    program: Uint8Array,
    { threads, keepBuffers }: SessionOptions,
  ): Promise<Session> {
    const runtime = await loadRuntime();
    const session = await runtime.InferenceSession.create(program, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableCpuMemArena: keepBuffers,
      // A plan of all buffers in one block would be held beside the arena of the first run: half as much again.
      enableMemPattern: false,
      // Waiting threads that spin cost two to three times the time as soon as another process wants the cores.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    return new Session(runtime, session);
  }

  /**
   * Feeds by input name; every input is to be fed with an array of its type and length. Arrays are read in place,
   * not copied. Outputs by name, in fresh arrays that belong to the caller.
   */
  async run(feeds: ReadonlyMap<string, TensorData>): Promise<ReadonlyMap<string, TensorData>> {
    const tensors: Record<string, Tensor> = {};
    for (const input of this.#session.inputMetadata) {
      const data = feeds.get(input.name);
      if (data === undefined) throw new Error(`session: input ${input.name} is not fed`);
      if (!input.isTensor) throw new Error(`session: input ${input.name} is no tensor`);
      const type = data instanceof Float32Array ? "float32" : "int64";
      if (type !== input.type) throw new Error(`session: input ${input.name} is ${input.type}`);
      // The constructor compares the array's length with the shape.
      tensors[input.name] = new this.#runtime.Tensor(type, data, input.shape as number[]);
    }
    const outputs = await this.#session.run(tensors);
    return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as TensorData]));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

type Runtime = typeof import("onnxruntime-node");

let loading: Promise<Runtime> | undefined;

/** Loads the native library, once. @throws Problem `unsupported` where there is none for this machine. */
export function loadRuntime(): Promise<Runtime> {
  loading ??= import("onnxruntime-node").catch((cause: unknown) => {
    loading = undefined;
    throw new Problem(
      "unsupported",
      `ONNX Runtime cannot be loaded on this machine (${process.platform} ${process.arch}).`,
      {
        next: "Use Linux or Windows on x64 or arm64, or macOS on arm64, and install the packages again.",
        cause,
      },
    );
  });
  return loading;
}
